"""Offices and whose they are, row by row of the tables, in both languages."""

from __future__ import annotations

from itertools import product

import pytest

from bot.language.offices import is_by
from vectorstore.text import rows, table
from vectorstore.text.words import fold

_COUNTRIES = rows("countries")
_OFFICES = table("offices")["offices"]


def _named(row: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    return f"the prime minister of {row['english'][0]}", f"le Premier ministre de {row['french'][0]}"


def _described(row: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    english, french = row["english_adjective"][0], row["french_adjective"][0]
    return f"the {english} prime minister", f"le Premier ministre {french}"


def test_every_country_has_one_prime_minister_in_both_languages() -> None:
    """By its name and by its adjective."""
    told = [(one, other) for row in _COUNTRIES for one, other in product((*_named(row), *_described(row)), repeat=2)]

    assert [pair for pair in told if not is_by(*pair)] == []


@pytest.mark.parametrize("forms", [_named, _described])
def test_no_country_has_the_prime_minister_of_another(forms: object) -> None:
    """Where no adjective is that of both: « congolais » is. Each is compared with every ninth."""
    adjectives = [{fold(name) for column in list(row)[3:5] for name in row[column]} for row in _COUNTRIES]
    mixed = [
        (one, other)
        for at, row in enumerate(_COUNTRIES)
        for number in range((at + 1) % 9, len(_COUNTRIES), 9)
        if number != at and adjectives[at].isdisjoint(adjectives[number])
        for one, other in zip(forms(row), reversed(forms(_COUNTRIES[number])), strict=True)  # type: ignore[operator]
        if is_by(one, other)
    ]

    assert mixed == []


@pytest.mark.parametrize("row", _OFFICES, ids=lambda row: row["name"])
def test_every_office_is_one_in_both_languages(row: dict[str, list[str]]) -> None:
    """Whoever holds it, however that is written, is who is asked for by its first form."""
    forms = [form.replace("…", "defence") for language in ("en", "fr") for form in row[language]]

    assert [form for form in forms if not is_by(form, f"the {forms[0]}")] == []
    assert [form for form in forms if is_by("the gardener", form)] == []


@pytest.mark.parametrize("row", table("offices")["portfolios"], ids=lambda row: row["name"])
def test_every_portfolio_is_one_in_both_languages(row: dict[str, list[str]]) -> None:
    """« le ministre de la Santé » is the health minister, not the one for something else."""
    ministers = [f"the minister for {row['en'][0]}", *(f"le ministre de {form}" for form in row["fr"])]
    other = "sport" if row["name"] != "sport" else "culture"

    assert [pair for pair in product(ministers, repeat=2) if not is_by(*pair)] == []
    assert not is_by(ministers[0], f"the minister for {other}")
