from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.language_tables import each_row
from vectorstore.text import detect_language, foreign_language, loaded_identifier

ROOT = Path(__file__).parents[3]


@each_row("languages.jsonl", "text", "language")
def test_french_and_english_are_known(text: str, language: str | None) -> None:
    """A short title or question too: with or without accents, in capitals, with names of the other language in it.

    Figures, signs, single letters and addresses give nothing to judge by, and another script is neither.
    """
    assert detect_language(text) == language


def test_only_the_given_languages_are_considered() -> None:
    """The answer is one of those asked for, and others can be asked for."""
    text = "Der Bundesrat hat heute den Voranschlag verabschiedet."

    assert detect_language(text, ("de", "fr", "en")) == "de"
    assert detect_language(text, ("fr",)) == "fr"


def test_a_plain_question_loads_no_model() -> None:
    """The first answer of a process does not wait for py3langid where small words decide."""
    program = (
        "import sys; from vectorstore.text import detect_language, foreign_language;"
        "print(detect_language('Quel est le budget ?'), 'py3langid' in sys.modules, 'numpy' in sys.modules)"
    )

    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["fr", "False", "False"]


def test_threads_load_the_model_once() -> None:
    """Eight threads that ask at the same time share one model and get the right answers."""
    loaded_identifier.cache_clear()
    texts = ["Prix du lait", "Milk price"] * 8

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(detect_language, texts))

    assert found == ["fr", "en"] * 8
    assert loaded_identifier.cache_info().misses == 1


@each_row("foreign.jsonl", "text", "language")
def test_another_language_is_told(text: str, language: str | None) -> None:
    """It cannot be answered from French and English; careless typing, names and what is too short are none."""
    assert foreign_language(text) == language
