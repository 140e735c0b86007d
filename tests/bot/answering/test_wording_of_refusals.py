from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from bot.answering.evidence import Evidence
from bot.answering.types import Searched
from bot.answering.wording import nothing_left, of_name, refuse
from tests.bot.hits import a_stored_release
from vectorstore.types import Filter

if TYPE_CHECKING:
    from bot.answering.retriever import SearchableStore

JUNE, JULY = datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
NEAREST = (a_stored_release("near", "Texte."),)


@pytest.mark.parametrize(
    ("language", "searched", "reason"),
    [
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
    assert refusal.nearest == NEAREST


class Archive:
    """Three releases by two publishers, as `nothing_left` asks a store about them."""

    held = (("en", "NATO", datetime(2024, 5, 3, tzinfo=UTC)), ("en", "NATO", datetime(2024, 9, 8, tzinfo=UTC)),
            ("fr", "Conseil", datetime(2024, 7, 14, tzinfo=UTC)))  # fmt: skip

    @property
    def records(self) -> Archive:
        return self

    def among(self, where: Filter | None) -> list[tuple[str, str, datetime]]:
        chosen = where or Filter()
        return [
            one
            for one in self.held
            if (not chosen.languages or one[0] in chosen.languages)
            and (not chosen.publishers or one[1] in chosen.publishers)
            and chosen.spans(one[2])
        ]

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        return dict(Counter(language for language, _, _ in self.among(where)))

    def publishers(self, where: Filter | None = None) -> list[tuple[str, int, None]]:
        return [(name, count, None) for name, count in Counter(name for _, name, _ in self.among(where)).items()]

    def count_releases(self, where: Filter | None = None) -> int:
        return len(self.among(where))

    def span(self, where: Filter | None = None) -> tuple[datetime | None, datetime | None]:
        days = [day for _, _, day in self.among(where)]
        return min(days, default=None), max(days, default=None)


@pytest.mark.parametrize(
    ("where", "english", "french"),
    [
        (
            Filter(languages=("de",)),
            "No release in de is stored; there are en (2), fr (1).",
            "Aucun communiqué en langue de n’est enregistré ; il y a en (2), fr (1).",
        ),
        (
            Filter(publishers=("Nato",)),
            "No release by Nato is stored; did you mean NATO?",
            "Aucun communiqué par Nato n’est enregistré ; vouliez-vous dire NATO ?",
        ),
        (
            Filter(publishers=("Bundestag",)),
            "No release by Bundestag is stored; there are NATO (2), Conseil (1).",
            "Aucun communiqué par Bundestag n’est enregistré ; il y a NATO (2), Conseil (1).",
        ),
        (
            Filter(since=datetime(2024, 10, 1, tzinfo=UTC)),
            "No release published since 1 October 2024; the newest is of 8 September 2024.",
            "Aucun communiqué publié depuis le 1er octobre 2024 ; le plus récent date du 8 septembre 2024.",
        ),
        (
            Filter(until=datetime(2024, 5, 1, tzinfo=UTC)),
            "No release published up to 30 April 2024; the oldest is of 3 May 2024.",
            "Aucun communiqué publié jusqu’au 30 avril 2024 ; le plus ancien date du 3 mai 2024.",
        ),
        (
            Filter(since=JUNE, until=JULY),
            "No release published from 1 June 2024 to 30 June 2024; the nearest are of 3 May 2024 and 14 July 2024.",
            "Aucun communiqué publié du 1er juin 2024 au 30 juin 2024 ; "
            "les plus proches datent du 3 mai 2024 et du 14 juillet 2024.",
        ),
        (
            Filter(languages=("fr",), since=datetime(2024, 8, 1, tzinfo=UTC)),
            "No release in fr published since 1 August 2024; the newest is of 14 July 2024.",
            "Aucun communiqué en langue fr publié depuis le 1er août 2024 ; le plus récent date du 14 juillet 2024.",
        ),
        (
            Filter(languages=("fr",), publishers=("NATO",)),
            "No release in fr by NATO is stored; there are en (2).",
            "Aucun communiqué en langue fr par NATO n’est enregistré ; il y a en (2).",
        ),
    ],
)  # fmt: skip
def test_what_leaves_nothing_to_search_is_named(where: Filter, english: str, french: str) -> None:
    """Language, publisher or period, and what there is instead."""
    archive = cast("SearchableStore", Archive())

    assert nothing_left(archive, where, "en") == english
    assert nothing_left(archive, where, "fr") == french


def test_an_empty_store_leaves_nothing_whatever_is_asked() -> None:
    """Then no bound is to blame."""
    archive = Archive()
    archive.held = ()

    assert nothing_left(cast("SearchableStore", archive), Filter(languages=("de",)), "en") == (
        "No release is stored: there is nothing to search."
    )


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("Anne Dupont", "fr", "d’Anne Dupont"),
        ("Marie Curie", "fr", "de Marie Curie"),
        ("le ministre de la Culture", "fr", "du ministre de la Culture"),
        ("Les maires", "fr", "des maires"),
        ("Leslie Knope", "fr", "de Leslie Knope"),
        ("the minister", "en", "of the minister"),
    ],
)
def test_a_name_stands_behind_of_as_the_language_has_it(name: str, language: str, text: str) -> None:
    """A vowel takes the e away, an article is drawn together."""
    assert of_name(name, language) == text
