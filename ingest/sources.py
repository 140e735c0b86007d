"""Which pages does a source hold? Files, folders, and JSONL with one release a line."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import SourceError
from ingest.release import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.release import Source

PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf"})
LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_LARGEST_PAGE = 50 * 2**20  # bytes; a release is thousands of times smaller, an endless file would fill the memory


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source in a fixed order, and how many others its folder holds that are in no known format."""

    source: Source
    files: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Something of a source that could not be ingested: where it is, and why."""

    source: str
    error: str


def list_files(source: Source) -> Listing:
    """The files of a source: itself, or everything readable below a folder.

    Hidden files are passed over, and so is a folder's README, which is about the releases and none of them. Raises
    SourceError where there is nothing to read.
    """
    top = Path(source.location).expanduser()
    if top.is_file():
        if not _is_known(top):
            known = ", ".join(sorted(PAGE_SUFFIXES | LINE_SUFFIXES))
            raise SourceError(source.location, f"is in no known format; files may end in {known} (JSONL also in .gz)")
        return Listing(source, (top,))
    if not top.is_dir():
        raise SourceError(source.location, "no such file or folder; check the path")
    below = [path for path in sorted(top.rglob("*")) if path.is_file() and not _is_hidden(path.relative_to(top))]
    files = tuple(path for path in below if _is_known(path) and path.stem.upper() != "README")
    if not files:
        known = ", ".join(sorted(PAGE_SUFFIXES | LINE_SUFFIXES))
        raise SourceError(source.location, f"holds no file in a known format ({known})")
    return Listing(source, files, tuple(path for path in below if not _is_known(path)))


def count_pages(listing: Listing) -> int:
    """How many pages a listing holds, for a progress bar; counts the lines of JSONL files."""
    return sum(_count_lines(path) if is_lines(path) else 1 for path in listing.files)


def read_pages(listing: Listing) -> Iterator[Page | Failure]:
    """Every page of a listing in order; a file that cannot be read comes as a Failure and the rest goes on."""
    for path in listing.files:
        try:
            yield from _lines(path, listing.source) if is_lines(path) else [_page(path, listing.source)]
        except (OSError, EOFError, zlib.error) as exc:
            yield Failure(str(path), f"cannot be read: {exc}")
        except SourceError as exc:
            yield Failure(exc.location, exc.cause)


def is_lines(path: Path) -> bool:
    """Whether a file holds one release a line."""
    return _suffix(path) in LINE_SUFFIXES


def _page(path: Path, source: Source) -> Page:
    if path.stat().st_size > _LARGEST_PAGE:
        raise SourceError(str(path), f"is larger than {_LARGEST_PAGE // 2**20} MiB; split it or leave it out")
    return Page(location=str(path), id=_identity(path), content=path.read_bytes(), source=source)


def _lines(path: Path, source: Source) -> Iterator[Page]:
    identity = _identity(path)
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield Page(location=f"{path}:{number}", id=identity, content=line, source=source, line=number)


def _count_lines(path: Path) -> int:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as lines:
            return sum(1 for line in lines if line.strip())
    except (OSError, EOFError, zlib.error):
        return 0  # read_pages says what is wrong with it


def _identity(path: Path) -> str:
    """The same file has the same identity from whichever folder it is named."""
    return path.resolve().as_posix()


def _suffix(path: Path) -> str:
    """The suffix that tells the format; `.gz` counts only behind a JSONL suffix."""
    if path.suffix.lower() == ".gz" and Path(path.stem).suffix.lower() in LINE_SUFFIXES:
        return Path(path.stem).suffix.lower()
    return path.suffix.lower()


def _is_known(path: Path) -> bool:
    return _suffix(path) in PAGE_SUFFIXES | LINE_SUFFIXES


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
