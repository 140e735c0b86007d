from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.language_tables import each_row
from vectorstore.text.words import (
    FTS_TOKENIZER,
    any_of,
    index_words,
    is_stop_word,
    likest,
    query_words,
)


def found(text: str, question: str, language: str | None, asked_in: str | None = None) -> bool:
    """Whether FTS5 finds an indexed text by a question."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f'CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = "{FTS_TOKENIZER}")')
    connection.execute("INSERT INTO words VALUES (?)", (" ".join(index_words(text, language)),))
    match = any_of([form for forms in query_words(question, asked_in or language) for form in forms])
    rows = connection.execute("SELECT 1 FROM words WHERE words MATCH ?", (match,)).fetchall()
    connection.close()
    return bool(rows)


@each_row("words.jsonl", "text", "language", "words")
def test_text_is_indexed_by_its_words(text: str, language: str, words: list[str]) -> None:
    """Elisions, stop words and accents go; numbers, acronyms and compounds stay usable."""
    assert index_words(text, language) == words


@each_row("found.jsonl", "text", "question", "language", "finds")
def test_question_finds_text_in_another_spelling(text: str, question: str, language: str, finds: bool) -> None:
    """Inflection, accents, number formats and hyphens don't stand between question and text.

    Half a decimal and a stop word match nothing.
    """
    assert found(text, question, language) is finds


def test_name_is_found_in_a_release_of_the_other_language() -> None:
    """French and English stemmers end « Zelensky » differently; a question looks for both."""
    assert index_words("Zelensky", "fr") != index_words("Zelensky", "en")
    assert found("President Zelensky spoke", "Zelensky a-t-il parlé ?", "en", asked_in="fr")
    assert found("Le président Zelensky", "Did Zelensky speak?", "fr", asked_in="en")


def test_text_of_unknown_language_is_found_by_either() -> None:
    """Without a known language, a text is indexed in the forms of both."""
    assert found("les engagements de Zelensky", "engagements", None, asked_in="fr")
    assert found("les engagements de Zelensky", "engagements", None, asked_in="en")


def test_own_form_comes_first_and_words_come_once() -> None:
    """A question's words are distinct, each with the form of its own language first."""
    assert query_words("Zelensky, Zelensky et l’Ukraine", "fr")[0] == ("zelensky", "zelenski")
    assert len(query_words("Zelensky, Zelensky et l’Ukraine", "fr")) == 2


def test_question_of_stop_words_keeps_them_all() -> None:
    """« le la les de ? » still asks for something; a question without words asks for nothing."""
    forms = [form for forms in query_words("le la les de ?", "fr") for form in forms]
    assert any_of(forms) == '"le" OR "la" OR "les" OR "de"'
    assert query_words("?!", "fr") == []


def test_expression_names_each_form_once() -> None:
    """Forms are quoted, so that none is taken for an operator; where there are none the expression is empty."""
    assert any_of(["and", "ukrain", "and"]) == '"and" OR "ukrain"'
    assert any_of([]) == ""


def test_british_and_american_spellings_are_one_word() -> None:
    """In English either finds the other; French words stay as they are."""
    assert found("The Defense Ministry’s labor program", "defence labour programmes", "en")
    assert index_words("defence organisation", "en") == index_words("defense organization", "en")
    assert index_words("centre", "fr") != index_words("center", "fr")


@each_row("stop_words.jsonl", "word", "language", "stop")
def test_stop_words_are_those_of_the_language(word: str, language: str | None, stop: bool) -> None:
    """Each language has its own; of an unknown language both count."""
    assert is_stop_word(word, language) is stop


def test_threads_get_the_same_words() -> None:
    """Stemmers are shared by threads; the words don't suffer."""
    texts = [f"déclarations{number} engagements{number} présidée{number}" for number in range(300)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: index_words(text, "fr"), texts))
    assert together == [index_words(text, "fr") for text in texts]
    assert together[0] == ["declarations0", "engagements0", "presidee0"]


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("nato", ["NATO"]),
        ("Counseil", ["Conseil"]),
        ("europe", ["Europe", "Conseil de l’Europe"]),
        ("xyz", []),
        ("", []),
    ],
)
def test_the_names_like_one_that_there_is_not_are_found(wanted: str, near: list[str]) -> None:
    """In other capitals, misspelt, or as a part of another; a few letters are like nothing."""
    assert likest(wanted, ["NATO", "Conseil", "Europe", "Conseil de l’Europe"]) == near
