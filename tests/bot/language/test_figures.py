from __future__ import annotations

import pytest

from bot.language.figures import find_figures, missing_figures


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("20,9 milliards d’euros", "fr", [{20.9e9}]),
        ("20.9 billion euros", "en", [{20.9e9}]),
        ("10⁶ litres, 42¹ per cent", "en", [{1e6}, {42.0}]),
        ("1 000, 1 000 and 1'000", "en", [{1000.0}, {1000.0}, {1000.0}]),
        ("1,000", "en", [{1.0, 1000.0}]),
        ("18 300 250 people", "en", [{18_300_250.0}]),
        ("1,234,567.8", "en", [{1234567.8}]),
        ("twenty-three of the thirty-two", "en", [{23.0}, {32.0}]),
        ("vingt et un, soixante et onze", "fr", [{21.0}, {71.0}]),
        ("quatre-vingt-dix-sept", "fr", [{97.0}]),
        ("two hundred and five thousand", "en", [{205_000.0}]),
        ("trois mille cinq cents", "fr", [{3500.0}]),
        ("deux mille vingt-quatre", "fr", [{2024.0}]),
        ("two and three", "en", [{2.0}, {3.0}]),
        ("three frigates and two ships", "en", [{3.0}, {2.0}]),
        ("one of the first", "en", []),
        ("l’un des premiers", "fr", []),
        ("the 31st, le 32e, troisième", "fr", [{31.0}, {32.0}, {3.0}]),
        ("2 per cent, deux pour cent", "fr", [{2.0}, {2.0}]),
        ("1er octobre 2024", "fr", [{1.0}, {"october"}, {2024.0}]),
        ("Thursday 17 October", "en", [{"thursday"}, {17.0}, {"october"}]),
        ("It may march on", "en", []),
        ("3 May", "en", [{3.0}, {"may"}]),
        ("2024-10-17", "en", [{2024.0}, {10.0, 17.0}, {"october"}]),
        ("un billion", "fr", [{1e12}]),
        ("a billion", "en", [{1e9}]),
        ("F-16", "en", [{16.0}]),
        ("", "en", []),
    ],
)
def test_figures_are_read_as_values(text: str, language: str, values: list[set[float | str]]) -> None:
    """In digits or words, French or English; each with what it may mean."""
    assert [set(one.readings) for one in find_figures(text, language)] == values


@pytest.mark.parametrize(
    ("sentence", "quote", "missing"),
    [
        ("La Suède a adhéré le 7 mars 2024.", "Sweden joined on 7 March 2024.", ()),
        ("Some 1,000 men", "mille hommes", ()),
        ("It cost 3 billion.", "3 milliards d’euros", ()),
        ("The first ship arrives in 2030.", "The first ship arrives in 2029.", ("2030",)),
        ("Twelve ships in June", "eleven ships in June", ("Twelve",)),
        ("on 5 May", "on 5 June", ("May",)),
    ],
)
def test_figures_that_a_quote_lacks_are_named(sentence: str, quote: str, missing: tuple[str, ...]) -> None:
    """As the sentence spells them; a quote in the other language holds its own."""
    french = "fr" if "mille" in quote or "milliards" in quote else "en"

    assert missing_figures(sentence, "fr" if sentence.startswith("La") else "en", [(quote, french)]) == missing


def test_a_figure_is_where_it_is_said_to_be() -> None:
    """Offsets hold."""
    text = "About 20,9 milliards more"

    (figure,) = find_figures(text, "fr")

    assert text[figure.start : figure.end] == "20,9 milliards"
