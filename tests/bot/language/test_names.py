"""Names across languages."""

from __future__ import annotations

import pytest

from bot.language.names import known_names, missing_names
from vectorstore.text.tables import rows


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


@pytest.mark.parametrize(
    ("sentence", "language", "held"),
    [
        ("La Grèce et l’OMS ont signé à Pékin.", "fr", "Greek officials and the WHO signed in China."),
        ("The ECB and the IAEA met in Athens.", "en", "La BCE et l’AIEA se sont réunies à Athènes."),
        ("Norwegian ships left.", "en", "Ships of Norway left."),
        ("Ships left.", "en", "All ships left."),
        ("Mr Rutte spoke.", "en", "M. Rutte a parlé."),
    ],
)
def test_a_name_is_known_in_another_language(sentence: str, language: str, held: str) -> None:
    """By country, inhabitants, capital and acronym; the first word only where it is a name elsewhere."""
    assert missing_names(sentence, language, [held]) == ((), ())


@pytest.mark.parametrize(
    ("sentence", "listed", "others"),
    [
        ("Denmark signed.", ("Denmark",), ()),
        ("The ships of Siemens left.", (), ("Siemens",)),
        ("They told us who signed.", (), ()),
    ],
)
def test_a_name_that_stands_nowhere_is_missing(sentence: str, listed: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Those of the tables, and others; "us" and "who" are none."""
    assert missing_names(sentence, "en", ["Norwegian ships left."]) == (listed, others)


def test_the_longest_name_counts() -> None:
    """« Corée du Nord » is not « Corée du Sud », and holds no north."""
    north, south = known_names("la Corée du Nord"), known_names("South Korea")

    assert north
    assert south
    assert north[0].keys.isdisjoint(south[0].keys)
