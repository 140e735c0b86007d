from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from ingest.linking import corrected_title, find_corrections
from vectorstore.types import Correction, Outline

DAY = datetime(2024, 5, 2, 9, tzinfo=UTC)


def outline(
    identity: str, title: str, day: int | None = 0, *, publisher: str | None = "Ministry", language: str = "en"
) -> Outline:
    """A release `day` days after the first, None for one without a date."""
    published = None if day is None else DAY + timedelta(days=day)
    return Outline(identity, language, title, published, publisher, url=None, pair=None)


@pytest.mark.parametrize(
    "title",
    [
        "Correction: Aid for Ukraine",
        "CORRECTION – Aid for Ukraine",
        "Correction - “Aid for Ukraine”",
        "Correction to the press release: Aid for Ukraine",
        "Corrigendum to the press release “Aid for Ukraine”",
        "[Corrected] Aid for Ukraine",
        "*** UPDATED *** Aid for Ukraine",
        "Aid for Ukraine (UPDATED)",
        "Aid for Ukraine – corrected",
        "UPDATE 1: Aid for Ukraine",
        "UPDATE 2-Aid for Ukraine",
        "Correction (2): Aid for Ukraine",
        "Correcting and Replacing Aid for Ukraine",
        "CORRECTING and REPLACING – Aid for Ukraine",
    ],
)
def test_a_title_names_what_it_corrects(title: str) -> None:
    """In the forms that newsrooms and wire services use."""
    assert corrected_title(title) == "Aid for Ukraine"


@pytest.mark.parametrize(
    "title",
    [
        "Rectificatif : Une aide pour Chypre",
        "Rectificatif\N{NO-BREAK SPACE}: « Une aide pour Chypre »",
        "RECTIFICATIF AU COMMUNIQUÉ DE PRESSE : Une aide pour Chypre",
        "Communiqué de presse rectifié : Une aide pour Chypre",
        "Erratum : Une aide pour Chypre",
        "Mise à jour : Une aide pour Chypre",
        "MISE A JOUR – Une aide pour Chypre",
        "Une aide pour Chypre (version corrigée)",
        "Une aide pour Chypre — Rectificatif",
    ],
)
def test_a_french_title_names_what_it_corrects(title: str) -> None:
    """With its spaces before colons, and capitals with and without accents."""
    assert corrected_title(title) == "Une aide pour Chypre"


@pytest.mark.parametrize(
    "title",
    [
        "Correction of public deficits: ministers agree",
        "Update on Ukraine",
        "Update on Ukraine: Allies agree",
        "Mise à jour du plan d'action",
        "Mise à jour du plan d'action : le Conseil décide",
        "Corrected figures for exports",
        "Correction de trajectoire : les ministres s'accordent",
        "Self-correction: how markets learn",
        "Updates: three things to know",
        "Correction",
        "Correction:",
        "",
    ],
)
def test_a_title_that_is_about_corrections_is_none(title: str) -> None:
    """The mark alone is not enough: what it stands before must be another title."""
    assert corrected_title(title) is None


def test_a_correction_is_joined_to_its_original() -> None:
    """A full stop or a word that was changed does no harm."""
    releases = [
        outline("a", "Allies pledge more aid for Ukraine in 2024."),
        outline("b", "Correction: Allies pledge more aid to Ukraine in 2024", 1),
        outline("c", "Allies meet in Brussels"),
    ]

    assert find_corrections(releases) == [Correction("b", "a")]


def test_a_mark_before_no_known_title_joins_nothing() -> None:
    """`Update: …` may be a heading like any other."""
    releases = [outline("a", "Allies meet in Brussels"), outline("b", "Update: fishing quotas for the Baltic Sea", 1)]

    assert find_corrections(releases) == []


def test_of_recurring_titles_the_latest_before_it_is_corrected() -> None:
    """Not the oldest, and none that came later."""
    weekly = [outline(f"week-{day}", "Weekly figures", day) for day in (0, 7, 14)]

    assert find_corrections([*weekly, outline("c", "Correction: Weekly figures", 8)]) == [Correction("c", "week-7")]


@pytest.mark.parametrize(
    "other",
    [
        outline("a", "Aid for Ukraine", publisher="Council"),
        outline("a", "Aid for Ukraine", language="fr"),
        outline("a", "Aid for Ukraine", 2),
        outline("a", "Aid for Ukraine", -400),
    ],
    ids=["publisher", "language", "later", "long ago"],
)
def test_a_title_alike_from_elsewhere_is_not_corrected(other: Outline) -> None:
    """Nor that of another newsroom, nor of another language, nor a later or a much older one."""
    assert find_corrections([other, outline("b", "Correction: Aid for Ukraine", 1)]) == []


def test_a_release_without_publisher_or_date_can_be_corrected() -> None:
    """What is not known is no reason against it."""
    releases = [outline("a", "Aid for Ukraine", None, publisher=None), outline("b", "Correction: Aid for Ukraine", 1)]

    assert find_corrections(releases) == [Correction("b", "a")]


def test_every_correction_of_a_chain_is_told_of_the_original() -> None:
    """And one that corrects the correction by name is joined to that."""
    releases = [
        outline("a", "Aid for Ukraine"),
        outline("b", "Correction: Aid for Ukraine", 1),
        outline("c", "UPDATE 2: Aid for Ukraine", 2),
        outline("d", "Update: Correction: Aid for Ukraine", 3),
    ]

    assert find_corrections(releases) == [Correction("b", "a"), Correction("c", "a"), Correction("d", "b")]


def test_two_corrections_do_not_correct_each_other() -> None:
    """Not even where the original is not stored, and both bear the same date."""
    title = "Allies pledge another 40 billion euros of military aid for Ukraine"

    assert find_corrections([outline("a", f"{title} (UPDATED)"), outline("b", f"Updated: {title}")]) == []


def test_the_order_of_releases_does_not_matter() -> None:
    """Corrections depend on the set alone."""
    releases = [outline(f"week-{day}", "Weekly figures", day) for day in range(0, 70, 7)]
    releases += [outline(f"fix-{day}", "Correction: Weekly figures", day + 1) for day in range(0, 70, 14)]
    shuffled = random.Random(1).sample(releases, len(releases))

    assert find_corrections(shuffled) == find_corrections(releases)
    assert len(find_corrections(releases)) == 5


def test_corrections_among_many_releases_take_no_time() -> None:
    """Titles are read once each, and only those of the year before are compared."""
    many = range(20_000)
    releases = [outline(f"{number}", f"Weekly figures of station {number}", number // 4) for number in many]
    releases += [outline(f"c{n}", f"Correction: Weekly figures of station {n}", n // 4 + 1) for n in many[::80]]
    begun = time.process_time()

    found = find_corrections(releases)

    assert time.process_time() - begun < 5
    assert Correction("c800", "800") in found
