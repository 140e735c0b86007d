"""Which pages does a source hold? Files, folders, and JSONL with one release a line."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import SourceError
from ingest.listing.address import canonical
from ingest.release import Page, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf"})
LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_LARGEST_PAGE = 50 * 2**20  # bytes; a release is thousands of times smaller, an endless file would fill the memory


@dataclass(frozen=True, slots=True)
class Failure:
    """Something of a source that could not be ingested: where it is, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source in a fixed order.

    `passed_over` are those of its folder that are in no known format, `unreadable` the folders that cannot be listed.
    """

    source: Source
    files: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()
    unreadable: tuple[Failure, ...] = ()


def identity_of(location: str) -> str:
    """The one form of a source's location, however it is written: `./news`, `news/`, the whole path, a link to it.

    Of an address the host, the port and escapes are evened out; what may choose another page stays as it is.
    """
    if location.lower().startswith(("http://", "https://")):
        return canonical(location)
    with contextlib.suppress(OSError, RuntimeError):  # an unknown `~user`, a circle of links
        return _identity(Path(location).expanduser())
    return location


def list_files(source: Source) -> Listing:
    """The files of a source: itself, or everything readable below a folder.

    Hidden files are passed over, and so is a folder's README, which is about the releases and none of them. Raises
    SourceError where there is nothing to read.
    """
    known = ", ".join(sorted(PAGE_SUFFIXES | LINE_SUFFIXES))
    try:
        top = Path(source.location).expanduser()
        is_file, is_folder = top.is_file(), top.is_dir()
    except (OSError, RuntimeError) as exc:  # no right to look there, a name too long, an unknown `~user`
        raise SourceError(source.location, f"cannot be read: {exc}") from exc
    if is_file:
        if not _is_known(top):
            raise SourceError(source.location, f"is in no known format; files may end in {known} (JSONL also in .gz)")
        return Listing(source, (top,))
    if not is_folder:
        raise SourceError(source.location, "no such file or folder; check the path")
    below, unreadable = _below(top)
    files = tuple(path for path in below if _is_known(path) and path.stem.upper() != "README")
    if not files and not unreadable:
        raise SourceError(source.location, f"holds no file in a known format ({known})")
    return Listing(source, files, tuple(path for path in below if not _is_known(path)), unreadable)


def count_pages(listing: Listing) -> int:
    """How many pages a listing holds, for a progress bar; counts the lines of JSONL files."""
    return sum(_count_lines(path) if is_lines(path) else 1 for path in listing.files)


def read_pages(listing: Listing) -> Iterator[Page | Failure]:
    """Every page of a listing in order; a file that cannot be read comes as a Failure and the rest goes on."""
    yield from listing.unreadable
    for path in listing.files:
        try:
            yield from _lines(path, listing.source) if is_lines(path) else [_page(path, listing.source)]
        except (OSError, EOFError, zlib.error) as exc:
            yield Failure(_shown(path), f"cannot be read: {_cause(exc)}")
        except SourceError as exc:
            yield Failure(exc.location, exc.cause)


def is_lines(path: Path) -> bool:
    """Whether a file holds one release a line."""
    return _suffix(path) in LINE_SUFFIXES


def _page(path: Path, source: Source) -> Page:
    if path.stat().st_size > _LARGEST_PAGE:
        raise SourceError(_shown(path), f"is larger than {_LARGEST_PAGE // 2**20} MiB; split it or leave it out")
    return Page(location=_shown(path), id=_identity(path), content=path.read_bytes(), source=source)


def _lines(path: Path, source: Source) -> Iterator[Page]:
    identity = _identity(path)
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as lines:
        for number in itertools.count(1):
            location = f"{_shown(path)}:{number}"
            line = lines.readline(_LARGEST_PAGE + 1)  # a few bytes of .gz can unpack to a line without an end
            if not line:
                return
            if len(line) > _LARGEST_PAGE:
                raise SourceError(location, f"this line is larger than {_LARGEST_PAGE // 2**20} MiB; leave it out")
            if line.strip():
                yield Page(location=location, id=identity, content=line, source=source, line=number)


def _count_lines(path: Path) -> int:
    """The lines of a file as far as it can be read; `read_pages` says what is wrong with the rest."""
    count = 0
    with contextlib.suppress(OSError, EOFError, zlib.error, SourceError):
        for _ in _lines(path, Source(str(path))):
            count += 1
    return count


def _below(top: Path) -> tuple[list[Path], tuple[Failure, ...]]:
    """The files below a folder in order, hidden ones left out, and the folders that cannot be listed."""
    denied: list[OSError] = []
    paths = [Path(folder, name) for folder, _, names in os.walk(top, onerror=denied.append) for name in names]
    # A link to nowhere is kept, to be reported; a pipe or a device is not, for reading it might never end.
    files = [path for path in paths if path.is_file() or not path.exists()]
    visible = sorted(path for path in files if not _is_hidden(path.relative_to(top)))
    unreadable = [Failure(_shown(Path(exc.filename)), f"cannot be listed: {_cause(exc)}") for exc in denied]
    return visible, tuple(unreadable)


def _identity(path: Path) -> str:
    """The same file has the same identity from whichever folder it is named."""
    return _shown(path.resolve())


def _shown(path: Path) -> str:
    """A path as text that can be stored and printed: file names may hold bytes that are no characters."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _cause(exc: Exception) -> str:
    """What went wrong, without the path, which stands before it already."""
    return exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)


def _suffix(path: Path) -> str:
    """The suffix that tells the format; `.gz` counts only behind a JSONL suffix."""
    if path.suffix.lower() == ".gz" and Path(path.stem).suffix.lower() in LINE_SUFFIXES:
        return Path(path.stem).suffix.lower()
    return path.suffix.lower()


def _is_known(path: Path) -> bool:
    return _suffix(path) in PAGE_SUFFIXES | LINE_SUFFIXES


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
