from __future__ import annotations

import gzip

import pytest

import ingest.listing.discover
from ingest.errors import SourceError
from ingest.listing.discover import unpacked
from ingest.listing.feeds import refuse_entities


def test_gzip_is_told_by_its_first_bytes() -> None:
    """Several compressed files in a row are one; what is not compressed stays."""
    assert unpacked(gzip.compress(b"one ", mtime=0) + gzip.compress(b"two"), "https://x.fr/s") == b"one two"
    assert unpacked(b"<urlset/>", "https://x.fr/s.gz") == b"<urlset/>"


def test_what_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts for all compressed files of a row together."""
    monkeypatch.setattr(ingest.listing.discover, "_MOST_UNPACKED", 1_000)

    assert len(unpacked(gzip.compress(b"x" * 1_000, mtime=0), "https://x.fr/s")) == 1_000
    with pytest.raises(SourceError, match=r"https://x.fr/s: is larger than"):
        unpacked(gzip.compress(b"x" * 600, mtime=0) * 2, "https://x.fr/s")


def test_a_file_in_thousands_of_pieces_is_refused() -> None:
    """Each piece is cut from what is left: of half a million that takes for ever."""
    with pytest.raises(SourceError, match="is packed in more than 1000 pieces"):
        unpacked(gzip.compress(b"") * 500_000, "https://x.fr/s")


@pytest.mark.parametrize(
    ("content", "cause"),
    [(gzip.compress(b"x" * 99, mtime=0)[:-9], "cut off"), (b"\x1f\x8bnonsense", "cannot be unpacked: Error")],
)
def test_damaged_gzip_says_so(content: bytes, cause: str) -> None:
    """Half a list is not taken for a whole one."""
    with pytest.raises(SourceError, match=cause):
        unpacked(content, "https://x.fr/s")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    """In wide characters too."""
    with pytest.raises(SourceError, match="declares XML entities"):
        refuse_entities("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode(encoding), "https://x.fr/s")
