from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vectorstore.text import language
from vectorstore.text.language import detect_language, foreign_language

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "text",
    [
        "Qui a gagné ?",
        "Combien coûte l’accord ?",
        "Budget de la défense : le Conseil fédéral tranche",
        "Sommet de l’OTAN",
        "Prix du lait",
        "LES MINISTRES SE RÉUNISSENT À BRUXELLES",
        "Reunion des ministres a Bruxelles",
        "Que dit la NATO Innovation Fund Board sur le budget ?",
        "L\u2019aide atteint-elle\u00a020,9\u202fmilliards ?",
    ],
)
def test_french_is_known(text: str) -> None:
    """A short French title or question is French, with or without accents, in capitals, with English names in it."""
    assert detect_language(text) == "fr"


@pytest.mark.parametrize(
    "text",
    [
        "Who won?",
        "How much is the agreement worth?",
        "NATO summit",
        "Federal Council decides on budget",
        "MINISTERS MEET IN BRUSSELS",
        "When did Emmanuel Macron meet the Conseil fédéral?",
        "What did she say about Place de la Concorde?",
        "See https://exemple.fr/le-conseil-de-la-ville and tell us more",
    ],
)
def test_english_is_known(text: str) -> None:
    """A short English title or question is English, in capitals too, with French names and addresses in it."""
    assert detect_language(text) == "en"


@pytest.mark.parametrize(
    "text", ["", " \n", "12", "17.10.2024 – 20,9 %", "A?", "https://exemple.fr/le-conseil", "🙂 !!!"]
)
def test_a_text_without_words_has_no_language(text: str) -> None:
    """Figures, signs, single letters and addresses give nothing to judge by."""
    assert detect_language(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Η Ελλάδα στηρίζει το ΝΑΤΟ",
        "Где находится Москва?",
        "北约峰会在哪里举行",
        "أين تقع القمة",
        "NATO は何ですか教えてください",
    ],
)
def test_another_script_has_no_language_here(text: str) -> None:
    """Greek, Cyrillic, Chinese, Arabic and Japanese are neither French nor English, Latin names in them or not."""
    assert detect_language(text) is None


def test_only_the_given_languages_are_considered() -> None:
    """The answer is one of those asked for, and others can be asked for."""
    text = "Der Bundesrat hat heute den Voranschlag verabschiedet."

    assert detect_language(text, ("de", "fr", "en")) == "de"
    assert detect_language(text, ("fr",)) == "fr"


def test_a_plain_question_loads_no_model() -> None:
    """The first answer of a process does not wait for py3langid where small words decide."""
    program = (
        "import sys; from vectorstore.text.language import detect_language, foreign_language;"
        "print(detect_language('Quel est le budget ?'), 'py3langid' in sys.modules, 'numpy' in sys.modules)"
    )

    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["fr", "False", "False"]


def test_threads_load_the_model_once() -> None:
    """Eight threads that ask at the same time share one model and get the right answers."""
    language._cached_identifier.cache_clear()
    texts = ["Prix du lait", "Milk price"] * 8

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(detect_language, texts))

    assert found == ["fr", "en"] * 8
    assert language._cached_identifier.cache_info().misses == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wann ist Schweden der NATO beigetreten?", "de"),
        ("¿Cuándo se unió Suecia a la OTAN?", "es"),
        ("Quando la Svezia è entrata nella NATO?", "it"),
        ("Ποιος προήδρευσε της συνεδρίασης;", "und"),
        ("瑞典什么时候加入北约", "und"),
    ],
)
def test_another_language_is_told(text: str, code: str) -> None:
    """It cannot be answered from French and English."""
    assert foreign_language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "When did Sweden join NATO?",
        "Quand la Suède a-t-elle rejoint l’OTAN ?",
        "nasa artemis ii crew names",
        "who is Angela Sustaita-Ruiz",
        "chikungunya La Réunion bilan",
        "Zürich Bern",
        "",
        "?",
    ],
)
def test_carelessly_typed_french_and_english_is_not_another_language(text: str) -> None:
    """Nor are names, and what is too short to tell."""
    assert foreign_language(text) is None
