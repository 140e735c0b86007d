"""The quotations of a release with who says them, pure: where marks open and close, over paragraphs too.

A quotation is given to a speaker only where a name and a reporting verb stand beside it in the same paragraph, or the
paragraph goes straight on from one that has them. In doubt it is given to nobody: the release quotes.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.language import lexicon
from bot.language.clauses import Clause, ClauseReader, Pronouns
from bot.language.lexicon import QUOTED, ends_sentence, read_words, sentence_start, sentence_starts
from bot.language.mentions import Kind, Mention, People, mention_from, name_of
from vectorstore.text import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.language.lexicon import Word

_BLANK = re.compile(r"\n[^\S\n]*\n\s*|(?<=[.!?…:»”\"])[^\S\n]*\n\s*(?=[^\W\da-zà-öø-ÿ_]|[«“\"‘—–-])")
_MARK = re.compile(r"[«»“”„\"″]|''|(?<![\w’'])[‘'](?=\w)")
_CLOSING_SINGLE = re.compile(r"(?<=[.,!?…])[’'](?![\w’'])|(?<=\w)[’'](?=[,.;]\s|[,.;]$)")
_OPENING_AFTER = re.compile(r"[\s(\[—–:;/-]")
_Quoted = tuple[tuple[int, int], list[tuple[int, int]]]
_CLOSERS = {"«": "»", "“": "”\"″''", "„": '“”"', "”": '”"', '"': '"”″', "″": '″"”', "''": "''"}


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Where each paragraph starts and ends. A lone line break ends one where a sentence ends with it."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _BLANK.finditer(text):
        spans.append((start, found.start()))
        start = found.end()
    return [(first, last) for first, last in [*spans, (start, len(text))] if text[first:last].strip()]


def quoted_spans(text: str) -> list[_Quoted]:
    """Each paragraph with its outermost quoted spans, marks included.

    Paragraphs that one quotation runs through count as one; it is closed in a later one that opens with a mark again,
    or where the next mark closes it. One that is never closed is left out.
    """
    spans = _paragraphs(text)
    inside = _outermost(text, spans)
    joined: list[_Quoted] = []
    for span, own in zip(spans, inside, strict=True):
        if joined and joined[-1][1] and joined[-1][1][-1][1] > span[0]:
            (start, _), before = joined[-1]
            before.extend(own)
            joined[-1] = ((start, span[1]), before)
        else:
            joined.append((span, own))
    return joined


def _outermost(text: str, spans: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """For each paragraph the spans that open in it."""
    found: list[list[tuple[int, int]]] = []
    opened: tuple[int, int, str] | None = None  # the paragraph, the place and the mark of one that runs on
    for number, (first, last) in enumerate(spans):
        found.append([])
        position = first
        if opened:
            paragraph, start, mark = opened
            again = _again(text, first, mark)
            end = _closing(text, again or first, last, mark)
            if end:
                found[paragraph].append((start, end))
                position, opened = end, None
            elif again and number - paragraph < 12:
                continue
            else:
                opened = None
        for start, end, mark in _spans(text, position, last):
            if end:
                found[number].append((start, end))
            elif mark not in "'‘":
                opened = (number, start, mark)
    return found


def _again(text: str, first: int, mark: str) -> int:
    """Where the words go on after the mark that opens a further paragraph of a quotation; 0 where none does."""
    found = re.compile(r"\s*(?:[«»]|[“”\"„]|'')").match(text, first)
    return found.end() if found and (mark == "«") == (found[0].strip() in "«»") else 0


def _spans(text: str, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """Start, end and mark of each; the end is 0 for the last where nothing closes it."""
    position, singles = first, True
    while found := _MARK.search(text, position, last):
        position, mark = found.end(), found[0]
        if mark == "»" or not _may_open(text, found.start(), found.end(), first):
            continue
        if mark in "‘'" and mark != "''":
            single = _CLOSING_SINGLE.search(text, position, last) if singles else None
            singles = single is not None  # one search that fails is enough: the text may be full of apostrophes
            if single:
                yield found.start(), single.end(), mark
                position = single.end()
            continue
        end = _closing(text, position, last, mark)
        yield found.start(), end, mark
        if not end:
            return
        position = end


def _may_open(text: str, start: int, end: int, first: int) -> bool:
    if text[start] == "«":
        return True
    return start == first or bool(_OPENING_AFTER.match(text, start - 1)) or (text[start] == "“" and end < len(text))


def _closing(text: str, first: int, last: int, mark: str) -> int:
    """Where the quotation opened by `mark` before `first` ends; 0 where it does not before `last`."""
    depth = 1
    for found in _MARK.finditer(text, first, last):
        if found[0] == "«" == mark:
            depth += 1
        elif found[0] in _CLOSERS[mark]:
            nested = mark != "«" and _opens_inside(text, found.start(), found.end(), last)
            depth += 1 if nested else -1
            if depth == 0:
                return found.end()
        elif found[0] == mark == "“":
            depth += 1
    return 0


def _opens_inside(text: str, start: int, end: int, last: int) -> bool:
    return text[start] != "”" and end < last and text[end].isalnum() and bool(_OPENING_AFTER.match(text, start - 1))


_WORDS = re.compile(r"\w+")
_FEWEST = 5  # words; fewer are a term or a title, unless somebody says them
_FEWEST_BOUND = 3  # where somebody does: Mr Kristersson spoke of “a victory for freedom”
_SENTENCE = re.compile(r"[.,!?…]\s*\W?$")
_SAID_BEFORE = frozenset((":", QUOTED, "that", "que", "qu'"))
_INCISE = frozenset(",–—")
_CLOSES = frozenset(',.–—(»”"')
_DIALOGUE = re.compile(r"[—–]\s+(?=\w)")
_TITLING = "|".join(word.replace("…", r"\w+") for word in table("function_words")["titled"]["before"])
_TITLED = re.compile(rf"(?:{_TITLING})(?:\s\w+)?\W{{0,3}}$", re.IGNORECASE)
"""A word, a few signs before the quotation marks, by which they set off a title."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """text[start:end] is what was said, with its quotation marks.

    `speaker` is spelt as the release names them, in the fullest form that stands in the same paragraph: "Mark Rutte",
    « la ministre de la Défense Kajsa Ollongren »; None where the release quotes somebody. `reported` is where the
    reporting clause stands; a quotation that goes on after one shares it.
    """

    start: int
    end: int
    speaker: str | None
    reported: tuple[int, int] | None


@lru_cache(maxsize=512)
def quotations(text: str, language: str | None) -> tuple[Quotation, ...]:
    """The quotations of a release in order; of no known language, by the words of French and English.

    A body that speaks for itself ("the ministry said") is a speaker as the release names it; a document is none.
    """
    if not (_MARK.search(text) or _DIALOGUE.search(text)):
        return ()
    forms = lexicon.reporting_verbs(language)
    found: list[Quotation] = []
    before: str | None = None  # whose words ended the paragraph just before
    for span, marked in quoted_spans(text):
        quoted = marked or ([span] if _DIALOGUE.match(text, span[0]) else [])
        own = list(_Paragraph(text, span, quoted, forms).quotations(before)) if quoted else []
        found.extend(own)
        before = own[-1].speaker if own else None
    return tuple(found)


def speaker_of(
    text: str, start: int, end: int, language: str | None, quoted: Sequence[Quotation] | None = None
) -> str | None:
    """Who says text[start:end]: most of it stands in a quotation that has a speaker, or it holds one such.

    None where it holds the words of two, or of somebody unknown. `quoted` are the text's quotations, if they are known.
    """
    speakers: set[str | None] = set()
    for one in overlapping(text, start, end, language, quoted):
        common = min(end, one.end) - max(start, one.start)
        if 2 * common > end - start:
            return one.speaker
        if 2 * common > one.end - one.start:
            speakers.add(one.speaker)
    return speakers.pop() if len(speakers) == 1 else None


def overlapping(
    text: str, start: int, end: int, language: str | None, quoted: Sequence[Quotation] | None = None
) -> Sequence[Quotation]:
    """The quotations that text[start:end] holds or stands in."""
    every = quotations(text, language) if quoted is None else quoted
    first = bisect(every, start, key=lambda one: one.end)
    return every[first : bisect_left(every, end, key=lambda one: one.start)]


class _Paragraph:
    """The quotations of one paragraph that has `quoted` spans."""

    def __init__(self, text: str, span: tuple[int, int], quoted: list[tuple[int, int]], forms: frozenset[str]) -> None:
        self.text = text
        self.forms = forms
        self.words = read_words(text, *span, quoted)
        self.reader = ClauseReader(self.words, text, forms)
        self.people = self.reader.people
        self.pronouns = Pronouns(self.words, self.people)
        self.starts = sentence_starts(self.words)

    def quotations(self, before: str | None) -> Iterator[Quotation]:
        """Those that somebody says or may have said; `before`: who spoke last in the paragraph before."""
        last: tuple[int, Clause | None, Quotation] | None = None
        for at, word in enumerate(self.words):
            if word.folded != QUOTED:
                continue
            clause = self.reader.clause(at)
            if clause:
                speaker = self._speaker(clause.subject, clause.first, before)
                one = self._reported(at, clause, speaker)
            else:
                one = self._inside(at, before) or self._going_on(at, last) or self._unbound(at)
            if one is not None:
                last = at, clause, one
                before = before if one.speaker is None else one.speaker
                yield one

    def _reported(self, at: int, clause: Clause, speaker: str | None) -> Quotation | None:
        word = self.words[at]
        count = len(_WORDS.findall(self.text, word.start, word.end))
        if count < (_FEWEST_BOUND if speaker else _FEWEST) and not (speaker and self._is_speech(at, clause)):
            return None
        if (speaker is None or not clause.is_tight) and self._is_title(word):
            return None
        if speaker:
            self.pronouns.tell(clause.first, speaker)
        where = (self.words[clause.first].start, self.words[clause.last - 1].end)
        return Quotation(word.start, word.end, speaker, where if speaker else None)

    def _is_speech(self, at: int, clause: Clause) -> bool:
        """Whether a mark sets a few words off as said: “Yes,” he said; he said: “Yes”."""
        word = self.words[at]
        if not clause.is_tight or self._is_title(word):
            return False
        if clause.first < at:
            return self.words[at - 1].text in {":", ","}
        return self.words[at + 1].text == "," or bool(_SENTENCE.search(self.text[word.start : word.end]))

    def _is_title(self, word: Word) -> bool:
        """Whether the marks set off a name: « du projet « … » », “Towards a Common Future”."""
        inside = self.text[word.start : word.end]
        long = [part for part in _WORDS.findall(inside) if len(part) > 3 and not part.isdigit()]
        capitals = len(long) > 1 and all(part[0].isupper() for part in long)
        return capitals or bool(_TITLED.search(self.text[max(0, word.start - 40) : word.start]))

    def _unbound(self, at: int) -> Quotation | None:
        word = self.words[at]
        if _DIALOGUE.match(self.text, word.start):
            return None
        few = len(_WORDS.findall(self.text, word.start, word.end)) < _FEWEST
        stands_alone = self._opens_at(at) or _SENTENCE.search(self.text[word.start : word.end])
        if few or self._is_title(word) or not stands_alone:
            return None
        return Quotation(word.start, word.end, None, None)

    def _opens_at(self, at: int) -> bool:
        return at == 0 or ends_sentence(self.words[at - 1]) or self.words[at - 1].folded in _SAID_BEFORE

    def _going_on(self, at: int, last: tuple[int, Clause | None, Quotation] | None) -> Quotation | None:
        """“…,” said X. “…”: the words after the clause are X's too where nothing else stands between."""
        if last is None or last[2].speaker is None or last[2].reported is None:
            return None
        first = last[0] + 1
        one_sentence = ends_sentence(self.words[at - 1]) and sentence_start(self.starts, at - 1) <= first
        tight = first == at or (one_sentence and self._told_between(last))
        word = self.words[at]
        if not tight or len(_WORDS.findall(self.text, word.start, word.end)) < _FEWEST:
            return None
        return Quotation(word.start, word.end, last[2].speaker, last[2].reported)

    def _told_between(self, last: tuple[int, Clause | None, Quotation]) -> bool:
        clause = last[1]
        return clause is not None and clause.first > last[0]

    def _inside(self, at: int, before: str | None) -> Quotation | None:
        """« Nous sommes prêts, a déclaré M. Rutte, à défendre … »: the clause stands between the marks."""
        quoted = self.words[at]
        inner = People(read_words(self.text, quoted.start, quoted.end), self.text, self.forms)
        for comma, word in enumerate(inner.words[:-2]):
            verb = lexicon.verb_from(inner.words, comma + 1, self.forms) if word.text in _INCISE else None
            if verb is None or verb.is_participle:
                continue
            found = None if verb.pronoun else mention_from(inner.words, lexicon.past_fillers(inner.words, verb.last))
            subject = inner.widened(found) if found and found.kind is Kind.PERSON else None
            end = subject.last if subject else verb.last
            closed = end < len(inner.words) and inner.words[end].text in _CLOSES
            if not closed or (subject is None and verb.pronoun not in {"il", "elle"}):
                continue
            named: str | None
            if subject:
                named = self.people.fullest_of(inner.spelt(subject), name_of(inner.words, subject))
            else:
                named = self.pronouns.person(verb.pronoun, at, before)
            where = (inner.words[comma + 1].start, inner.words[end - 1].end)
            return Quotation(quoted.start, quoted.end, named, where if named else None)
        return None

    def _speaker(self, subject: Mention | None, at: int, before: str | None) -> str | None:
        if subject is None or subject.kind is Kind.DOCUMENT:
            return None
        if subject.kind is Kind.PRONOUN:
            word = self.words[subject.first].folded
            pronoun = word if word in lexicon.HE else "elle" if word.endswith("elle") else "il"
            for step in self.words[at : subject.last]:
                pronoun = "elle" if step.folded.endswith("-elle") else pronoun
            return self.pronouns.person(pronoun, at, before) if lexicon.HE[pronoun] else None
        return self.people.fullest(subject) if subject.kind is Kind.PERSON else self.people.spelt(subject)
