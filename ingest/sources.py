"""Which pages does a source hold? Files, folders, JSONL with one release a line, and what is piped in.

What a source on the web holds is read by `ingest.following`.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import hashlib
import io
import itertools
import json
import os
import re
import stat
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ingest.addresses import canonical
from ingest.errors import SourceError
from ingest.types import LINE_SUFFIXES, PAGE_SUFFIXES, Missing, Page, Source, UnchangedPage, WebPage, presumed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

STANDARD_INPUT = "-"
_LARGEST_PAGE = 50 * 2**20  # bytes; a release is thousands of times smaller, an endless file would fill the memory
_HIGHEST_RATIO = 100  # of unpacked to packed bytes: JSON comes to ten or twenty, gzip can do a thousand
_ANY_RATIO = 64 * 2**20  # unpacked bytes that may be packed as tightly as they like
_MOST_ODD = 1_000  # lines in a row that can be no release: each would be a failure, and be kept in memory till the end
_LEAST = len('{"body":"a"}')
_MOST_BLANK = 100_000  # lines in a row: what follows so many is no file of releases
_ODD = (
    (stat.S_ISFIFO, "a pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something of a source that could not be ingested: where it is, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class FileListing:
    """The files of a source in a fixed order.

    `passed_over` are those of its folder that are in no known format, `unreadable` the folders that cannot be listed
    and what is refused: links that lead out of the folder, pipes and devices.
    """

    source: Source
    files: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()
    unreadable: tuple[Failure, ...] = ()


def identity_of(location: str) -> str:
    """The one form of a source's location, however it is written: `./news`, `news/`, the whole path, a link to it.

    Of an address the host, the port and escapes are evened out; what may choose another page stays as it is.
    """
    if location == STANDARD_INPUT:
        return location
    if location.lower().startswith(("http://", "https://")):
        return canonical(location)
    with contextlib.suppress(OSError, RuntimeError):  # an unknown `~user`, a circle of links
        return _identity(Path(location).expanduser())
    return location


def list_files(source: Source) -> FileListing:
    """The files of a source: itself, or everything readable below a folder.

    Hidden files are passed over, and so is a folder's README, which is about the releases and none of them. Raises
    SourceError where there is nothing to read.
    """
    known = ", ".join(sorted(PAGE_SUFFIXES | LINE_SUFFIXES))
    try:
        top = Path(source.location).expanduser()
        mode = top.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as exc:  # ValueError: a NUL
        address = presumed(source.location)
        hint = f"check the path, or write {address} for an address" if address else "check the path"
        raise SourceError(source.location, f"no such file or folder; {hint}") from exc
    except (OSError, RuntimeError) as exc:  # no right to look there, a name too long, an unknown `~user`
        raise SourceError(source.location, f"cannot be read: {exc}") from exc
    if stat.S_ISREG(mode):
        if top.suffix.lower() == ".json":
            raise SourceError(
                source.location, "is JSON, which is read from standard input: `communique ingest - < FILE`"
            )
        if not _is_known(top):
            raise SourceError(source.location, f"is in no known format; files may end in {known} (JSONL also in .gz)")
        return FileListing(source, (top,))
    if not stat.S_ISDIR(mode):
        raise SourceError(source.location, _refusal(mode))
    tree = _Tree(top)
    files = tuple(path for path in tree.files if _is_known(path) and path.stem.upper() != "README")
    if not files and not tree.failures:
        raise SourceError(source.location, f"holds no file in a known format ({known})")
    passed_over = tuple(path for path in tree.files if not _is_known(path))
    return FileListing(source, files, passed_over, tuple(tree.failures))


def count_pages(listing: FileListing) -> int:
    """How many pages a listing holds, for a progress bar; counts the lines of JSONL files."""
    return sum(_count_lines(path) if is_lines(path) else 1 for path in listing.files)


def read_pages(listing: FileListing) -> Iterator[Page | Failure]:
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
    with _opened(path) as file:
        content = file.read(_LARGEST_PAGE + 1)
        if len(content) > _LARGEST_PAGE:
            raise SourceError(_shown(path), f"is larger than {_LARGEST_PAGE // 2**20} MiB; split it or leave it out")
    return Page(location=_shown(path), id=_identity(path), content=content, source=source)


def _opened(path: Path) -> io.BufferedReader:
    """A file to be read; never a pipe or a device, not even one that has just taken its place."""
    if not stat.S_ISREG(mode := path.stat().st_mode):
        raise SourceError(_shown(path), _refusal(mode))
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(mode := os.fstat(file.fileno()).st_mode):
        file.close()
        raise SourceError(_shown(path), _refusal(mode))
    return file


def _refusal(mode: int) -> str:
    kind = next((name for is_kind, name in _ODD if is_kind(mode)), "neither a file nor a folder")
    return f"is {kind}, which is not opened: name a file or a folder"


def _lines(path: Path, source: Source) -> Iterator[Page]:
    identity = _identity(path)
    blank = odd = 0
    with _opened(path) as file, gzip.GzipFile(fileobj=file) if path.suffix.lower() == ".gz" else file as lines:
        readline = _reader_of(lines)
        most = max(_ANY_RATIO, _HIGHEST_RATIO * os.fstat(file.fileno()).st_size)
        for number in itertools.count(1):
            location = f"{_shown(path)}:{number}"
            line = readline(_LARGEST_PAGE + 1)  # a few bytes of .gz can unpack to a line without an end
            if not line:
                return
            if len(line) > _LARGEST_PAGE:
                raise SourceError(location, f"this line is larger than {_LARGEST_PAGE // 2**20} MiB; leave it out")
            blank = 0 if line.strip() else blank + 1
            if blank > _MOST_BLANK:
                raise SourceError(location, f"{_MOST_BLANK:,} lines in a row are empty; the rest was not read")
            odd = 0 if blank or _may_be_release(line) else odd + 1
            if odd > _MOST_ODD:
                raise SourceError(location, f"{_MOST_ODD:,} lines in a row are no JSON objects; the rest was not read")
            if number % 256 == 0 and lines.tell() > most:
                raise SourceError(location, f"unpacks to over {_HIGHEST_RATIO} times its size; the rest was not read")
            if not blank:
                yield Page(location=location, id=identity, content=line, source=source, line=number)


_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _reader_of(lines: io.BufferedReader | gzip.GzipFile) -> Callable[[int], bytes]:
    """What reads a file line by line, in UTF-8 also if it is in UTF-16, in which every character has a second byte."""
    if not lines.peek(2).startswith(_WIDE):
        return lines.readline
    text = io.TextIOWrapper(lines, "utf-16", errors="replace", newline="\n")
    return lambda size: text.readline(size).encode()


def _plain_lines(content: bytes) -> bytes:
    """Lines in UTF-8, without the mark of their encoding; also such as are in UTF-16."""
    if content.startswith(_WIDE):
        return content.decode("utf-16", "replace").encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _may_be_release(line: bytes) -> bool:
    """Whether a line has the brackets of an object, and room for a field."""
    line = line.strip()
    return len(line) >= _LEAST and line.startswith(b"{") and line.endswith(b"}")


def _count_lines(path: Path) -> int:
    """The lines of a file as far as it can be read; `read_pages` says what is wrong with the rest."""
    count = 0
    with contextlib.suppress(OSError, EOFError, zlib.error, SourceError):
        for _ in _lines(path, Source(str(path))):
            count += 1
    return count


class _Tree:
    """The files below a folder in order, hidden ones left out, and what is to be told of the others.

    A link is followed where it leads to something else in the folder, once; one that leads out of it is refused, for
    who can write there could have any file read. A link to nowhere is kept, to be reported.
    """

    def __init__(self, top: Path) -> None:
        self._home = os.path.realpath(top)
        self._seen: set[str] = set()
        self._links: list[Path] = []
        self.files: list[Path] = []
        self.failures: list[Failure] = []
        self._walk(top)
        for link in self._links:  # it grows
            self._follow(link)
        self.files.sort()

    def _walk(self, top: Path) -> None:
        for folder, folders, names in os.walk(top, onerror=self._cannot_be_listed):
            here = os.path.realpath(folder)
            folders[:] = [] if here in self._seen else [name for name in folders if not name.startswith(".")]
            if here in self._seen:
                continue
            self._seen.add(here)
            self._links += [path for name in folders if (path := Path(folder, name)).is_symlink()]
            for path in (Path(folder, name) for name in names if not name.startswith(".")):
                self._links.append(path) if path.is_symlink() else self._take(path)

    def _follow(self, link: Path) -> None:
        target = os.path.realpath(link)
        if not link.exists():
            self.files.append(link)
        elif os.path.commonpath((self._home, target)) != self._home:
            if link.is_dir() or _is_known(link):
                cause = (
                    f"is a link that leads out of the folder, to {_shown(Path(target))}: ingest that by its own path"
                )
                self.failures.append(Failure(_shown(link), cause))
        elif target not in self._seen:
            self._walk(link) if link.is_dir() else self._take(link)

    def _take(self, path: Path) -> None:
        self._seen.add(os.path.realpath(path))
        try:
            mode = path.stat().st_mode
        except OSError:  # it has just gone: `read_pages` says so
            mode = stat.S_IFREG
        if stat.S_ISREG(mode):
            self.files.append(path)
        else:
            self.failures.append(Failure(_shown(path), _refusal(mode)))

    def _cannot_be_listed(self, exc: OSError) -> None:
        self.failures.append(Failure(_shown(Path(exc.filename)), f"cannot be listed: {_cause(exc)}"))


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


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run leaves out: releases beyond `limit`, and those published before `since`; undated ones stay in."""

    limit: int | None = None
    since: datetime | None = None


Item = Page | WebPage | UnchangedPage | Missing | Failure


class OpenSource(Protocol):
    """A source opened for reading."""

    @property
    def total(self) -> int:
        """How many items there will be."""
        ...

    @property
    def kind(self) -> str | None:
        """Which sort of list of addresses the source is, None where it is none."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know of the source."""
        ...

    @property
    def beyond_limit(self) -> int:
        """Pages left out by the limit."""
        ...

    @property
    def before_since(self) -> int:
        """Pages left out because they are too old, as far as that is known before they are read."""
        ...

    @property
    def taken_down(self) -> int:
        """Pages that are not read since an operator took their releases down."""
        ...

    def items(self) -> Iterator[Item]:
        """Every page in order, or what stands in its place."""
        ...


class FolderReading:
    """Files of a folder, or one file. Raises SourceError where there is nothing to read."""

    before_since = 0
    kind = None
    taken_down = 0

    def __init__(self, source: Source, limits: Limits) -> None:
        self._listing = list_files(source)
        self._limit = None if limits.limit is None else min(limits.limit, sys.maxsize)  # `islice` takes no more
        pages = count_pages(self._listing)
        self.total = pages if limits.limit is None else min(pages, limits.limit)
        self.beyond_limit = pages - self.total

    @property
    def warnings(self) -> tuple[str, ...]:
        """Says which files are in no known format."""
        passed_over = self._listing.passed_over
        if not passed_over:
            return ()
        suffixes = ", ".join(sorted({path.suffix or path.name for path in passed_over}))
        return (f"{self._listing.source.location}: left out: {len(passed_over)} in no known format ({suffixes})",)

    def items(self) -> Iterator[Page | Failure]:
        """Every page in order; a file that cannot be read comes as a Failure."""
        return itertools.islice(read_pages(self._listing), self._limit)


_PIPED = "standard input"
_HOW = "pipe a release into it, as in `communique ingest - < release.html`"
_LARGEST_PIPED = 4 * _LARGEST_PAGE  # bytes of all lines; more is better kept in a file


class StandardInputReading:
    """The pages of standard input, or of the `stream` that stands for it; a page is named by its content.

    Raises SourceError where nothing is piped in.
    """

    before_since = 0
    kind = None
    taken_down = 0
    warnings: tuple[str, ...] = ()

    def __init__(self, source: Source, limits: Limits, stream: BinaryIO | None = None) -> None:
        stream = stream or sys.stdin.buffer
        if stream.isatty():
            raise SourceError(_PIPED, f"is a terminal: {_HOW}")
        content = stream.read(_LARGEST_PIPED + 1)
        if len(content) > _LARGEST_PIPED:
            raise SourceError(_PIPED, f"holds more than {_LARGEST_PIPED // 2**20} MiB: save it, and ingest the file")
        if not content.strip():
            raise SourceError(_PIPED, f"is empty: {_HOW}")
        pages = list(_piped(content, source))
        self._pages = pages[: limits.limit]
        self.total = len(self._pages)
        self.beyond_limit = len(pages) - self.total

    def items(self) -> Iterator[Page]:
        """Every page in order."""
        return iter(self._pages)


def _piped(content: bytes, source: Source) -> Iterator[Page]:
    lines = _plain_lines(content)
    if _may_be_release(lines.lstrip().partition(b"\n")[0]):
        releases = enumerate(lines.splitlines(), 1)
    elif _JSON.match(lines):
        releases = enumerate(_json_objects(lines), 1)
    elif len(content) > _LARGEST_PAGE:
        raise SourceError(_PIPED, f"holds a page of more than {_LARGEST_PAGE // 2**20} MiB; split it or leave it out")
    else:
        digest = hashlib.sha256(content).hexdigest()[:16]
        yield Page(location=_PIPED, id=f"stdin:{digest}", content=content, source=source)
        return
    for number, release in releases:
        if release.strip():
            yield Page(location=f"{_PIPED}:{number}", id="stdin", content=release, source=source, line=number)


_JSON = re.compile(rb'\A\s*+(?:\[\s*+)?+\{\s*+"')  # an object, or an array of them
_VALUE = re.compile(r"[^\s,\[\]]")


def _json_objects(content: bytes) -> Iterator[bytes]:
    """Each object of JSON in any layout, one after the other or in arrays: what `jq` prints."""
    end = 0
    try:
        text = content.decode()
        while found := _VALUE.search(text, end):
            _, end = json.JSONDecoder().raw_decode(text, found.start())
            yield text[found.start() : end].encode()
    except (ValueError, RecursionError) as exc:
        raise SourceError(_PIPED, f"begins as JSON, and is none: {exc}") from exc
