"""Names across languages."""

from __future__ import annotations

import pytest

from bot.language.names import known_names, missing_names, spellings
from tests.language_tables import each_row
from vectorstore.text import rows


@pytest.mark.parametrize("name", ["countries", "organisations", "places"])
def test_every_row_is_one_thing_in_both_languages(name: str) -> None:
    """Whatever English name is written, the French text has it, and the other way round."""
    missed = []
    for row in rows(name):
        english = [one for column, names in row.items() if column.startswith("english") for one in names]
        french = [one for column, names in row.items() if column.startswith("french") for one in names]
        for mine, other in ((english, french), (french, english)):
            missed += [one for one in mine[:1] for its in other[:1] if any(missing_names(f"It is {one}.", "en", [its]))]

    assert missed == []


@each_row("missing_names.jsonl", "sentence", "language", "quote", "listed", "others")
def test_a_name_that_stands_nowhere_is_missing(
    sentence: str, language: str, quote: str, listed: list[str], others: list[str]
) -> None:
    """Those of the tables, and others; "us" and "who" are none.

    A name is known in the other language by country, inhabitants, capital and acronym; the first word of a sentence
    only where it is a name elsewhere.
    """
    assert missing_names(sentence, language, [quote]) == (tuple(listed), tuple(others))


def test_the_longest_name_counts() -> None:
    """« Corée du Nord » is not « Corée du Sud », and holds no north."""
    north, south = known_names("la Corée du Nord"), known_names("South Korea")

    assert north
    assert south
    assert north[0].keys.isdisjoint(south[0].keys)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("otan", ["NATO", "OTAN", "North Atlantic Treaty Organization", "Organisation du traité de l’Atlantique nord"]),
        ("Swiss banks", []),
        ("Ukraine", []),
        ("Congo", ["DRC", "RDC"]),
        ("aid to Sweden", ["aid to Suède"]),
        ("who told us", []),
        ("", []),
    ],
)
def test_a_name_is_spelt_as_both_languages_have_it(text: str, others: list[str]) -> None:
    """By its first name and its abbreviations; not by one that holds the words that it has."""
    first, *rest = spellings(text)

    assert first == text
    assert rest == [one for one in others if one.casefold() != text]


def test_many_names_have_few_spellings() -> None:
    """Each is searched for."""
    assert len(spellings("Sweden, Germany, Switzerland, Norway, Denmark and Turkey")) == 12
