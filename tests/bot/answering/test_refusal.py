from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.evidence import Evidence
from bot.answering.refusal import refuse
from bot.answering.types import Searched
from tests.bot.hits import a_stored_release

JUNE, JULY = datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
NEAREST = (a_stored_release("near", "Texte."),)


@pytest.mark.parametrize(
    ("language", "searched", "reason"),
    [
        ("fr", Searched(0), "Aucun communiqué : il n’y a rien à consulter."),
        (
            "en",
            Searched(0, JUNE, JULY),
            "No release published from 1 June 2024 to 30 June 2024: there is nothing to search.",
        ),
        ("fr", Searched(0, since=JUNE), "Aucun communiqué publié depuis le 1er juin 2024 : il n’y a rien à consulter."),
        ("en", Searched(1), "1 release searched: no sentence answers this question."),
        (
            "en",
            Searched(12, until=JULY, publishers=("NATO", "EU")),
            "12 releases searched, published up to 30 June 2024 by NATO, EU: no sentence answers this question.",
        ),
        (
            "fr",
            Searched(2, JUNE, JULY),
            "2 communiqués consultés, publiés du 1er juin 2024 au 30 juin 2024 : "
            "aucune phrase ne répond à cette question.",
        ),
        ("de", Searched(2), "2 releases searched: no sentence answers this question."),
    ],
)
def test_a_refusal_says_what_was_searched(language: str, searched: Searched, reason: str) -> None:
    """Number of releases, period and publishers, in the language of the question."""
    refusal = refuse(Evidence((), 0.1, NEAREST), searched, language)

    assert refusal.reason == reason
    assert refusal.searched == searched
    assert refusal.nearest == (NEAREST if searched.releases else ())
