"""A claim's quote in its passage."""

from __future__ import annotations

from datasets.claims import Claim

CLAIM = Claim("He left.", "en", "He left", "en", supported=True, passage="Mark Rutte spoke. He left the room.")


def test_what_stands_before_a_quote_ends_where_it_begins() -> None:
    """A pronoun's name is found there."""
    assert CLAIM.before == "Mark Rutte spoke."


def test_the_release_of_a_passage_holds_it_and_no_more() -> None:
    """The quote stands in it word for word; a day that nobody knows is none."""
    place = CLAIM.place

    assert place.quote == "He left"
    assert place.release.text == CLAIM.passage
    assert place.release.published is None
