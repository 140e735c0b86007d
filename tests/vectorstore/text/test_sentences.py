from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.text.sentences import LONGEST_QUOTATION, sentence_spans

FRENCH = [
    "Le président M. Zelensky est arrivé.|Il a parlé.",
    "Mme Dr. Weber et MM. Favre et Roux ont signé.|La séance est levée.",
    "Selon l’art. 5, al. 2, let. b, la loi s’applique.|Elle entre en vigueur le 1er mai.",
    "Le budget atteint 20,9 milliards de francs.|Il augmente de 3,5 %.",
    "Voir le n° 4 et le no. 12 du bulletin.|Merci.",
    "Le canton de St. Gallen et Ste. Croix participent.|Les autres suivront.",
    "Le taux est de 3.25%, échéance 27.06.2027.|Le prix est de Fr. 2.90 pièce.",
    "Des théâtres, des musées, etc.|Les prix sont remis à Berne.",
    "J.-Y. Le Drian et A. Le Roux étaient présents.|Tous ont voté.",
    "« Nous sommes prêts. Nous le serons demain. »|Le ministre a conclu.",
    "« Est-ce fini ? » a demandé un élu.|La réponse est non.",
    "Il cite « une phrase “entre guillemets. Encore.” et la fin. »|Puis il part.",
    "Il a dit « jamais ».|Ensuite il est parti.",
    "Ah !|Quelle surprise…|Mais non... il attend.",
    "Écrivez à info@exemple.ch ou voyez www.exemple.ch.|Nous répondons.",
    "Le conseil siège p. ex. à Berne (cf. annexe).|Il vote.",
    "La part augmente (+ 1 pp).|Elle baisse ailleurs.",
    "Un marché de 30 mio. CHF est ouvert.|Les offres arrivent.",
]

ENGLISH = [
    "Mr. Stoltenberg met Gen. C. Cavoli in the U.S. Congress.|They agreed.",
    "He lives in the U.S.|The family moved in 2020.",
    "J. D. Vance and John F. Kennedy Jr. spoke.|Nobody left.",
    "See No. 3, Art. 5 and Fig. 2.|No one disagreed.",
    "Doors open at 5 p.m.|The talk begins at 6 p.m. Monday.",
    "It was founded by Acme Inc. Chairman Bob Hill.|It grew.",
    "“We are ready. We will win.”|The crowd cheered.",
    '"It is done. It is over." he said.|Then he left.',
    'The 5.5" screen broke.|A 6.1" one came.',
    "Is it true?|Yes!|It is.",
    "eGov works.|iPhone owners agree.|mRNA helps.",
    "Growth was 0.9%.|In Oct. 2024 it was 1.2%, i.e. Switzerland grew.",
    "1. Open the door.|2. Close it.",
    "Results were poor (see annex [3]).[1]|They improved.",
    "Read https://example.org/a.b?c=D.|Then write.",
    "This work . . . goes on.|It ends.",
    "We wait... and wait.|Then we go.",
]


def _split(text: str, language: str | None) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@pytest.mark.parametrize("marked", FRENCH)
def test_french_sentences_end_where_a_reader_ends_them(marked: str) -> None:
    """Abbreviations, figures and quotations do not end a French sentence; the bars mark what does."""
    expected = marked.split("|")

    assert _split(" ".join(expected), "fr") == expected


@pytest.mark.parametrize("marked", ENGLISH)
def test_english_sentences_end_where_a_reader_ends_them(marked: str) -> None:
    """Abbreviations, initials and quotations do not end an English sentence; the bars mark what does."""
    expected = marked.split("|")

    assert _split(" ".join(expected), "en") == expected


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
    assert sentence_spans(" \n\n \u00a0", "fr") == []


@given(st.text(alphabet=st.sampled_from(list("aBé1.!?…,;:« »“”\"'’‘„()[]-•\n\u00a0\u202f")), max_size=120))
def test_every_character_lies_in_exactly_one_sentence(text: str) -> None:
    """Whatever the text, spans come in order, do not overlap, are trimmed, and leave out only space."""
    spans = sentence_spans(text, None)

    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
