"""The reader that is shipped: small, whole, and able to read in both languages."""

from __future__ import annotations

import hashlib
import json

import pytest

from bot.answering.reader import BUILT_IN, Context, OnnxReader

LEAD = Context(
    "Sweden joins NATO",
    "The Prime Minister of Hungary was in Stockholm in February. Sweden became a member of NATO on 7 March 2024, "
    "when its instrument of accession was deposited in Washington. Its flag was raised in Brussels four days later "
    "because the building was closed over the weekend.",
)
FRENCH = Context(
    "Un pont pour Fribourg",
    "Le nouveau pont sur la Sarine a été inauguré mardi. Sa construction a coûté 59,4 millions de francs. La syndique "
    "Anne Rochat a présidé la cérémonie. Le pont doit désengorger le centre-ville.",
)


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader(longest=60)


def test_the_folder_is_small_and_says_what_it_holds() -> None:
    """It travels in the repository and in the package."""
    described = json.loads((BUILT_IN / "reader.json").read_text("utf-8"))

    assert sum(file.stat().st_size for file in BUILT_IN.rglob("*") if file.is_file()) <= 60_000_000
    assert (BUILT_IN / "README.md").is_file()
    assert hashlib.sha256((BUILT_IN / "model.onnx").read_bytes()).hexdigest() == described["sha256"]


@pytest.mark.parametrize(
    ("question", "context", "words"),
    [
        ("When did Sweden join NATO?", LEAD, "7 March 2024"),
        ("Quand la Suède a-t-elle rejoint l’OTAN ?", LEAD, "7 March 2024"),
        ("Combien a coûté le pont ?", FRENCH, "59,4 millions"),
        ("Qui a présidé la cérémonie ?", FRENCH, "Anne Rochat"),
        ("What did the bridge cost?", FRENCH, "59,4 millions"),
    ],
)
def test_it_marks_the_words_that_answer_in_either_language(
    reader: OnnxReader, question: str, context: Context, words: str
) -> None:
    """Whatever the language of the question."""
    (reading,) = reader.read(question, [context])

    assert reading
    assert words in context.text[reading.start : reading.end]
    assert len(context.text[reading.start : reading.end]) < 80


def test_a_passage_about_something_else_is_less_likely_to_answer(reader: OnnxReader) -> None:
    """By far."""
    answers, other = reader.read("Combien a coûté le pont sur la Sarine ?", [FRENCH, LEAD])

    assert answers
    assert other
    assert answers.answers > 0.5 > 10 * other.answers
