"""Sentence borders: our finder beside pysbd and syntok.

    python -m benchmarks.sentences --data ../shared/data [--releases 300] [--news 1000]

Three views. Traps are short texts written for this project, so they favour the finder that was written beside them.
News is newstest2014: its lines are sentences, ten of them joined make a text whose borders are known; no finder was
fitted to it. Releases have no known borders, so signs of error are counted: a sentence that begins in lower case, that
ends with an abbreviation, that cuts a quotation, that passes 600 characters; and whether offsets are exact.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import pysbd
import syntok.segmenter  # type: ignore[import-untyped, import-not-found, unused-ignore]

from benchmarks import tables
from datasets.command import parser_of, reads_shared_data
from datasets.parallel import newstest
from datasets.releases import swiss
from vectorstore.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Finder: TypeAlias = "Callable[[str, str], list[tuple[int, int]]]"

TRAPS = {
    "fr": (
        "Le 1er août, M. Dupont a reçu Mme A. Martin.|La visite a duré 2,5 heures.",
        "L’art. 12, al. 3, de la loi (RS 101) s’applique.|Les cantons l’exécutent.",
        "Le chiffre d’affaires atteint 3,4 mrd. EUR.|C’est un record.",
        "« Le temps presse. Il faut agir. », a dit le ministre.",
        "Pourquoi ?|Parce que c’est ainsi !|Voilà.",
        "La séance aura lieu à St. Moritz le 3 janv. 2025.|Elle est publique.",
        "Plus d’informations : www.exemple.org.|Contact : presse@exemple.org.",
        "Le Pr. Simon, le Dr. Noir et Me Blanc ont témoigné.|Le juge a tranché.",
        "Il s’agit du no. 7 de la rue.|Elle est barrée.",
        "Des fruits, des légumes, etc. sont offerts.|Venez tôt.",
        "L’accord « Paix et progrès » est signé.|Il vaut dix ans.",
        "Voir p. 14, fig. 2, et ch. 5.|La suite est en annexe.",
        "La ministre a déclaré : « C’est fini. »|Elle a quitté la salle.",
        "J. F. Kennedy et S. Veil sont cités.|Leurs discours restent.",
        "Les prix baissent (env. 5 %, cf. tableau 2).|Les salaires montent.",
        "Il a hésité... puis il a signé.|Le traité est valable.",
        "Le taux de 1.75% court du 01.02.2024 au 31.01.2025.|Il est fixe.",
    ),
    "en": (
        "Dr. Smith and Mrs. A. B. Jones met Sen. Hill.|They talked.",
        "The U.S. Senate voted.|Britain left the E.U. in 2020.|It was late.",
        "He lives in Washington D.C. and works for Acme Corp. in Ohio.|She does not.",
        "The meeting starts at 9 a.m. on Jan. 5.|It ends at noon.",
        "“We won. We will win again.”|The hall rose.",
        '"Stop. Think." she said.|Nobody moved.',
        "See Sec. 4, para. 2, and No. 17.|The rest is old.",
        "Revenue was $3.5 million vs. $2.1 million.|Costs fell by 0.4%.",
        "Is that all?|No.|There is more!",
        "Smith et al. 2019 disagree.|Others do not.",
        "Visit https://example.org/news?id=3.|Write to press@example.org.",
        "It may fall, e.g. by 5 percent (approx. 3 points).|It may not.",
        "John Hill Jr. chairs Hill Bros. Holdings.|He founded it.",
        "Wait... what?|Yes.",
        "Gen. C. G. Cavoli flew to St. Louis, Mo. on Monday.|He returned.",
        "The treaty (signed in 1949.) holds.|It has 14 articles.",
    ),
}

ABBREVIATIONS = (
    "M MM Mr Mrs Ms Dr Prof Gen Sen Gov art Art al let no No Nos nos p pp ch fig vol cf env approx vs e.g i.e p.ex "
    "St Ste tél Tel cat Jan Feb Oct Nov Dec"
)
_LAST_WORD = re.compile(r"(?:^|[\s(«“\"’'])(p\.\s?ex|[^\s(«“\"’']+)\.$")


@dataclass(slots=True)
class Signs:
    """Signs of error, counted over some releases."""

    sentences: int = 0
    lower_case: int = 0
    abbreviation: int = 0
    quotation_cut: int = 0
    long: int = 0
    inexact: int = 0
    characters: int = 0
    seconds: float = 0.0


def ours(text: str, language: str) -> list[tuple[int, int]]:
    return list(sentence_spans(text, language))


def pysbd_spans(text: str, language: str) -> list[tuple[int, int]]:
    segmenter = pysbd.Segmenter(language=language, clean=False, char_span=True)
    return [(span.start, span.start + len(span.sent.rstrip())) for span in segmenter.segment(text)]


def syntok_spans(text: str, language: str) -> list[tuple[int, int]]:  # noqa: ARG001
    return [
        (sentence[0].offset, sentence[-1].offset + len(sentence[-1].value))
        for paragraph in syntok.segmenter.analyze(text)
        for sentence in (list(tokens) for tokens in paragraph)
        if sentence
    ]


FINDERS: dict[str, Finder] = {"ours": ours, "pysbd": pysbd_spans, "syntok": syntok_spans}


def trap_errors(finder: Finder, language: str) -> int:
    """How many of the traps come out otherwise than marked."""
    wrong = 0
    for marked in TRAPS[language]:
        expected = marked.split("|")
        text = " ".join(expected)
        wrong += [text[start:end] for start, end in finder(text, language)] != expected
    return wrong


def news_score(finder: Finder, sentences: list[str], language: str) -> tuple[int, int, int]:
    """Borders between ten news sentences joined by spaces: those found that are right, those found, those there are."""
    right = found = wanted = 0
    for first in range(0, len(sentences) - 9, 10):
        ten = sentences[first : first + 10]
        text = " ".join(ten)
        truth = {len(" ".join(ten[:count])) for count in range(1, 10)}
        ends = {end for _, end in finder(text, language) if end < len(text)}
        right, found, wanted = right + len(truth & ends), found + len(ends), wanted + len(truth)
    return right, found, wanted


def count_signs(finder: Finder, lines: list[str], language: str) -> Signs:
    """Signs of error over lines of releases, each a paragraph."""
    signs = Signs()
    for line in lines:
        begun = time.process_time()
        spans = finder(line, language)
        signs.seconds += time.process_time() - begun
        signs.characters += len(line)
        signs.inexact += "".join("".join(line[start:end].split()) for start, end in spans) != "".join(line.split())
        for place, (start, end) in enumerate(spans):
            sentence = line[start:end]
            signs.sentences += 1
            signs.lower_case += place > 0 and sentence.lstrip("«“\"'( \u00a0\u202f")[:1].islower()
            signs.abbreviation += end < len(line.rstrip()) and _is_abbreviated(sentence)
            signs.quotation_cut += _balanced(line) and not _balanced(sentence)
            signs.long += len(sentence) > 600
    return signs


def _is_abbreviated(sentence: str) -> bool:
    """Whether a sentence ends in an abbreviation, or in an initial."""
    last = _LAST_WORD.search(sentence)
    word = "".join(last[1].split()) if last else ""
    return word in ABBREVIATIONS.split() or (len(word) == 1 and "A" <= word <= "Z")


def _balanced(text: str) -> bool:
    return text.count("«") == text.count("»") and text.count("“") == text.count("”")


def release_lines(data: Path, language: str, releases: int) -> list[str]:
    """Paragraphs of every tenth release of the Swiss government."""
    chosen = islice(swiss(data, language), 0, releases * 10, 10)
    return [line for release in chosen for line in release.body.split("\n") if line.strip()]


def report(name: str, language: str, news: list[str], lines: list[str]) -> str:
    """One row of the table."""
    finder = FINDERS[name]
    right, found, wanted = news_score(finder, news, language)
    signs = count_signs(finder, lines, language)
    counts = (signs.lower_case, signs.abbreviation, signs.quotation_cut, signs.long)
    return tables.row(
        language,
        name,
        f"{trap_errors(finder, language)} of {len(TRAPS[language])}",
        wanted,
        tables.share(right, found),
        tables.share(right, wanted),
        *(f"{count * 10_000 / signs.sentences:.1f}" for count in counts),
        signs.inexact,
        f"{signs.characters / signs.seconds / 1e6:.2f}",
        f"{signs.sentences / signs.seconds:,.0f}",
    )


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.sentences", "Sentence borders: our finder beside pysbd and syntok.")
    parser.add_argument("--releases", type=int, default=100, help="how many releases per language")
    parser.add_argument("--news", type=int, help="the first so many sentences of news in place of all")
    options = parser.parse_args(arguments)
    rows = newstest(options.data)[: options.news]
    print("Signs of error are per 10,000 sentences; speed is in million characters per CPU second.\n")
    signs = ("lower case", "abbreviation", "quotation cut", "> 600", "texts inexact", "speed", "sentences/s")
    print(tables.head("language", "finder", "traps wrong", "borders", "news precision", "news recall", *signs))
    for language in ("fr", "en"):
        # A line without a full stop is a heading: joined to others, no reader could tell where it ends.
        news = [text for row in rows if (text := row[language == "fr"].strip()).endswith((".", "?", "!"))]
        for name in FINDERS:
            print(report(name, language, news, release_lines(options.data, language, options.releases)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
