"""Whether the speaker of a quotation is the one who is wanted, also by what else the release says of them."""

from __future__ import annotations

import pytest

from bot.language.offices import is_by
from bot.language.speakers import is_said_by, is_unbound, known_elsewhere, reported_speaker
from tests.language_tables import each_row

WORDS = "“we will go on until the work is done,”"


@each_row("same_person.jsonl", "speaker", "wanted", "same")
def test_one_person_by_name_or_office(speaker: str, wanted: str, same: bool) -> None:
    """Across languages; a shared word is not enough.

    A country or an organisation that is asked for must be named, in either language; NATO and its like need not.
    """
    assert is_by(speaker, wanted) is same


def test_who_was_introduced_elsewhere_is_known_by_the_name_alone() -> None:
    """The office stands in one paragraph, the quotation in another."""
    text = f"Secretary General Mark Rutte opened the meeting.\n\n{WORDS} said Mark Rutte."
    start = text.index("“")

    assert is_said_by(text, start, len(text), "en", "the Secretary General")
    assert not is_said_by(text, start, len(text), "en", "the President")


def test_words_without_a_speaker_are_told_from_words_with_one() -> None:
    """And from a text that quotes nobody."""
    assert is_unbound(f"The room fell silent: {WORDS[:-2]}.”", 0, 60, "en")
    assert not is_unbound(f"{WORDS} said the mayor.", 0, 40, "en")
    assert not is_unbound("Nobody said a word all day.", 0, 20, "en")


@each_row("reported_speakers.jsonl", "sentence", "language", "speaker")
def test_a_sentence_tells_whom_it_gives_words_to(sentence: str, language: str, speaker: str | None) -> None:
    """Quoted or reported; a body and a document are nobody."""
    assert reported_speaker(sentence, language) == speaker


STRESSED = "The Secretary-General of the United Nations (UN) António Guterres stressed the importance of dialogue."
SOULIGNE = "La ministre de l’Environnement (DETEC) Simonetta Sommaruga a souligné l’importance de la transition."
OPENED = "The finance minister Karin Keller-Sutter opened the conference in Bern."
SAVED = "“We will save two billion francs,” said Karin Keller-Sutter."


@pytest.mark.parametrize(
    ("text", "language", "who"),
    [
        (STRESSED, "en", "António Guterres"),
        (STRESSED, "en", "the UN Secretary-General"),
        (SOULIGNE, "fr", "Simonetta Sommaruga"),
        (SOULIGNE, "fr", "la ministre de l’Environnement"),
    ],
)
def test_to_stress_the_importance_of_something_reports_words(text: str, language: str, who: str) -> None:
    """And an acronym in brackets cuts neither the office nor the name."""
    assert is_said_by(text, 0, len(text), language, who)
    assert not is_said_by(text, 0, len(text), language, "Mark Rutte")


def test_another_text_binds_an_office_to_its_holder() -> None:
    """Who is asked for as “the finance minister” is the person whom the releases call that."""
    known = known_elsewhere([(OPENED, "en"), (SAVED, "en")], "the finance minister")

    assert known == ("The finance minister Karin Keller-Sutter",)
    assert not is_said_by(SAVED, 0, len(SAVED), "en", "the finance minister")
    assert is_said_by(SAVED, 0, len(SAVED), "en", "the finance minister", known=known)


def test_an_office_that_two_people_have_is_bound_to_neither() -> None:
    """They may be of two countries, or of two years."""
    other = "The finance minister Bruno Roux opened the fair in Paris."

    assert known_elsewhere([(OPENED, "en"), (other, "en")], "the finance minister") == ()
