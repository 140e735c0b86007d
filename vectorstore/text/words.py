"""Which words a text is found by: lower case, without stop words and elided articles, stemmed, without accents.

What is indexed and what is asked go through the same steps, so that « engagés » finds « engagée » and a question typed
without accents finds the text that has them. British and American spellings are one in English; one that is changed
without need is still found. Decimals stay one word (`20_9`), thousands are joined (`1 000` is `1000`). French and
English have stemmers and stop words here; a text of any other or unknown language gets those of both.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from typing import TYPE_CHECKING

import Stemmer

from vectorstore.text import LANGUAGES, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_AMERICAN: dict[str, str] = table("spelling")["pairs"]
_ENDINGS = table("spelling")["endings"]
_BEFORE_OUR = "|".join(word.removesuffix("our") for word in _ENDINGS["our"].split())
_OUR = re.compile(rf"\b(dis|mis)?({_BEFORE_OUR})our(?=[a-z]*$)")
_DOUBLED = re.compile(rf"^({'|'.join(_ENDINGS['doubled'].split())})l(?=ed$|ing$|ings$|ers?$|ors?$)")
# Not revise, precise, televise: they would part from revision, precision, television.
_ISE = re.compile(r"(?<=[a-z]{3})(?<!v)(?<!prec)(?<!conc)is(?=(?:e|ed|er|ers|es|ing|able|ation|ations|ational)$)")
_YSE = re.compile(r"(?<=[a-z]{3}l)ys(?=(?:e|ed|es|ing)$)")


@functools.lru_cache(maxsize=1 << 14)
def american(word: str) -> str:
    """An English word of lower case as it is spelt in America: `organisation` to `organization`."""
    plain, ending = (word[:-1], "s") if word.endswith("s") and not word.endswith("ss") else (word, "")
    if plain in _AMERICAN:
        return _AMERICAN[plain] + ending
    spelt = _OUR.sub(r"\1\2or", word) if "our" in word else word
    spelt = _DOUBLED.sub(r"\1", spelt) if "ll" in spelt else spelt
    return _YSE.sub("yz", _ISE.sub("iz", spelt)) if "is" in spelt or "ys" in spelt else spelt


# Words are cut here, not by FTS5: all it does is to split at spaces, and `_` must hold a decimal together.
FTS_TOKENIZER = "unicode61 remove_diacritics 2 tokenchars '_'"

_OWN: dict[str | None, tuple[str, ...]] = {code: (code,) for code in LANGUAGES}  # of any other those of both
_STEMMERS = {"en": Stemmer.Stemmer("english"), "fr": Stemmer.Stemmer("french")}
_ONE_AT_A_TIME = threading.Lock()  # threads must not share a PyStemmer stemmer; results are cached, so few wait here

_PLAIN = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "’": "'", "‘": "'", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " "}
)

_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<dropped>\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)|['’]s\b)",
            r"(?P<thousands>(?<![\d.,])\d{1,3}(?:[ .,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d))",
            r"(?P<decimal>(?<![\d.,])\d+[.,]\d+(?!\d|[.,]\d))",
            r"(?P<initials>(?<!\w)(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?)",
            r"(?P<today>\baujourd['’]hui\b)",
            r"(?P<compound>[^\W_]+(?:[-\u2010\u2011][^\W_]+)*)",
        )
    ),
    re.IGNORECASE,
)
# What stands between two spaces, and with it what follows as long as that holds a digit: a space may group a number.
_CHUNK = re.compile(
    r"[^\s\d.,;:!?()\"“”«»]++(?=[.,;:!?)\"”»]*+(?!\S))"  # without what closes behind it
    r"|\S++(?: (?=[^\s\d]*+\d)\S++)*+"
)
_LONGEST_REMEMBERED = 48  # characters
_MOST_REMEMBERED = 1 << 16  # chunks
_GROUPED = re.compile(r"[ .,'’](?=\d{3})")


def index_words(text: str, language: str | None) -> list[str]:
    """The words to index for a text, in its order; of an unknown language each in the forms of both.

    Where every word is a stop word, all are kept: a title « Qui sommes-nous ? » must be found too.
    """
    languages = _OWN.get(language, LANGUAGES)
    chunks, known = _chunks(text), _known_forms(languages)
    forms = [form for chunk in chunks for form in known[chunk]]
    return forms or [form for chunk in chunks for word in _words(chunk) for form in _forms_in(word, languages)]


def query_words(text: str, language: str | None) -> list[tuple[str, ...]]:
    """Each distinct word of a question with its forms: that of its own language first, then that of the other.

    Stop words are those of the question's language. Names and terms cross languages: « Zelensky » is `zelensky` by the
    French stemmer and `zelenski` by the English one, and both are looked for.
    """
    own = _OWN.get(language, LANGUAGES)
    every = own + tuple(code for code in LANGUAGES if code not in own)
    words, stop = [word for chunk in _chunks(text) for word in _words(chunk)], _STOP_WORDS[own]
    kept = [word for word in words if word not in stop] or words
    return list(dict.fromkeys(_forms_in(word, every) for word in kept))


def is_stop_word(word: str, language: str | None) -> bool:
    """Whether a word says nothing by itself in its language: « le », "of", question words.

    Accents may be missing, never added: « ou » for « où » is one, « né » is not « ne ». WHO in capitals is a name.
    """
    return _cased(word) in _STOP_WORDS[_OWN.get(language, LANGUAGES)]


def any_of(forms: Sequence[str]) -> str:
    """An FTS5 MATCH string that finds whatever holds one of the forms; empty where there are none."""
    return " OR ".join(f'"{form}"' for form in dict.fromkeys(forms))


class _WithoutMarks(dict[int, int | None]):
    """What stays of each character: nothing of an accent. Found out at its first use, for there are a million."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code)) == "Mn" else code
        return self[code]


_WITHOUT_MARKS = _WithoutMarks()


def fold(text: str) -> str:
    """The text in lower case without accents, its apostrophes straight, its hyphens and spaces plain; « œ » is `oe`."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFD", text.lower().translate(_PLAIN)).translate(_WITHOUT_MARKS)


# Accents may be missing from what people type, and from headlines in capitals.
_STOP_WORDS: dict[tuple[str, ...], frozenset[str]] = {
    (code,): frozenset((*listed.split(), *map(fold, listed.split())))
    for code, listed in table("stop_words")["search"].items()
}
_STOP_WORDS[LANGUAGES] = frozenset().union(*_STOP_WORDS.values())

_TELLING = 3  # letters; fewer stand in any name


def likest(wanted: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """The names most like one that there is not, best first: misspelt, in other capitals, or holding it."""
    from difflib import get_close_matches

    key, folded = fold(wanted), {fold(name): name for name in names}
    near = get_close_matches(key, folded, limit)
    holding = [name for name in folded if len(key) >= _TELLING and key in name]
    return [folded[name] for name in dict.fromkeys([*near, *holding])][:limit]


def fold_aligned(text: str) -> str:
    """The same letter for letter, so that offsets into it are offsets into the text: « œ » is `o`."""
    return text.lower() if text.isascii() else "".join(fold(letter)[:1] or letter for letter in text)


def _chunks(text: str) -> list[str]:
    """The text in pieces that hold whole words each. In a text all in capitals nothing is an acronym."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _CHUNK.findall(plain.lower() if plain.isupper() else plain)


class _KeptForms(dict[str, tuple[str, ...]]):
    """The forms of each chunk without stop words; those of a long one, such as a row of figures, are not remembered."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self._stop = _STOP_WORDS[languages]

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        words = (_cased(chunk),) if chunk.isalpha() else _words(chunk)
        forms = tuple(form for word in words if word not in self._stop for form in _forms_in(word, self._languages))
        if len(chunk) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[chunk] = forms
        return forms


@functools.cache
def _known_forms(languages: tuple[str, ...]) -> _KeptForms:
    return _KeptForms(languages)


def _words(chunk: str) -> list[str]:
    """Words in lower case, but acronyms in capitals: WHO is not "who"."""
    return [word for match in _TOKEN.finditer(chunk) for word in _spelled(match[0], match.lastgroup)]


@functools.lru_cache(maxsize=1 << 16)
def _spelled(token: str, kind: str | None) -> tuple[str, ...]:
    """The words of a token; those of a compound also as one: "F-35" is found as F35 too.

    Not « peut-on » or "end-to-end", where a stop word is among them, nor 2024-2025. With a number alone, a stop
    word makes a name: C-18, S-300, Il-76.
    """
    if kind == "dropped":
        return ()
    if kind in {"thousands", "decimal"}:
        digits = _GROUPED.sub("", token) if kind == "thousands" else token
        return (digits.replace(",", "_").replace(".", "_"),)
    if kind == "initials":
        return (_cased(token.replace(".", "")),)
    if kind == "today":
        return ("aujourdhui",)
    words = tuple(_cased(part) for part in re.split("[-\u2010\u2011]", token))
    joined = "".join(words).lower()
    if len(words) == 1 or joined.isdigit():
        return words
    named = len(words) == 2 and any(map(str.isdigit, joined))
    return (*words, joined) if named or _STOP_WORDS[LANGUAGES].isdisjoint(words) else words


def _cased(word: str) -> str:
    return word if len(word) > 1 and word.isupper() else word.lower()


@functools.lru_cache(maxsize=1 << 16)
def _forms_in(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """A word as each of the languages stems it, each form once."""
    # Stemmed until nothing falls off, 99 % of French words with accents meet their accentless spelling; once, 81 %.
    # Indexing both spellings' stems instead counts some words twice in BM25: hit@1 on PIAF fell by 1.3 points.
    forms: dict[str, None] = {}
    for language in languages:
        stem = _STEMMERS[language].stemWord
        with _ONE_AT_A_TIME:
            form = fold(stem(american(word.lower()) if language == "en" else word.lower()))
            for _ in range(5):
                shorter = str(stem(form))
                if shorter == form:
                    break
                form = shorter
        forms[form] = None
    return tuple(forms)
