from __future__ import annotations

from bot.language.figures import find_figures, missing_figures
from tests.language_tables import each_row


@each_row("figures.jsonl", "text", "language", "values")
def test_figures_are_read_as_values(text: str, language: str, values: list[list[float | str]]) -> None:
    """In digits or words, French or English; each with what it may mean."""
    assert [set(one.readings) for one in find_figures(text, language)] == [set(readings) for readings in values]


@each_row("missing_figures.jsonl", "sentence", "language", "quote", "quote_language", "missing")
def test_figures_that_a_quote_lacks_are_named(
    sentence: str, language: str, quote: str, quote_language: str, missing: list[str]
) -> None:
    """As the sentence spells them; a quote in the other language holds its own."""
    assert list(missing_figures(sentence, language, [(quote, quote_language)])) == missing


def test_a_figure_is_where_it_is_said_to_be() -> None:
    """Offsets hold."""
    text = "About 20,9 milliards more"

    (figure,) = find_figures(text, "fr")

    assert text[figure.start : figure.end] == "20,9 milliards"
