"""Whether the releases bear out what a language model wrote: every quote, figure, name and speaker of a sentence."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cite import Verdict, find_quote, judge
from bot.figures import missing_figures
from bot.instructions import instructions, plain
from bot.speakers import is_by, is_said_by, reported_speaker
from bot.write.support import lacks_names, supports
from vectorstore.words import is_stop_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.retrieve import Interaction
    from bot.write.passages import Source
    from bot.write.reply import Claim, Quoted
    from vectorstore.passage import StoredRelease


class Why(enum.Enum):
    """Why a sentence was dropped."""

    INVENTED_KEY = "invented_key"
    FABRICATED = "fabricated"
    STITCHED = "stitched"
    OTHER_RELEASE = "other_release"
    FIGURES = "figures"
    NO_QUOTE = "no_quote"
    SPEAKER = "speaker"
    UNSUPPORTED = "unsupported"
    INSTRUCTION = "instruction"


@dataclass(frozen=True, slots=True)
class Place:
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
    """A sentence that is not shown, with the reason; `release` is the id of the one it named, where it named one."""

    sentence: str
    why: Why
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that its quotes bear out, in plain text."""

    sentence: str
    places: tuple[Place, ...]


_VERDICTS = {
    Verdict.FABRICATED: Why.FABRICATED,
    Verdict.STITCHED: Why.STITCHED,
    Verdict.OTHER_RELEASE: Why.OTHER_RELEASE,
}
_FEWEST = 3  # words of a quote
_LINK = re.compile(r"!?\[(?P<shown>[^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_ADDRESS = re.compile(r"<?\b(?:https?|ftp|javascript|data|file|mailto|vbscript)\b:\S*>?|\bwww\.\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,200}>")
_BRACKETS = re.compile(r"(?<!\s)\s*+(?:\[[^\[\]]{0,40}\]|【[^【】]{0,40}】)")
_MARKDOWN = re.compile(r"\*{1,3}|_{2,3}|`+|^\s*(?:#{1,6}|>|[-*+])\s+|~~|\|\|")
_NEGATIONS = re.compile(
    r"\b(?:not|never|no|none|nor|without|neither|cannot|\w+n['’]t|ne|pas|jamais|aucune?s?|ni|sans)\b|\bn['’]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the claims of one reply against its sources; `compares` sees support in other words and languages."""

    question: str
    language: str | None
    sources: Sequence[Source]
    compares: Interaction | None = None

    def check(self, claim: Claim) -> Kept | Dropped:
        """The sentence with the places of its quotes, or why it goes."""
        sentence = tidied(claim.sentence)
        if not any(map(str.isalnum, sentence)):
            return Dropped(claim.sentence, Why.UNSUPPORTED)
        found = [self._place(sentence, quoted) for quoted in claim.quotes]
        places = [one for one in found if isinstance(one, Place)]
        faults = [one for one in found if isinstance(one, Dropped)]
        if not places:
            return faults[0] if faults else Dropped(sentence, Why.NO_QUOTE)
        why = self._unheld(sentence, places)
        return Dropped(sentence, why, places[0].release.id) if why else Kept(sentence, tuple(dict.fromkeys(places)))

    def _place(self, sentence: str, quoted: Quoted) -> Place | Dropped:
        source = next((one for one in self.sources if one.key == quoted.key.lower()), None)
        if source is None:
            return Dropped(sentence, Why.INVENTED_KEY)
        release, quote = source.release, plain(quoted.quote)
        if not _says_something(quote, release.language):
            return Dropped(sentence, Why.NO_QUOTE, release.id)
        span = find_quote(quote, release.text)
        if span is None:
            others = {one.release.id: one.release.text for one in self.sources if one.release.id != release.id}
            return Dropped(sentence, _VERDICTS[judge(quote, release.text, others.values())], release.id)
        if any(start < span[1] and span[0] < end for start, end in instructions(release.text, release.language)):
            return Dropped(sentence, Why.INSTRUCTION, release.id)
        return Place(release, *span)

    def _unheld(self, sentence: str, places: Sequence[Place]) -> Why | None:
        """What the quotes do not bear out."""
        held: list[tuple[str, str | None]] = [(place.quote, place.release.language) for place in places]
        held += [(f"{one.release.published:%Y-%m-%d}", None) for one in places if one.release.published]
        if missing_figures(sentence, self.language, held):
            return Why.FIGURES
        speaker = reported_speaker(sentence, self.language)
        if speaker and not any(_says(place, speaker) for place in places):
            return Why.SPEAKER
        if _denies(sentence, places) or lacks_names(sentence, self.question, places, self.compares, self.language):
            return Why.UNSUPPORTED
        return None if supports(sentence, places, self.compares, self.language) else Why.UNSUPPORTED


def tidied(sentence: str) -> str:
    """A model's sentence as plain text: no Markdown, links, tags, mentions, keys or characters that nobody sees."""
    text = _LINK.sub(lambda link: link["shown"], plain(sentence))
    text = _BRACKETS.sub("", _TAG.sub("", _ADDRESS.sub("", text)))
    text = _MARKDOWN.sub("", text).replace("@", "")
    text = " ".join(text.split())
    return re.sub(r"(?<!\s)\s++([.,)])", r"\1", text).replace("()", "").strip()


def _says_something(quote: str, language: str | None) -> bool:
    words = re.findall(r"\w+", quote)
    return len(words) >= _FEWEST and any(not is_stop_word(word, language) for word in words)


def _says(place: Place, speaker: str) -> bool:
    """Whether the release binds the quoted words to a speaker, or reports them itself: « M. Rutte a dit que … »."""
    release = place.release
    if is_said_by(release.text, place.start, place.end, release.language, speaker):
        return True
    reported = reported_speaker(place.quote, release.language)
    return reported is not None and is_by(reported, speaker)


def _denies(sentence: str, places: Sequence[Place]) -> bool:
    """Whether a sentence says no where nothing that it quotes does."""
    if not _NEGATIONS.search(sentence):
        return False
    return not any(_NEGATIONS.search(place.quote) for place in places)
