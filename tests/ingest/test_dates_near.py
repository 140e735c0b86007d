from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.dates import DateLine, near_dates
from ingest.parse.furniture import is_closed

DAY = datetime(2024, 5, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "Posted on Tuesday, May 14, 2024 by Press Office",
        "Posté le mardi 14 mai 2024 par la rédaction",
        "Press release - No. 123 - Paris, 14 May 2024",
        "Publié le 14/05/2024 - Direction de l’information légale et administrative (Premier ministre)",
        "Le 14 mai 2024 – Ottawa (Ontario)",
        "Information réglementée - Publié le 14 mai 2024",
        "By Jane Miller on May 14, 2024",
        "Temps de lecture : 3 min — 14 mai 2024",
        "Written by the press office. Posted on 14 May 2024.",
        "Publication : 14 mai 2024.",
        "Le 14.5.24",
        "mar. 14/05/24",
        "14 May 24",
    ],
)
def test_words_around_a_date_do_not_hide_it(line: str) -> None:
    """Who published and where, a number, the kind of page."""
    assert near_dates(line) == DateLine(published=DAY)


@pytest.mark.parametrize(
    "line",
    [
        "Embargo until 14 May 2024",
        "Candidatures jusqu’au 14 mai 2024",
        "Event date: 14 May 2024",
        "Date de l’événement : 14 mai 2024",
        "Prochaine publication : 14 mai 2024",
        "Vérifié le 14 mai 2024",
        "The council met on 14 May 2024 in Paris.",
        "From 13 May 2024 to 14 May 2024",
        "Replies by 14 May 2024",
        "Replies by noon on 14 May 2024",
        "Le rapport a été publié le 14 mai 2024.",
        "Ref. 14.05.98",
        "Bear witness to how the harbour bridge was built and opened on 14 May 2024",
    ],
)
def test_a_date_of_something_else_is_passed_over(line: str) -> None:
    """Deadlines, events, checks, periods, sentences, and lines of many words that tell nothing of a publication."""
    assert near_dates(line) is None


def test_a_first_publication_is_told_from_the_version() -> None:
    """Each date is judged by the words before it."""
    line = "Version du 20 mai 2024 (première publication : 14 mai 2024)"
    assert near_dates(line) == DateLine(published=DAY, updated=datetime(2024, 5, 20, tzinfo=UTC))


def test_a_day_with_dots_may_begin_with_its_year():
    """As in Japan; a point between figures ends no sentence."""
    assert near_dates("2026.01.15") == DateLine(published=datetime(2026, 1, 15, tzinfo=UTC))
    assert not is_closed("2026.01.15")
