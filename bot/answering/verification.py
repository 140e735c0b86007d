"""How likely a quote bears a sentence out: what the reader says, and where figures, dates, names and stance agree.

A logistic regression over `bot.language.agreement` and the reader's log odds, and comparisons that decide alone where
a sentence is so like its quote that nothing but the difference is meant. Both are learnt by `training.claims.fit` and
lie in `data/claims.json`.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.citations import QuoteVerdict, find_quote, judge, speaker_in
from bot.answering.reader import Context, log_odds, probability
from bot.answering.turns import ASKING
from bot.answering.windows import asks
from bot.language.agreement import QuotedText, agreement
from bot.language.annotations import orders_of, quotations_of
from bot.language.offices import is_by
from bot.language.prompt_injection import plain
from bot.language.speakers import is_said_by, is_somebody, reported_speaker
from vectorstore.text.sentences import sentence_spans
from vectorstore.text.words import fold, index_words, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.prompt import Claim, PromptPassage, Quoted
    from bot.answering.reader import Reader
    from vectorstore.types import StoredRelease

AROUND = 400
"""Characters of a release on each side of a quote in which what it leaves open may stand."""

_BEFORE = 220
"""Characters before a quote that the reader sees too, for what a pronoun stands for."""

WEIGHTS = Path(__file__).with_name("data") / "claims.json"
_TOLD = ("figure_unit", "figure_missing", "date_wrong", "name_listed", "speaker", "name_other")
"""What is told of a sentence that goes: the first of these that speaks against it."""


@dataclass(frozen=True, slots=True)
class Support:
    """How likely a sentence is borne out, in [0, 1], whether that is enough, and what speaks against it.

    `against` is a kind of comparison: "figure", "date", "name", "speaker", "turned"; empty where none does.
    """

    likelihood: float
    borne_out: bool
    against: str = ""


def support_of(sentence: str, language: str | None, places: Sequence[QuotePlace], reader: Reader) -> Support:
    """The support that the quotes give a sentence together."""
    weights = _weights()
    told = measured(sentence, language, places, reader)
    parts = [weights["weights"].get(name, 0.0) * value for name, value in told.items()]
    likelihood = probability(sum(parts) + weights["bias"])
    if veto := next((name for name in VETOES if is_vetoed(name, told, weights["vetoes"])), None):
        return Support(likelihood, borne_out=False, against=_kind(veto))
    if gives_to_another(sentence, places):
        return Support(likelihood, borne_out=False, against="speaker")
    against = next((name for name in _TOLD if told[name] > 0), "")
    return Support(likelihood, likelihood >= weights["bound"], _kind(against))


_FULL_NAME = re.compile(r"(?<![\w’'-])[A-ZÀ-Ý][\w’'-]+(?: (?:(?:de|du|van|von|der|la|le) )*[A-ZÀ-Ý][\w’'-]+)+")


def gives_to_another(sentence: str, places: Sequence[QuotePlace]) -> bool:
    """Whether a sentence names somebody in full whom no quote names, where all quotes are somebody else's words."""
    speakers = [speaker_in(place.release, place.start, place.end) for place in places]
    if not all(speakers):
        return False
    named = [name for name in _FULL_NAME.findall(sentence) if is_somebody(name)]
    quoted = fold(" ".join(place.quote for place in places)).casefold()
    if any(is_by(speaker, name) for speaker in speakers if speaker for name in named):
        return False
    return any(fold(name).casefold() not in quoted for name in named)


def is_vetoed(name: str, told: Mapping[str, float], vetoes: Mapping[str, list[float | None]]) -> bool:
    """Whether one comparison alone decides: it speaks against a sentence that is so like its quote.

    `vetoes` has for each name the likeness from which it does, within a language and across; None: never.
    """
    least = vetoes[name][int(told["across"])]
    return least is not None and told[name] > 0 and told["alike"] >= least


def _kind(name: str) -> str:
    return name.split("_", maxsplit=1)[0]


VETOES = ("figure_unit", "figure_missing", "date_wrong", "name_listed", "turned", "more_negations", "fewer_negations")
"""The comparisons that may decide alone."""


def measured(sentence: str, language: str | None, places: Sequence[QuotePlace], reader: Reader) -> dict[str, float]:
    """What is weighed of a sentence: the numbers of its agreement with the quotes, the speaker, and the reader."""
    first = places[0].release
    languages = {place.release.language for place in places}
    published = first.published.date() if first.published else None
    quoted = QuotedText(
        " ".join(place.quote for place in places),
        languages.pop() if len(languages) == 1 else None,
        " ".join(_around(place) for place in places),
        published,
    )
    before = first.text[max(0, places[0].start - _BEFORE) : places[0].start].strip()
    read = reader.supports(sentence, Context(first.title, quoted.text, published, before=before))
    speaker = reported_speaker(sentence, language)
    unsaid = bool(speaker) and not any(_says(place, speaker) for place in places)  # type: ignore[arg-type]
    told = agreement(sentence, language, quoted)
    said = log_odds(read)
    return {
        **told,
        "speaker": float(unsaid),
        "reader": said,
        "reader_across": said * told["across"],
        "reader_alike": said * told["alike"],
    }


def _around(place: QuotePlace) -> str:
    release = place.release
    near = release.text[max(0, place.start - AROUND) : place.end + AROUND]
    return f"{near} {release.title} {release.publisher or ''} {release.lead or ''}"


def _says(place: QuotePlace, speaker: str) -> bool:
    """Whether the release binds the quoted words to a speaker, or reports them itself: « M. Rutte a dit que … »."""
    release = place.release
    quoted = quotations_of(release)
    if is_said_by(release.text, place.start, place.end, release.language, speaker, quoted=quoted):
        return True
    reported = reported_speaker(place.quote, release.language)
    return reported is not None and is_by(reported, speaker)


@cache
def _weights() -> Mapping[str, Any]:
    return json.loads(WEIGHTS.read_text("utf-8"))  # type: ignore[no-any-return]


class Why(enum.Enum):
    """Why a sentence was dropped; the value is what the model is told."""

    FABRICATED = "the quote does not stand in the passages"
    STITCHED = "the quote is put together from pieces; copy one piece whole"
    NO_QUOTE = "the sentence has no quote that says anything"
    FIGURES = "a number of the sentence, its unit or what it counts is not that of the quote"
    DATES = "a date of the sentence is not that of the quote"
    NAMES = "a name of the sentence does not stand in the passage"
    SPEAKER = "the passage does not give these words to that person"
    UNSUPPORTED = "the quote does not bear the sentence out"
    INSTRUCTION = "the quote is an order inside a release, not a statement"
    QUESTION = "it asks, or repeats the question, and answers nothing"


@dataclass(frozen=True, slots=True)
class QuotePlace:
    """Where a quote stands: `release.text[start:end]`."""

    release: StoredRelease
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The quote as the release spells it."""
        return self.release.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is not shown, with the reason; `release` is the id of the one it quotes, where it quotes one."""

    sentence: str
    why: Why
    release: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedSentence:
    """A sentence that its quotes bear out, in plain text."""

    sentence: str
    places: tuple[QuotePlace, ...]


_AGAINST = {"figure": Why.FIGURES, "date": Why.DATES, "name": Why.NAMES, "speaker": Why.SPEAKER}
_FEWEST = 3  # words of a quote
_SENTENCES = 2  # of a quote
_LINK = re.compile(r"!?\[(?P<shown>[^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_ADDRESS = re.compile(r"<?\b(?:https?|ftp|javascript|data|file|mailto|vbscript)\b:\S*>?|\bwww\.\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,200}>")
_BRACKETS = re.compile(r"(?<!\s)\s*+(?:\[[^\[\]]{0,40}\]|【[^【】]{0,40}】)")
_MARKDOWN = re.compile(r"\*{1,3}|_{2,3}|`+|^\s*(?:#{1,6}|>|[-*+])\s+|~~|\|\|")


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the claims of one reply against the passages that the model was shown."""

    question: str
    language: str | None
    sources: Sequence[PromptPassage]
    reader: Reader

    def check(self, claim: Claim) -> VerifiedSentence | Dropped:
        """The sentence with the places of its quotes, or why it goes."""
        sentence = _tidied(claim.sentence)
        if not any(map(str.isalnum, sentence)):
            return Dropped(claim.sentence, Why.UNSUPPORTED)
        if asks(sentence) or self._repeats(sentence):
            return Dropped(sentence, Why.QUESTION)
        found = [self._place(sentence, quoted) for quoted in claim.quotes]
        places = [one for one in found if isinstance(one, QuotePlace)]
        faults = [one for one in found if isinstance(one, Dropped)]
        if not places:
            return faults[0] if faults else Dropped(sentence, Why.NO_QUOTE)
        places = list(dict.fromkeys(self._narrowed(sentence, place) for place in places))
        support = support_of(sentence, self.language, places, self.reader)
        if support.borne_out:
            return VerifiedSentence(sentence, tuple(places))
        return Dropped(sentence, _AGAINST.get(support.against, Why.UNSUPPORTED), places[0].release.id)

    def _repeats(self, sentence: str) -> bool:
        """Whether a sentence says nothing that the question does not, where that is more than a "yes"."""
        asked = {fold(word).lower() for word in re.findall(r"[\w'’-]+", self.question)}
        words = set(index_words(sentence, self.language))
        return not asked.isdisjoint(ASKING["open"]) and words <= set(index_words(self.question, self.language))

    def _place(self, sentence: str, quoted: Quoted) -> QuotePlace | Dropped:
        """Where a quote stands: in the release under its key, or in another that was shown."""
        quote = plain(quoted.quote)
        if not _says_something(quote, self.language):
            return Dropped(sentence, Why.NO_QUOTE)
        ordered = sorted(self.sources, key=lambda one: one.key != quoted.key.lower())
        releases = list({one.release.id: one.release for one in ordered}.values())
        for release in releases:
            span = find_quote(quote, release.text) or find_quote(_MARKDOWN.sub("", quote), release.text)
            if span:
                if any(start < span[1] and span[0] < end for start, end in orders_of(release)):
                    return Dropped(sentence, Why.INSTRUCTION, release.id)
                return QuotePlace(release, *span)
        stitched = any(judge(quote, release.text) is QuoteVerdict.STITCHED for release in releases)
        return Dropped(sentence, Why.STITCHED if stitched else Why.FABRICATED)

    def _narrowed(self, sentence: str, place: QuotePlace) -> QuotePlace:
        """A long quote's two sentences in a row that bear a sentence out best."""
        spans = sentence_spans(place.quote, place.release.language)
        if len(spans) <= _SENTENCES:
            return place
        parts = [
            QuotePlace(place.release, place.start + spans[at][0], place.start + spans[at + 1][1])
            for at in range(len(spans) - 1)
        ]
        return max(parts, key=lambda part: support_of(sentence, self.language, [part], self.reader).likelihood)


def _tidied(sentence: str) -> str:
    """A model's sentence as plain text: no Markdown, links, tags, mentions, keys or characters that nobody sees."""
    text = _LINK.sub(lambda link: link["shown"], plain(sentence))
    text = _BRACKETS.sub("", _TAG.sub("", _ADDRESS.sub("", text)))
    text = _MARKDOWN.sub("", text).replace("@", "")
    text = " ".join(text.split())
    return re.sub(r"(?<!\s)\s++([.,)])", r"\1", text).replace("()", "").strip()


def _says_something(quote: str, language: str | None) -> bool:
    words = re.findall(r"\w+", quote)
    return len(words) >= _FEWEST and any(not is_stop_word(word, language) for word in words)
