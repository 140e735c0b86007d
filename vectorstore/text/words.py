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

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAIRS = """
    aeroplane airplane  aluminium aluminum  analogue analog  anaemia anemia  artefact artifact  calibre caliber
    catalogue catalog  centre center  cheque check  defence defense  dialogue dialog  disc disk  enrol enroll
    enrolment enrollment  fibre fiber  fulfil fulfill  fulfilment fulfillment  gauge gage  grey gray  gramme gram
    haemorrhage hemorrhage  instalment installment  judgement judgment  kilometre kilometer  kilogramme kilogram
    leukaemia leukemia  licence license  litre liter  lustre luster  manoeuvre maneuver  meagre meager  metre meter
    millimetre millimeter  centimetre centimeter  mould mold  offence offense  orthopaedic orthopedic  paediatric
    pediatric  pretence pretense  programme program  sabre saber  sceptic skeptic  sceptical skeptical  skilful skillful
    sombre somber  spectre specter  storey story  sulphur sulfur  theatre theater  tonne ton  tyre tire  wilful willful
    acknowledgement acknowledgment  ageing aging  archaeology archeology  archaeological archeological  draught draft
    encyclopaedia encyclopedia  foetus fetus  jewellery jewelry  oestrogen estrogen  plough plow
"""
_OUR = """
    armour behaviour clamour colour demeanour endeavour favour fervour flavour harbour honour humour labour neighbour
    odour parlour rancour rigour rumour saviour savour splendour tumour valour vapour vigour
"""
_DOUBLED = (
    "cancel channel counsel dial equal fuel jewel label level marshal model quarrel rival signal total travel tunnel"
)

_WORDS = _PAIRS.split()
_AMERICAN = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_OUR_WORD = re.compile(rf"\b(dis|mis)?({'|'.join(word[:-3] for word in _OUR.split())})our(?=[a-z]*$)")
_DOUBLED_WORD = re.compile(rf"^({'|'.join(_DOUBLED.split())})l(?=ed$|ing$|ings$|ers?$|ors?$)")
# Not revise, precise, televise: they would part from revision, precision, television.
_ISE = re.compile(r"(?<=[a-z]{3})(?<!v)(?<!prec)(?<!conc)is(?=(?:e|ed|er|ers|es|ing|able|ation|ations|ational)$)")
_YSE = re.compile(r"(?<=[a-z]{3}l)ys(?=(?:e|ed|es|ing)$)")


@functools.lru_cache(maxsize=1 << 14)
def american(word: str) -> str:
    """An English word of lower case as it is spelt in America: `organisation` to `organization`."""
    plain, ending = (word[:-1], "s") if word.endswith("s") and not word.endswith("ss") else (word, "")
    if plain in _AMERICAN:
        return _AMERICAN[plain] + ending
    spelt = _OUR_WORD.sub(r"\1\2or", word)
    spelt = _DOUBLED_WORD.sub(r"\1", spelt)
    return _YSE.sub("yz", _ISE.sub("iz", spelt))


# Words are cut here, not by FTS5: all it does is to split at spaces, and `_` must hold a decimal together.
FTS_TOKENIZER = "unicode61 remove_diacritics 2 tokenchars '_'"

_FRENCH = """
    a à ai aie aient ainsi alors après as au aucun aucune aussi autre autres aux avaient avais avait avant avec
    avez avoir avons ayant c car ce ceci cela celle celles celui ces cet cette ceux chez ci comme comment
    combien d dans de depuis des donc dont du durant elle elles en encore entre es est et étaient étais était étant
    été êtes être étions étiez eu eux eut furent fut hors il ils j je jusqu jusque l la laquelle là le lequel les
    lesquelles lesquels leur leurs lors lorsqu lorsque lui m ma mais me même mêmes mes moi moins mon n ne ni nos
    notre nous on ont ou où par parce parmi pas pendant peu peut plus pour pourquoi puis puisqu puisque qu quand
    que quel quelle quelles quels qui quoi quoique s sa sans se selon sera serait serez seront ses si soi soient
    soit sommes son sont sous suis sur t ta tandis te tel telle telles tels tes toi ton tous tout toute toutes très
    tu un une vers voici voilà vos votre vous y
    auquel auxquels auxquelles duquel desquels desquelles aura aurait auront auraient seraient
"""

_ENGLISH = """
    a about above after again against all also am among an and any are aren as at be because been before being
    below between both but by can cannot could couldn d did didn do does doesn doing don down during each either
    few for from further had hadn has hasn have haven having he her here hers herself him himself his how however
    i if in into is isn it its itself just ll m many may me might more most much mustn my myself nor not of off on
    once only onto or other ought our ours ourselves out over own per re s same shall she should shouldn since so
    some such t than that the their theirs them themselves then there these they this those through to too toward
    towards under until up upon us ve very was wasn we were weren what when where whether which while who whom
    whose why will with within without would wouldn you your yours yourself yourselves
"""

# Accents may be missing from what people type, and from headlines in capitals.
_STOP_WORDS = {
    code: frozenset(listed.split())
    | frozenset(unicodedata.normalize("NFD", listed).encode("ascii", "ignore").decode().split())
    for code, listed in (("en", _ENGLISH), ("fr", _FRENCH))
}
_BOTH = ("en", "fr")
_STEMMERS = {"en": Stemmer.Stemmer("english"), "fr": Stemmer.Stemmer("french")}
_ONE_AT_A_TIME = threading.Lock()  # threads must not share a PyStemmer stemmer; results are cached, so few wait here

_NO_ACCENT_TO_LOSE = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ß": "ss"})

_TOKEN = re.compile(
    r"""
    (?P<dropped>   \b (?: [cdjlmnst] | qu | jusqu | lorsqu | puisqu | quoiqu ) ['’] (?= \w ) | ['’] s \b )
  | (?P<thousands> (?<! [\d.,] ) \d{1,3} (?: [ .,'’] \d{3} )+ (?: [.,] \d{1,2} )? (?! \d ) )
  | (?P<decimal>   (?<! [\d.,] ) \d+ [.,] \d+ (?! \d | [.,] \d ) )
  | (?P<initials>  (?<! \w ) (?: [^\W\d_] \. ){2,} (?: [^\W\d_] \b )? )
  | (?P<today>     \b aujourd ['’] hui \b )
  | (?P<compound>  [^\W_]+ (?: [-\u2010\u2011] [^\W_]+ )* )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GROUPED = re.compile(r"[ .,'’](?=\d{3})")


def index_words(text: str, language: str | None) -> list[str]:
    """The words to index for a text, in its order; of an unknown language each in the forms of both.

    Where every word is a stop word, all are kept: a title « Qui sommes-nous ? » must be found too.
    """
    languages = _languages(language)
    return [form for word in _kept(text, languages) for form in _forms_in(word, languages)]


def query_words(text: str, language: str | None) -> list[tuple[str, ...]]:
    """Each distinct word of a question with its forms: that of its own language first, then that of the other.

    Stop words are those of the question's language. Names and terms cross languages: « Zelensky » is `zelensky` by the
    French stemmer and `zelenski` by the English one, and both are looked for.
    """
    own = _languages(language)
    every = own + tuple(code for code in _STEMMERS if code not in own)
    return list(dict.fromkeys(_forms_in(word, every) for word in _kept(text, own)))


def is_stop_word(word: str, language: str | None) -> bool:
    """Whether a word says nothing by itself in its language: « le », "of", question words.

    Accents may be missing, never added: « ou » for « où » is one, « né » is not « ne ». WHO in capitals is a name.
    """
    return _is_stop(_cased(word), _languages(language))


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
    """The text without accents; « œ » becomes `oe`. Case stays."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFD", text.translate(_NO_ACCENT_TO_LOSE)).translate(_WITHOUT_MARKS)


def _languages(language: str | None) -> tuple[str, ...]:
    return (language,) if language in _STEMMERS else tuple(_STEMMERS)


def _kept(text: str, languages: tuple[str, ...]) -> list[str]:
    words = _words(text, joined=True)
    return [word for word in words if not _is_stop(word, languages)] or words


def _words(text: str, *, joined: bool) -> list[str]:
    """Words in lower case, but acronyms in capitals: WHO is not "who". In a text all in capitals nothing is one."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = plain.lower() if plain.isupper() else plain
    words: list[str] = []
    for match in _TOKEN.finditer(plain):
        words.extend(_spelled(match[0], match.lastgroup, joined))
    return words


@functools.lru_cache(maxsize=1 << 16)
def _spelled(token: str, kind: str | None, joined: bool) -> tuple[str, ...]:
    if kind == "dropped":
        return ()
    if kind in {"thousands", "decimal"}:
        digits = _GROUPED.sub("", token) if kind == "thousands" else token
        return (digits.replace(",", "_").replace(".", "_"),)
    if kind == "initials":
        return (_cased(token.replace(".", "")),)
    if kind == "today":
        return ("aujourdhui",)
    return _parts(token, joined=joined)


def _parts(token: str, *, joined: bool) -> tuple[str, ...]:
    """The words of a compound and, where asked for, all of them as one: "F-35" is found as F35 too.

    Not « peut-on » or "end-to-end", where a stop word is among them, nor 2024-2025.
    """
    words = tuple(_cased(part) for part in re.split("[-\u2010\u2011]", token))
    names = len(words) > 1 and not all(map(str.isdigit, words)) and not any(_is_stop(word, _BOTH) for word in words)
    return (*words, "".join(words).lower()) if joined and names else words


def _cased(word: str) -> str:
    return word if len(word) > 1 and word.isupper() else word.lower()


@functools.lru_cache(maxsize=1 << 16)
def _is_stop(word: str, languages: tuple[str, ...]) -> bool:
    return any(word in _STOP_WORDS[code] for code in languages)


@functools.lru_cache(maxsize=1 << 16)
def _forms_in(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_form(word, code) for code in languages))


@functools.lru_cache(maxsize=1 << 16)
def _form(word: str, language: str) -> str:
    # Stemmed until nothing falls off, 99 % of French words with accents meet their accentless spelling; once, 81 %.
    # Indexing both spellings' stems instead counts some words twice in BM25: hit@1 on PIAF fell by 1.3 points.
    spelt = american(word.lower()) if language == "en" else word.lower()
    form = fold(_stem(spelt, language))
    for _ in range(5):
        shorter = _stem(form, language)
        if shorter == form:
            break
        form = shorter
    return form


def _stem(word: str, language: str) -> str:
    with _ONE_AT_A_TIME:
        return str(_STEMMERS[language].stemWord(word))
