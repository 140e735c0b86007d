"""The wording: whole in both languages, and the language that a request wants."""

from __future__ import annotations

import re
import string
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from bot.web.page import PageWording, chosen_language

WEB = Path(__file__).parents[3] / "bot" / "web"
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
