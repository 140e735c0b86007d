"""What is known of French and English: the tables of `data/`, read once in a process, and what reads texts with them.

`data/README.md` says which table holds what. Here too: in which language a text is written, one of both or another.
"""

from __future__ import annotations

import functools
import re
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("en", "fr")
_DATA = Path(__file__).parent / "data"


@functools.cache
def table(name: str) -> dict[str, Any]:
    """The table in `data/<name>.toml`."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


@functools.cache
def rows(name: str) -> tuple[dict[str, tuple[str, ...]], ...]:
    """The lines of `data/<name>.tsv` by the names in its first line; what stands between `|` is one value each."""
    head, *lines = (_DATA / f"{name}.tsv").read_text("utf-8").splitlines()
    names = head.split("\t")
    cut = (zip(names, line.split("\t"), strict=True) for line in lines if line)
    return tuple({key: tuple(filter(None, value.split("|"))) for key, value in cells} for cells in cut)


_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[\x00-\u024f\u1e00-\u1eff]+")  # Basic Latin to Latin Extended-B, Latin Extended Additional
_ADDRESS = re.compile(r"(?<!\S)@*+[^\s@]++@\S++|https?://\S++|www\.\S++")
_LOADING = threading.Lock()
_OTHERS = ("cs", "da", "de", "es", "fi", "it", "nl", "pl", "pt", "ro", "sv", "tr")
_TELLING = 3  # words
_FEW = 5  # words, of which one small one tells more than what the others are made of: "and Ignazio Cassis?"

NOT_LATIN = "und"
"""Stands for a language that is written in other letters: ISO 639-2's code for one that is not known."""

_SMALL_WORDS = {code: frozenset(table("stop_words")["language"][code].split()) for code in LANGUAGES}
_PLAINLY = 0.4  # share of small words that leaves no doubt
_SURELY = 0.9


def detect_language(text: str, among: tuple[str, ...] = LANGUAGES) -> str | None:
    """The code out of `among` that fits best, or None where the text has no word in Latin letters to judge by.

    Nothing but `among` is considered: a German title comes out as one of them. Small words decide where they are
    plain; only the rest loads py3langid, which takes most of a CPU second, once.
    """
    words = [word.lower() for word in _WORD.findall(_ADDRESS.sub(" ", text))]
    latin = [word for word in words if _LATIN.fullmatch(word)]
    if not any(len(word) > 1 for word in latin) or 2 * sum(map(len, latin)) < sum(map(len, words)):
        return None
    if len(among) == 1:
        return among[0]
    if set(LANGUAGES) >= set(among):
        counts = sorted(((sum(word in _SMALL_WORDS[code] for word in latin), code) for code in among), reverse=True)
        (most, best), (second, _) = counts[:2]
        if (most >= 2 and most > 3 * second) or (most and not second and len(latin) <= _FEW):
            return best
    return str(_identifier(among).classify(text)[0])


def foreign_language(text: str) -> str | None:
    """The code of the language that a text is surely in, where that is neither English nor French; else None.

    It takes three words to tell, or other letters than Latin ones (`NOT_LATIN`). Of 7,908 French and English
    questions, carelessly typed ones among them, none passes for another language (`docs/decisions/0003`).
    """
    words = [word.lower() for word in _WORD.findall(_ADDRESS.sub(" ", text))]
    latin = [word for word in words if _LATIN.fullmatch(word)]
    if sum(map(len, words)) > 1 and 2 * sum(map(len, latin)) < sum(map(len, words)):
        return NOT_LATIN
    small = max(sum(word in known for word in latin) for known in _SMALL_WORDS.values())
    if len(latin) < _TELLING or small >= _PLAINLY * len(latin):
        return None
    code, likelihood = _identifier((*LANGUAGES, *_OTHERS), probabilities=True).classify(text)
    return code if code in _OTHERS and likelihood >= _SURELY else None


@functools.cache
def loaded_identifier(among: tuple[str, ...], probabilities: bool) -> LanguageIdentifier:
    """The model of these languages; to be called by one thread at a time, for loading it takes a while."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=probabilities)
    identifier.set_languages(among)
    return identifier


def _identifier(among: tuple[str, ...], *, probabilities: bool = False) -> LanguageIdentifier:
    """The model, loaded once however many threads ask at the same time; asking it changes nothing in it."""
    with _LOADING:
        return loaded_identifier(tuple(sorted(among)), probabilities)
