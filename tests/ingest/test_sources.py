from __future__ import annotations

import gzip
import os
import re
import socket
import stat
from pathlib import Path

import pytest

import ingest.sources
from ingest.errors import SourceError
from ingest.sources import Failure, count_pages, identity_of, list_files, read_pages
from ingest.types import Page, Source


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("words")


def read(path: Path) -> list[Page | Failure]:
    return list(read_pages(list_files(Source(str(path)))))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_lines_with_a_mark_of_their_encoding_are_read(tmp_path: Path, name: str, encoding: str) -> None:
    """In UTF-16 every character has a second byte, a line's end too."""
    content = '{"body": "Été 1."}\n{"body": "Été 2."}\n'.encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    pages = [page for page in read(tmp_path / name) if isinstance(page, Page)]

    assert [page.content.decode("utf-8-sig").strip() for page in pages] == ['{"body": "Été 1."}', '{"body": "Été 2."}']


def test_a_folder_is_read_with_all_below_it_in_a_fixed_order(tmp_path: Path) -> None:
    """Folders with spaces and accents too, and suffixes in capitals."""
    fill(tmp_path, "b.md", "Communiqués de presse/été.HTML", "a/deep/er.pdf", "a/x.NDJSON")

    files = list_files(Source(str(tmp_path))).files

    names = [path.relative_to(tmp_path).as_posix() for path in files]
    assert names == ["Communiqués de presse/été.HTML", "a/deep/er.pdf", "a/x.NDJSON", "b.md"]


def test_what_is_about_releases_or_hidden_is_passed_over(tmp_path: Path) -> None:
    """A README and hidden files are no releases; files of other formats are counted."""
    fill(tmp_path, "a.md", "README.md", "sub/readme.txt", ".hidden.md", ".git/b.md", "picture.png", "data.gz")

    listing = list_files(Source(str(tmp_path)))

    assert [path.name for path in listing.files] == ["a.md"]
    assert [path.name for path in listing.passed_over] == ["data.gz", "picture.png"]


def test_a_hidden_folder_or_a_readme_may_be_named(tmp_path: Path) -> None:
    """Only what lies below the named place is judged by its name."""
    fill(tmp_path, ".news/README.md", ".news/a.md")

    assert len(list_files(Source(str(tmp_path / ".news" / "README.md"))).files) == 1
    assert [path.name for path in list_files(Source(str(tmp_path / ".news"))).files] == ["a.md"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("nowhere", "no such file or folder"),
        ("nowhere\0", "no such file or folder"),
        ("n" * 300, "cannot be read: .*too long"),
        ("picture.png", "in no known format; files may end in .*html"),
        ("a.json", "is JSON, which is read from standard input"),
        ("pictures", "holds no file in a known format"),
    ],
)
def test_a_source_with_nothing_to_read_says_why(tmp_path: Path, name: str, cause: str) -> None:
    """Each cause has its own words, and the location is the one that was named."""
    fill(tmp_path, "picture.png", "a.json", "pictures/one.png")

    with pytest.raises(SourceError, match=cause) as caught:
        list_files(Source(str(tmp_path / name)))

    assert caught.value.location == str(tmp_path / name)


def test_an_unknown_user_is_a_source_error() -> None:
    """`~nobody-of-that-name/x` is told as any wrong path is."""
    with pytest.raises(SourceError, match="cannot be read"):
        list_files(Source("~no-such-user-here/releases"))


def test_files_of_one_name_in_two_folders_have_two_identities(tmp_path: Path) -> None:
    """A page is identified by its full path."""
    fill(tmp_path, "fr/release.txt", "en/release.txt")

    identities = {page.id for page in read(tmp_path) if isinstance(page, Page)}

    assert identities == {f"{tmp_path.resolve()}/en/release.txt", f"{tmp_path.resolve()}/fr/release.txt"}


def test_a_file_has_one_identity_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative, absolute, or through its folder."""
    fill(tmp_path, "in/a.md")
    monkeypatch.chdir(tmp_path)

    pages = [*read(Path("in")), *read(Path("in/../in/a.md")), *read(tmp_path / "in")]

    assert len({page.id for page in pages if isinstance(page, Page)}) == 1


def test_every_line_is_a_page_with_its_number(tmp_path: Path) -> None:
    """Blank lines are no pages, but they count."""
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1, "b": 2}\r\n\n  \n{"b": 2}')

    pages = [page for page in read(tmp_path / "a.jsonl") if isinstance(page, Page)]

    assert [(page.line, page.content) for page in pages] == [(1, b'{"a": 1, "b": 2}\r\n'), (4, b'{"b": 2}')]
    assert pages[1].location == f"{tmp_path}/a.jsonl:4"


def test_compressed_lines_are_read_as_they_are(tmp_path: Path) -> None:
    """`.jsonl.gz` and `.JSONL.GZ`."""
    (tmp_path / "a.JSONL.GZ").write_bytes(gzip.compress(b"one\ntwo\n"))

    listing = list_files(Source(str(tmp_path)))

    assert [page.content for page in read_pages(listing) if isinstance(page, Page)] == [b"one\n", b"two\n"]
    assert count_pages(listing) == 2


def test_a_cut_file_gives_what_came_before_the_cut_and_a_failure(tmp_path: Path) -> None:
    """The lines that can be unpacked are not lost."""
    packed = gzip.compress(os.urandom(200_000).hex().encode() + b"\n" + b"last\n")
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"first\n") + packed[: len(packed) // 2])

    first, failure = read(tmp_path / "a.jsonl.gz")

    assert isinstance(first, Page)
    assert first.content == b"first\n"
    assert isinstance(failure, Failure)
    assert failure.source == f"{tmp_path}/a.jsonl.gz"


def test_a_line_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to an endless line does not fill the memory; its number is told."""
    monkeypatch.setattr(ingest.sources, "_LARGEST_PAGE", 1_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"ok\n" + b"x" * 5_000))

    _, failure = read(tmp_path / "a.jsonl.gz")

    assert isinstance(failure, Failure)
    assert failure.source == f"{tmp_path}/a.jsonl.gz:2"
    assert "is larger than" in failure.error


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is looked at before its bytes."""
    monkeypatch.setattr(ingest.sources, "_LARGEST_PAGE", 3)
    fill(tmp_path, "a.md")

    (failure,) = read(tmp_path)

    assert isinstance(failure, Failure)
    assert "split it or leave it out" in failure.error


def test_a_file_that_may_not_be_read_is_a_failure_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's own words, with the path once; acted, for root may read everything."""
    fill(tmp_path, "a.md", "b.md")
    really = os.open

    def refuse(path: Path, flags: int, *mode: int, **place: int) -> int:
        if Path(path).name == "a.md":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, flags, *mode, **place)

    monkeypatch.setattr(os, "open", refuse)
    failure, page = read(tmp_path)

    assert failure == Failure(f"{tmp_path}/a.md", "cannot be read: Permission denied")
    assert isinstance(page, Page)


def test_a_folder_that_may_not_be_listed_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not passed over in silence; acted, for root may list everything."""
    fill(tmp_path, "a.md", "closed/b.md")
    really = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        failure, page = read(tmp_path)

    assert failure == Failure(f"{tmp_path}/closed", "cannot be listed: Permission denied")
    assert isinstance(page, Page)


def test_a_link_to_nowhere_is_a_failure(tmp_path: Path) -> None:
    """A release that was moved away under its link is missed by somebody."""
    fill(tmp_path, "a.md")
    (tmp_path / "b.md").symlink_to(tmp_path / "moved.md")

    page, failure = read(tmp_path)

    assert isinstance(page, Page)
    assert failure == Failure(f"{tmp_path}/b.md", "cannot be read: No such file or directory")


ODD = {
    "a pipe": (os.mkfifo, "is a pipe (FIFO), which is not opened"),
    "a socket": (lambda path: socket.socket(socket.AF_UNIX).bind(str(path)), "is a socket, which is not opened"),
    "a device": (
        lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)),
        "is a device, which is not opened",
    ),
}


@pytest.mark.filterwarnings("ignore:unclosed <socket")
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_named_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A pipe nobody writes to would hold up the run for ever, and a device never ends; in a folder and by itself."""
    make, cause = ODD[kind]
    fill(tmp_path, "a.md")
    monkeypatch.chdir(tmp_path)  # the path of a socket may not be long
    try:
        make(Path("b.md"))
    except PermissionError:
        pytest.skip("only root makes devices")

    failure, page = read(tmp_path)

    assert isinstance(page, Page)
    assert isinstance(failure, Failure)
    assert (failure.source, failure.error.split(":")[0]) == (f"{tmp_path}/b.md", cause)
    with pytest.raises(SourceError, match=re.escape(cause)):
        read(tmp_path / "b.md")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    """Between the listing and the reading of a folder, somebody may have done that."""
    fill(tmp_path, "a.md", "b.md")
    listing = list_files(Source(str(tmp_path)))
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")

    failure, page = read_pages(listing)

    assert isinstance(failure, Failure)
    assert failure.error.startswith("is a pipe (FIFO)")
    assert isinstance(page, Page)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Whether to a file or to a folder, and by whatever way; the others are read."""
    fill(tmp_path, "secret/key.md", "in/a.md", "in/sub/b.md")
    (tmp_path / "in/key.md").symlink_to(tmp_path / "secret/key.md")
    (tmp_path / "in/more").symlink_to("../secret")
    (tmp_path / "in/sub/up.md").symlink_to("../more/key.md")

    *failures, first, second = read(tmp_path / "in")

    assert [page.location for page in (first, second) if isinstance(page, Page)] == [
        f"{tmp_path}/in/a.md",
        f"{tmp_path}/in/sub/b.md",
    ]
    assert {each.source for each in failures if isinstance(each, Failure)} == {
        f"{tmp_path}/in/key.md",
        f"{tmp_path}/in/more",
        f"{tmp_path}/in/sub/up.md",
    }
    cause = (
        f"is a link that leads out of the folder, to {tmp_path.resolve()}/secret/key.md: ingest that by its own path"
    )
    assert Failure(f"{tmp_path}/in/key.md", cause) in failures


def test_a_link_within_the_folder_is_followed_once(tmp_path: Path) -> None:
    """Not where the same stands there under its own name; loops come to an end."""
    fill(tmp_path, "a.md", ".old/b.md", ".old/deep/c.md")
    for name, target in {
        "again.md": "a.md",
        "current": ".old",
        "same": ".old",
        "deep": ".old/deep",
        ".old/deep/loop": "../..",
        "loop": ".",
        "one.md": "other.md",
        "other.md": "one.md",
    }.items():
        (tmp_path / name).symlink_to(target)

    pages = read(tmp_path)

    names = sorted(Path(page.id).name for page in pages if isinstance(page, Page))
    assert names == ["a.md", "b.md", "c.md"]
    assert [each for each in pages if isinstance(each, Failure)] == [
        Failure(f"{tmp_path}/{name}.md", "cannot be read: Too many levels of symbolic links")
        for name in ("one", "other")
    ]


def test_a_link_may_be_named_itself(tmp_path: Path) -> None:
    """Who names it wants what it leads to."""
    fill(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "link.md").symlink_to("real/a.md")

    pages = [*read(tmp_path / "link"), *read(tmp_path / "link.md")]

    assert [page.id for page in pages if isinstance(page, Page)] == [f"{tmp_path.resolve()}/real/a.md"] * 2


@pytest.mark.parametrize(
    ("line", "cause"),
    [(b"\n", "1,000 lines in a row are empty"), (b'{"a": 1, "b": 2}\n', "unpacks to over 100 times its size")],
)
def test_a_file_that_unpacks_without_end_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, cause: str
) -> None:
    """What stands at its beginning is read, and its end is not looked for."""
    monkeypatch.setattr(ingest.sources, "_ANY_RATIO", 2**20)
    monkeypatch.setattr(ingest.sources, "_MOST_BLANK", 1_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"first": 1}\n' + line * 2_000_000))

    first, *_, failure = read(tmp_path)

    assert isinstance(first, Page)
    assert first.content == b'{"first": 1}\n'
    assert isinstance(failure, Failure)
    assert cause in failure.error


def test_a_name_that_is_no_text_is_told_in_text(tmp_path: Path) -> None:
    """Bytes of another encoding in a file's name can be stored and printed."""
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("words")

    (page,) = read(tmp_path)

    assert isinstance(page, Page)
    assert page.id.encode().endswith(b"caf\\xe9.md")
    assert page.content == b"words"


@pytest.mark.parametrize(
    "address",
    [
        "HTTPS://news.test/feed.xml",
        "https://News.Test:443/feed.xml",
        "https://news.test/./feed.xml#top",
        "https://news.test/%66eed.xml",
    ],
)
def test_an_address_is_one_source_however_it_is_written(address: str) -> None:
    """Host, port and escapes do not choose a page."""
    assert identity_of(address) == "https://news.test/feed.xml"


@pytest.mark.parametrize(
    "address", ["https://news.test/feed", "https://news.test/Feed.xml", "http://news.test/feed.xml"]
)
def test_what_may_be_another_page_is_another_source(address: str) -> None:
    assert identity_of(address) != identity_of("https://news.test/feed.xml")


def test_a_path_that_leads_nowhere_stays_as_it_is() -> None:
    assert identity_of("~nobody-of-that-name/news") == "~nobody-of-that-name/news"
