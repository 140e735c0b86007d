"""Two releases whose marked words contradict each other. Brackets stand around the words that a reader marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answering.evidence import disagreement
from bot.answering.ranking import ReadWindow
from bot.answering.reader import Reading
from bot.answering.windows import windows_of
from tests.bot.hits import a_hit, a_stored_release

TROOPS = "How many troops take part in the exercise?"
OLDER = "Some [4,000 troops] take part in the exercise."
COSTS = "How much does the bridge cost?"
OPENS = "When does the bridge open?"
WHO = "Who opens the bridge?"


def differing(question: str, *texts: str, language: str = "en", pair: str | None = None) -> tuple[str, ...]:
    """The ids of releases that disagree, one for each text, each a month younger than the one before."""
    read = []
    for number, text in enumerate(texts):
        plain = text.replace("[", "").replace("]", "")
        release = a_stored_release(f"r{number}", plain, language=language, pair=pair)
        dated = replace(release, published=datetime(2024, number + 1, 1, tzinfo=UTC))
        (window,) = windows_of([a_hit(dated, number + 1)])
        read.append(ReadWindow.of(window, Reading(text.find("["), text.find("]") - 1, 0.9), 0.9))
    found = disagreement(question, read)
    return tuple(one.window.release.id for one in found) if found else ()


@pytest.mark.parametrize(
    ("question", "older", "newer", "language"),
    [
        (TROOPS, OLDER, "Some [6,500 troops] take part in the exercise.", "en"),
        (TROOPS, "In all, [4,000] troops take part.", "In all, [4,500] troops take part.", "en"),
        (TROOPS, OLDER, "More than [5,000 troops] take part in the exercise.", "en"),
        ("Combien de navires ?", "[Douze navires] participent.", "[Quinze navires] participent.", "fr"),
        (COSTS, "The bridge will cost [3 million euros].", "The bridge will cost [4 million euros].", "en"),
        ("Combien coûte le pont ?", "Il coûte [3,5 millions d’euros].", "Il coûte [5 millions d’euros].", "fr"),
        (OPENS, "The bridge opens on [3 May 2024].", "The bridge opens [on 8 May 2024].", "en"),
        (
            "How many ships sail?",
            "The line has [nine ships], employs 580 people and carried 2.7 million in 2021.",
            "The line has [eleven ships], employs 640 people and carried 3.1 million in 2024.",
            "en",
        ),
        (
            "Combien de trains ?",
            "La ligne a [neuf trains], emploie 300 agents et a transporté 2,7 millions de voyageurs en 2021.",
            "La ligne a [onze trains], emploie 310 agents et a transporté 3,1 millions de voyageurs en 2024.",
            "fr",
        ),
        ("Quand le pont ouvre-t-il ?", "Le pont ouvre [le 3 mai].", "Le pont ouvre [le 3 juin].", "fr"),
    ],
)
def test_two_values_for_one_thing_are_a_disagreement(question: str, older: str, newer: str, language: str) -> None:
    """The newer release comes first."""
    assert differing(question, older, newer, language=language) == ("r1", "r0")


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (TROOPS, OLDER, "Some [4 000 troops] take part in the exercise."),
        (TROOPS, OLDER, "About [4,200 troops] take part in the exercise."),
        (TROOPS, OLDER, "More than [3,900 troops] take part in the exercise."),
        (TROOPS, OLDER, "Up to [5,000 troops] take part in the exercise."),
        (TROOPS, OLDER, "[Troops] take part in the exercise until May."),
        (TROOPS, "Norway and Finland send [4,000 troops].", "Norway and Sweden send [500 troops]."),
        (TROOPS, "In 2022, [4,000 troops] took part.", "In 2023, [9,000 troops] took part."),
        (TROOPS, "[4,000 troops] with 300 tanks took part in 2022.", "[9,000 troops] with 90 tanks took part in 2023."),
        (TROOPS, OLDER, "[Between 3,000 and 9,000 troops] take part in the exercise."),
        (COSTS, "The bridge costs [3 million euros].", "The bridge costs [4 million dollars]."),
        (COSTS, "The bridge costs [3 million euros].", "The bridge costs [3,000,000 euros]."),
        (OPENS, "The bridge opens on [3 May 2024].", "The bridge opens in [May]."),
        (OPENS, "The bridge opens on [3 May].", "The bridge opens on [Friday]."),
        (
            "When did Sweden join NATO?",
            "Sweden joined NATO on [7 March 2024].",
            "NATO’s exercise began on [24 January].",
        ),
        (
            "What is the unemployment rate?",
            "The unemployment rate stood at [2.1 per cent] in March.",
            "Professions with a rate of [8 per cent] must advertise their vacancies.",
        ),
        (
            "Quand entre en vigueur la loi ?",
            "La loi sur les forêts entre en vigueur le [1er janvier 2024].",
            "Le Conseil fixe au [1er mars 2023] le début de la nouvelle ordonnance et de la loi du travail.",
        ),
        (WHO, "[The mayor] opens the bridge with 3 guests.", "[The king] opens the bridge with 9 guests."),
    ],
)
def test_what_can_both_be_true_is_none(question: str, one: str, other: str) -> None:
    """Roundings, bounds, other names, other years, other units, less exact dates, other words around the value."""
    assert differing(question, one, other) == ()


def test_two_languages_of_one_release_do_not_disagree() -> None:
    """A slip of a translation is not two releases' difference."""
    assert differing(TROOPS, OLDER, "Some [9,000 troops] take part in the exercise.", pair="p") == ()
