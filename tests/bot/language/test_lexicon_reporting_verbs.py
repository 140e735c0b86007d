"""The tables of reporting verbs and of words around a name, row by row in both languages."""

from __future__ import annotations

import pytest

from bot.language.quotations import quotations
from bot.language.speakers import asked_speaker, reported_speaker
from vectorstore.text import table

_VERBS = table("reporting_verbs")
_OF_TWO_WORDS = {"point", "points", "pointed", "pointing", "put", "puts", "went"}
_ALSO_NOUNS = {"jug"}  # « juge » is a judge without its accent


@pytest.mark.parametrize(("language", "ending"), [("en", "ed"), ("fr", "e")])
def test_every_reporting_verb_gives_a_quotation_to_its_speaker(language: str, ending: str) -> None:
    """In the past tense of each stem, and in the irregular forms."""
    said = (
        "“We will defend every inch of it,” {} Jane Doe." if language == "en" else "« Nous sommes prêts », {} Jane Doe."
    )
    forms = [stem + ending for stem in _VERBS[language]["stems"].split() if stem not in _ALSO_NOUNS]
    finite = [form for form in _VERBS[language]["forms"].split() if not form.endswith(("ing", "ant"))]
    forms += [form for form in finite if form not in _OF_TWO_WORDS]
    helped = [form if language == "en" else f"a {form}" for form in forms]
    speakers = {form: [one.speaker for one in quotations(said.format(form), language)] for form in helped}

    assert {form: found for form, found in speakers.items() if found != ["Jane Doe"]} == {}


def test_every_verb_of_a_question_asks_for_somebodys_words() -> None:
    """As in "what did … say" and « qu'a dit … »."""
    asked = [f"What did Mark Rutte {verb} about Ukraine?" for verb in _VERBS["asked"]["say"]]
    asked += [f"Qu’a {verb} Mark Rutte sur l’Ukraine ?" for verb in _VERBS["asked"]["dire"]]

    assert [one for one in asked if (said := asked_speaker(one)) is None or said.speaker != "Mark Rutte"] == []


def test_every_verb_that_needs_no_that_reports() -> None:
    """As in "he said Russia must withdraw"."""
    reports = [f"Mark Rutte {verb} the war must end." for verb in _VERBS["reported"]["verbs"] if verb.isascii()]

    assert [one for one in reports if reported_speaker(one, "en") != "Mark Rutte"] == []


@pytest.mark.parametrize("word", sorted(table("function_words")["pronouns"]))
def test_no_pronoun_is_a_speaker(word: str) -> None:
    """Whose words "he" or « elle » asks for is for the question before to say."""
    assert asked_speaker(f"What did {word} say about Ukraine?") is None


@pytest.mark.parametrize("word", table("function_words")["titled"]["before"])
def test_marks_behind_such_a_word_set_off_a_title(word: str) -> None:
    """« la brochure « … » » quotes nobody."""
    assert quotations(f"Here is the {word.replace('…', 'ée')} “together for a safer future”, out today.", None) == ()
