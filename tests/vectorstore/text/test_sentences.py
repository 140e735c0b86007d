from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.language_tables import each_row
from vectorstore.text.sentences import LONGEST_QUOTATION, sentence_spans


def _split(text: str, language: str | None) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@each_row("sentences.jsonl", "sentences", "language")
def test_sentences_end_where_a_reader_ends_them(sentences: list[str], language: str) -> None:
    """Abbreviations, initials, figures and quotations end none."""
    assert _split(" ".join(sentences), language) == sentences


def test_a_no_break_space_counts_as_space() -> None:
    """Sentences joined by a no-break space are told apart, and figures with one inside stay whole."""
    text = "Une somme de 5\u00a0000 francs\u202f!\u00a0Une aubaine.\u2009Merci."

    assert _split(text, "fr") == ["Une somme de 5\u00a0000 francs\u202f!", "Une aubaine.", "Merci."]


def test_a_blank_line_always_ends_a_sentence() -> None:
    """A heading without a full stop is a sentence of its own, even inside an open quotation."""
    text = "Contexte\n\nIl dit : « Un début.\n\nUne suite. » Fin."

    assert _split(text, "fr") == ["Contexte", "Il dit : « Un début.", "Une suite. »", "Fin."]


def test_a_line_break_ends_a_heading_and_the_items_of_a_list() -> None:
    """Headings and bullets on lines of their own are not run together."""
    text = "Contexte\nLe Conseil a décidé ce qui suit :\n- aider les villes ;\n- former les jeunes.\nSuite"

    lines = _split(text, "fr")

    assert lines == text.split("\n")


def test_a_wrapped_line_does_not_end_a_sentence() -> None:
    """Text broken to fit a width reads as if it stood on one line, capitals at line starts included."""
    text = (
        "The council met in Geneva on Monday with President\n"
        "Zelensky, and agreed to send help to the east of\n"
        "his country. It rose at six."
    )

    assert _split(text, "en") == [text[: text.index(" It rose")], "It rose at six."]


def test_a_line_that_runs_on_in_lower_case_does_not_end_a_sentence() -> None:
    """A line break inside a phrase is not a border."""
    text = "Sont concernés : bleu (1),\nrouge (2) et\nvert (3).\nMerci."

    assert _split(text, "fr") == ["Sont concernés : bleu (1),\nrouge (2) et\nvert (3).", "Merci."]


def test_an_opening_mark_without_an_end_swallows_nothing() -> None:
    """A guillemet that is never closed leaves the sentences behind it apart."""
    text = "Il déclare : « Nous irons. Nous verrons. Nous gagnerons."

    assert len(_split(text, "fr")) == 3


def test_a_straight_mark_pairs_within_its_line() -> None:
    """A stray straight mark in a heading does not pair with one in the next line."""
    text = 'A 5" wheel turns. It stops.\nHe said "yes. Go on." It turns.'

    assert _split(text, "en") == ['A 5" wheel turns.', "It stops.", 'He said "yes. Go on."', "It turns."]


def test_marks_too_far_apart_are_no_quotation() -> None:
    """Two marks with more between them than any quotation holds do not keep sentences together."""
    filler = "Encore une phrase. " * (LONGEST_QUOTATION // 19 + 1)

    sentences = _split(f"« {filler}»", "fr")

    assert len(sentences) > LONGEST_QUOTATION // 19


def test_a_single_curly_quotation_stays_whole_despite_apostrophes() -> None:
    """British quotation marks keep a quotation whole, and an apostrophe inside does not end it."""
    text = "She said: ‘We don’t know. We’ll see.’ He left."

    assert _split(text, "en") == ["She said: ‘We don’t know. We’ll see.’", "He left."]


def test_an_unknown_language_has_the_habits_of_both() -> None:
    """Without a language, French and English abbreviations are both respected."""
    text = "M. Roux met Mr. Hill. Ils ont signé. Both left."

    assert _split(text, None) == ["M. Roux met Mr. Hill.", "Ils ont signé.", "Both left."]


def test_an_empty_text_has_no_sentence() -> None:
    """Nothing but space yields nothing."""
    assert sentence_spans(" \n\n \u00a0", "fr") == ()


@given(st.text(alphabet=st.sampled_from(list("aBé1.!?…,;:« »“”\"'’‘„()[]-•\n\u00a0\u202f")), max_size=120))
def test_every_character_lies_in_exactly_one_sentence(text: str) -> None:
    """Whatever the text, spans come in order, do not overlap, are trimmed, and leave out only space."""
    spans = sentence_spans(text, None)

    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
