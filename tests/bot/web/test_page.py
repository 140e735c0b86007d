"""The wording, whole in both languages, and which of them a request wants; and the pieces that templates write."""

from __future__ import annotations

import re
import string
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from bot.answering.retriever import WordMatch
from bot.web.page import PageWording, answer_pieces, chosen_language, matched_pieces, paragraphs
from tests.bot.releases import an_answer

WEB = Path(__file__).parents[3] / "bot" / "web"
TEXT = "First paragraph.\n\nSecond one, with words.\n \nThird."
SENTENCES = tomllib.loads((WEB / "wording.toml").read_text("utf-8"))


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_exists_in_both_languages_and_takes_the_same(key: str) -> None:
    """Neither is empty, and neither has a gap that the other has not."""
    gaps = [{name for _, name, _, _ in string.Formatter().parse(SENTENCES[key][one]) if name} for one in ("en", "fr")]

    assert set(SENTENCES[key]) == {"en", "fr"}
    assert all(SENTENCES[key].values())
    assert gaps[0] == gaps[1]


def test_every_sentence_is_said_somewhere() -> None:
    """And no page says what does not exist."""
    code = "\n".join(file.read_text("utf-8") for file in [*WEB.glob("*.py"), *WEB.glob("templates/*.html")])
    said = set(re.findall(r"(?:\bsay|self)\(\"(\w+)\"", code)) | set(re.findall(r"\(\"/\w*\", \"(\w+)\"\)", code))
    counted = {f"{key}_{form}" for key in re.findall(r"counted\(\"(\w+)\"", code) for form in ("one", "many")}
    named = ("language_", "event_", "standing_", "excuse_")
    built = {key for key in SENTENCES if key.startswith(named)}
    chosen = set(re.findall(r"say\(\"(\w+)\"\)", code))

    assert (said | counted | built | chosen) - set(named) == set(SENTENCES)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "fr", "fr"),
        ("", "de-CH, fr-CH;q=0.9, en;q=0.8", "fr"),
        ("", "en;q=0.2, fr;q=0.7", "fr"),
        ("", "fr;q=0, en;q=0.1", "en"),
        ("", "xx;q=bad, *;q=0.1, ,;", "en"),
        ("", "en, fr", "en"),
        ("", "fr, en", "fr"),
        ("lang=fr", "en", "fr"),
        ("lang=de", "fr", "fr"),
    ],
)
def test_the_language_is_the_one_chosen_else_the_browsers(query: str, accepted: str, language: str) -> None:
    """French or English, whatever else the browser likes better."""
    headers = [(b"accept-language", accepted.encode())]
    request = Request({"type": "http", "query_string": query.encode(), "headers": headers})

    assert chosen_language(request) == language


def test_numbers_and_days_are_written_as_in_their_language() -> None:
    """French has the singular for none, and a thin space between thousands."""
    english, french = PageWording("en", UTC), PageWording("fr", UTC)

    assert [english.counted("release", count) for count in (0, 1, 1200)] == [
        "0 releases",
        "1 release",
        "1,200 releases",
    ]
    assert [french.counted("release", count) for count in (0, 1200)] == ["0 communiqué", "1\u202f200 communiqués"]
    assert french.moment(datetime(2024, 3, 1, 9, 5, tzinfo=UTC)) == "1er mars 2024, 09 h 05"
    assert english.day(None) == "undated"


def test_a_bare_day_is_that_day_in_every_zone() -> None:
    """Without an hour."""
    wording = PageWording("en", ZoneInfo("America/Montreal"))

    assert wording.day(datetime(2024, 10, 17, tzinfo=UTC)) == "17 October 2024"
    assert wording.moment(datetime(2024, 10, 17, tzinfo=UTC)) == "17 October 2024"
    assert wording.moment(datetime(2024, 10, 17, 1, tzinfo=UTC)) == "16 October 2024, 21:00"


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
