from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.extract import extract
from bot.extract.disagree import disagreement
from bot.extract.score import score
from bot.extract.sentences import sentences_of
from tests.bot.hits import a_hit, a_stored_release

TROOPS = "How many troops take part in the exercise?"
OLDER = "Some 4,000 troops take part in the exercise."


def differing(question: str, *texts: str, language: str = "en", pair: str | None = None) -> tuple[str, ...]:
    """The ids of releases that disagree, one for each text, each a month younger than the one before."""
    hits = []
    for number, text in enumerate(texts):
        release = a_stored_release(f"r{number}", text, language=language, pair=pair)
        hits.append(a_hit(replace(release, published=datetime(2024, number + 1, 1, tzinfo=UTC)), number + 1))
    found = disagreement(question, score(question, sentences_of(hits), language))
    return tuple(one.sentence.release.id for one in found) if found else ()


@pytest.mark.parametrize(
    ("question", "older", "newer", "language"),
    [
        (TROOPS, OLDER, "Some 6,500 troops take part in the exercise.", "en"),
        (
            TROOPS,
            "In all, 4,000 troops take part in the exercise.",
            "In all, 4,500 troops take part in the exercise.",
            "en",
        ),
        (TROOPS, OLDER, "More than 5,000 troops take part in the exercise.", "en"),
        (
            "Combien de navires participent à l’exercice ?",
            "Douze navires participent à l’exercice.",
            "Quinze navires participent à l’exercice.",
            "fr",
        ),
        (
            "How much does the bridge cost?",
            "The bridge will cost 3 million euros.",
            "The bridge will cost 4 million euros.",
            "en",
        ),
        ("Combien coûte le pont ?", "Le pont coûte 3,5 millions d’euros.", "Le pont coûte 5 millions d’euros.", "fr"),
        ("When does the bridge open?", "The bridge opens on 3 May 2024.", "The bridge opens on 8 May 2024.", "en"),
        ("Quand le pont ouvre-t-il ?", "Le pont ouvre le 3 mai.", "Le pont ouvre le 3 juin.", "fr"),
    ],
)
def test_two_values_for_one_thing_are_a_disagreement(question: str, older: str, newer: str, language: str) -> None:
    """The newer release comes first."""
    assert differing(question, older, newer, language=language) == ("r1", "r0")


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (TROOPS, OLDER, "Some 4 000 troops take part in the exercise."),
        (TROOPS, OLDER, "About 4,200 troops take part in the exercise."),
        (TROOPS, OLDER, "More than 3,900 troops take part in the exercise."),
        (TROOPS, OLDER, "Up to 5,000 troops take part in the exercise."),
        (TROOPS, OLDER, "Troops from 14 countries take part in the exercise."),
        (TROOPS, OLDER, "The troops take part in the exercise until May."),
        (TROOPS, "Finland sends 4,000 troops to the exercise.", "Norway sends 500 troops to the exercise."),
        (
            TROOPS,
            "In 2022, 4,000 troops took part in the exercise.",
            "In 2023, 9,000 troops took part in the exercise.",
        ),
        (TROOPS, OLDER, "Between 3,000 and 9,000 troops take part in the exercise."),
        ("How much does the bridge cost?", "The bridge costs 3 million euros.", "The bridge costs 4 million dollars."),
        ("How much does the bridge cost?", "The bridge costs 3 million euros.", "The bridge costs 3,000,000 euros."),
        ("When does the bridge open?", "The bridge opens on 3 May 2024.", "The bridge opens in May."),
        ("When does the bridge open?", "The bridge opens on 3 May.", "The bridge opens on Friday."),
        (
            "Who opens the bridge?",
            "The mayor opens the bridge with 3 guests.",
            "The king opens the bridge with 9 guests.",
        ),
        ("Why does the bridge cost more?", "The bridge costs 3 million more.", "The bridge costs 9 million more."),
    ],
)
def test_what_can_both_be_true_is_none(question: str, one: str, other: str) -> None:
    """Roundings, bounds, other names, other years, other units, less exact dates."""
    assert differing(question, one, other) == ()


def test_two_languages_of_one_release_do_not_disagree() -> None:
    """A slip of a translation is not two releases' difference."""
    assert differing(TROOPS, OLDER, "Some 9,000 troops take part in the exercise.", pair="p") == ()


def test_both_releases_are_quoted_newest_first() -> None:
    """Instead of whatever scored best."""
    texts = ("The new bridge in Bergen cost 3 million euros.", "The new bridge in Bergen cost 4 million euros.")
    releases = [
        replace(a_stored_release(f"r{n}", text, language="en"), published=datetime(2024, n + 1, 1, tzinfo=UTC))
        for n, text in enumerate(texts)
    ]

    evidence = extract(
        "How much did the new bridge in Bergen cost?",
        [a_hit(release, rank) for rank, release in enumerate(releases, 1)],
        language="en",
    )

    assert [citation.quote for citation in evidence.citations] == [texts[1], texts[0]]
    assert evidence.differing == (releases[1], releases[0])
