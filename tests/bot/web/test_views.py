"""What templates write: pieces that, put together again, are the text."""

from __future__ import annotations

import pytest

from bot.answering.retriever import WordMatch
from bot.web.views import answer_pieces, matched_pieces, paragraphs
from tests.bot.releases import an_answer

TEXT = "First paragraph.\n\nSecond one, with words.\n \nThird."


@pytest.mark.parametrize("place", [(0, 5), (6, 30), (0, len(TEXT)), (16, 18), (len(TEXT) - 1, len(TEXT))])
def test_a_place_is_marked_in_every_paragraph_that_it_touches(place: tuple[int, int]) -> None:
    """Exactly its characters, without the gaps between paragraphs; one mark alone is the first."""
    pieces = [piece for paragraph in paragraphs(TEXT, place) for piece in paragraph]

    marked = "".join(piece.text for piece in pieces if piece.marked)
    assert marked == TEXT[slice(*place)].replace("\n\n", "").replace("\n \n", "")
    assert sum(piece.first for piece in pieces) == bool(marked)
    assert "".join(piece.text for piece in pieces) == "First paragraph.Second one, with words.Third."


@pytest.mark.parametrize("place", [None, (5, 5), (9, 3), (-2, 4), (0, 10_000)])
def test_a_place_that_is_none_marks_nothing(place: tuple[int, int] | None) -> None:
    """Whatever an address says."""
    assert not any(piece.marked for paragraph in paragraphs(TEXT, place) for piece in paragraph)


def test_only_keys_of_citations_are_links() -> None:
    """A number in brackets of the text's own is text."""
    answer = an_answer(text="A quote. [1] A note. [7]", quote="A quote.")

    assert [piece.key for piece in answer_pieces(answer) if piece.key] == ["1"]
    assert "".join(piece.text for piece in answer_pieces(answer)).replace("\u00a0", " ") == answer.text


def test_what_nobody_sees_is_left_out() -> None:
    """Marks that turn the writing round, in an answer as in a release."""
    answer = an_answer(text="A\u202e quote. [1]", quote="A quote.")

    assert "\u202e" not in "".join(piece.text for piece in answer_pieces(answer))
    assert paragraphs("a\u202eb")[0][0].text == "ab"


def test_words_that_match_stand_out() -> None:
    """The rest of the passage is around them."""
    pieces = matched_pieces("the flag was raised", [WordMatch(4, 8, 1.0), WordMatch(13, 19, 0.8)])

    assert [(piece.text, piece.strong) for piece in pieces] == [
        ("the ", False), ("flag", True), (" was ", False), ("raised", True),
    ]  # fmt: skip
