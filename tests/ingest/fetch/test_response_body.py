from __future__ import annotations

import gzip
import os
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest

from ingest.errors import FetchError, PageTooLargeError, UnavailableError
from ingest.fetch import response as body
from ingest.fetch.response import Headers, RedirectChain

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = RedirectChain(("https://newsroom.test/a",))
WORDS = b"words " * 50_000


class Answer:
    """Bytes as a connection brings them, a few at a time, and what is said of them."""

    def __init__(self, content: bytes, packing: str = "gzip", *, step: int = 1_000, **headers: str) -> None:
        named = {"content-encoding": packing} | headers
        self.headers = Headers(tuple(named.items()))
        self.content = content
        self.step = step

    def __iter__(self) -> Iterator[bytes]:
        return (self.content[at : at + self.step] for at in range(0, len(self.content), self.step))


def read_body(answer: Answer, place: RedirectChain, *, largest: int) -> bytes:
    return body.read_body(answer.headers, answer, place, largest=largest)


def read_start(answer: Answer, place: RedirectChain, *, largest: int) -> bytes:
    return body.read_start(answer.headers, answer, place, largest=largest)


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("step", [1, 1_000, 10**6])
@pytest.mark.parametrize(
    ("packing", "packed"),
    [
        ("gzip", gzip.compress(WORDS, mtime=0)),
        ("X-GZip", gzip.compress(WORDS[:6], mtime=0) + gzip.compress(WORDS[6:], mtime=0) + b"\0\0\0"),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", raw_deflate(WORDS)),
        ("gzip", b""),
        ("identity", WORDS[:5_000]),
    ],
)
def test_a_packed_page_is_unpacked(packing: str, packed: bytes, step: int) -> None:
    """In one part or several, with padding behind it, in both readings of deflate, in pieces of any size."""
    expected = WORDS if len(packed) not in {0, 5_000} else packed

    assert read_body(Answer(packed, packing, step=step), PLACE, largest=len(WORDS)) == expected


def test_a_bomb_takes_no_memory() -> None:
    """1 GiB of zeros in a megabyte is left at the limit."""
    bomb = gzip.compress(bytes(2**24)) * 64
    tracemalloc.start()

    with pytest.raises(PageTooLargeError, match="1048576 bytes are allowed"):
        read_body(Answer(bomb, step=2**20), PLACE, largest=2**20)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 2**20


@pytest.mark.parametrize("kept", [5, 100, -1])
@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_page_cut_short_is_unavailable(packing: str, kept: int) -> None:
    """In its head, in its middle, in its last byte; never a shorter page."""
    noise = os.urandom(5_000)
    packed = gzip.compress(noise) if packing == "gzip" else zlib.compress(noise)

    with pytest.raises(UnavailableError, match="was cut short"):
        read_body(Answer(packed[:kept], packing), PLACE, largest=10_000)


def test_a_damaged_page_is_unavailable() -> None:
    """Its check sum tells."""
    packed = gzip.compress(WORDS, mtime=0)

    with pytest.raises(UnavailableError, match="cannot be unpacked"):
        read_body(Answer(packed[:-8] + bytes(8)), PLACE, largest=10**6)


def test_an_unknown_packing_is_refused() -> None:
    """What was not asked for cannot be unpacked to a limit."""
    with pytest.raises(FetchError, match="packed as 'br', though only gzip, deflate"):
        read_body(Answer(b"x", "br"), PLACE, largest=100)


@pytest.mark.parametrize("named", ["UTF-8", "none", "binary", "8bit", "utf8, identity", "", ",", "x" * 5_000, "Ã©"])
def test_what_names_no_packing_is_passed_over(named: str) -> None:
    """As browsers do; beside a packing too."""
    assert read_body(Answer(WORDS, named), PLACE, largest=len(WORDS)) == WORDS
    assert read_body(Answer(gzip.compress(WORDS), f"{named}, gzip"), PLACE, largest=len(WORDS)) == WORDS


def test_a_page_packed_twice_is_unpacked_twice() -> None:
    """In the reverse of the order in which the packings are named; three times is too much."""
    once = zlib.compress(WORDS)

    assert read_body(Answer(gzip.compress(once), "deflate, gzip"), PLACE, largest=len(WORDS)) == WORDS
    with pytest.raises(FetchError, match="packed as 'gzip, gzip, gzip'"):
        read_body(Answer(WORDS, "gzip, gzip, gzip"), PLACE, largest=len(WORDS))


def test_a_bomb_within_a_bomb_is_left_at_the_limit() -> None:
    """A layer that unpacks to parts of nothing is counted where it is unpacked."""
    bomb = gzip.compress(gzip.compress(b"") * 500_000)

    with pytest.raises(PageTooLargeError, match="goes on"):
        read_body(Answer(bomb, "gzip, gzip", step=2**16), PLACE, largest=10_000)


def test_a_page_in_thousands_of_packed_parts_is_refused() -> None:
    """Each would have to be begun, though it holds nothing."""
    with pytest.raises(FetchError, match="more than 1000 packed parts"):
        read_body(Answer(gzip.compress(b"") * 10_000, step=2**16), PLACE, largest=10**6)


@pytest.mark.parametrize("announced", ["", "nonsense", "-1", "9" * 30, "5, 5"])
def test_a_length_that_is_none_is_passed_over(announced: str) -> None:
    """What comes is counted anyway."""
    answer = Answer(b"words", "", **{"content-length": announced})

    assert read_body(answer, PLACE, largest=10) == b"words"


def test_pieces_that_unpack_to_nothing_have_an_end() -> None:
    """Empty parts one behind the other count as they were sent."""
    with pytest.raises(PageTooLargeError, match="goes on"):
        read_body(Answer(gzip.compress(b"") * 1_000), PLACE, largest=5_000)


def test_a_start_is_cut_where_it_is_to_end() -> None:
    """Nothing is refused for what follows."""
    assert read_start(Answer(gzip.compress(WORDS, mtime=0)), PLACE, largest=10) == WORDS[:10]
