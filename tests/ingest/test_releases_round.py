"""What one round has met: no release twice, and no two releases under one id."""

from __future__ import annotations

from dataclasses import replace

from ingest.releases import Round
from ingest.types import Page, Source
from tests.fakes import a_release

ONE, TWO = "https://news.test/en/1", "https://news.test/en/2"


def at(address: str, *words: str) -> object:
    return replace(a_release(address, *words), url=address)


def test_the_same_release_at_a_second_address_was_met_before() -> None:
    """It has the id, and says the same."""
    met = Round()

    assert met.told_apart(at(ONE, "Words."), ONE) is not None
    assert met.told_apart(at(ONE, "Words."), f"{ONE}?ref=home") is None


def test_a_page_that_names_another_as_canonical_keeps_its_own_address() -> None:
    """Its words are others: a slip in a template would make all releases one."""
    met = Round()
    met.told_apart(at(ONE, "Words."), ONE)

    told = met.told_apart(at(ONE, "Quite other words."), TWO)

    assert told is not None
    assert (told.id, told.url) == (TWO, TWO)


def test_the_same_words_at_another_path_are_another_release() -> None:
    """A newsroom may say the same thing twice; only parameters are passed over."""
    met = Round()
    met.told_apart(at(ONE, "Words."), ONE)

    assert met.told_apart(at(TWO, "Words."), TWO) is not None
    assert met.told_apart(at(f"{ONE}?page=2", "Words."), f"{ONE}?page=2") is None
    assert met.first_with(at(f"{ONE}?page=2", "Words."), f"{ONE}?page=2") == ONE


def test_an_address_that_was_not_read_again_is_met_once() -> None:
    """And a second address with the same id is then taken for it, whatever it says."""
    met = Round()

    assert met.is_first(ONE)
    assert not met.is_first(ONE)
    assert met.told_apart(at(ONE, "Words."), f"{ONE}?ref=home") is None


def test_two_lines_with_one_id_are_told() -> None:
    """The same place named twice is no other."""
    met, source = Round(), Source("a.jsonl")
    first, second = Page("a.jsonl:1", "a", b"", source, line=1), Page("a.jsonl:2", "a", b"", source, line=2)
    release = a_release("one", "Words.")

    assert met.other_place(release, first) is None
    assert met.other_place(release, first) is None
    assert met.other_place(release, second) == "one.txt"
