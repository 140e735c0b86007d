"""An answer by a language model, checked sentence by sentence as it comes; asked to mend it once at the most.

The model reads passages under short keys and replies with sentences, each with quotes. Every quote is looked up in the
whole release, and must bear its sentence out; only what the releases bear out is given out.
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.citations import quote_link, speaker_in
from bot.answering.llm import Message
from bot.answering.prompt import SCHEMA, ReplyReader, messages_for, repair, sources_of
from bot.answering.types import Citation, Usage
from bot.answering.verification import Checker, Dropped
from bot.errors import ModelError, ModelReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.answering.llm import Model
    from bot.answering.prompt import Claim
    from bot.answering.ranking import ReadWindow
    from bot.answering.reader import Reader
    from bot.answering.verification import QuotePlace
    from vectorstore.types import Hit

log = logging.getLogger(__name__)

_SENTENCES = 6
_FAULTS = 6  # told to the model at the most


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as far as it is written and checked; the last of a stream is `finished`.

    `text` holds the sentences with keys like `[1]`, `citations` what they name. Without citations a finished answer is
    `declined`: the model says that the passages do not answer. `usage` is of both attempts together.
    """

    text: str
    citations: tuple[Citation, ...]
    dropped: tuple[Dropped, ...]
    usage: Usage
    finished: bool
    declined: bool = False


class Writer:
    """Writes answers with a language model; nothing is given out that the releases do not bear out.

    `reader` tells whether they do; `seconds` is what one answer may take, its repair included.
    """

    def __init__(
        self,
        model: Model,
        reader: Reader,
        *,
        seconds: float = 60,
        chance: Callable[[], random.Random] = random.SystemRandom,
    ) -> None:
        self._model = model
        self._reader = reader
        self._seconds = seconds
        self._chance = chance

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    def write(
        self,
        question: str,
        found: Sequence[ReadWindow],
        hits: Sequence[Hit],
        *,
        language: str | None,
        as_of: datetime,
    ) -> Iterator[Written]:
        """The answer as it grows, a checked sentence at a time; the last one is finished.

        The model is shown the windows that were `found` to answer, likeliest first, and `hits` where those are too few.
        Raises ModelReplyError where nothing of two replies can be shown, or where the model declines after a sentence
        that was dropped; and any other ModelError of the model. What was given last tells the usage up to then.
        """
        until = time.monotonic() + self._seconds
        chance = self._chance()
        sources = sources_of(found, hits, chance)
        page = _Page(Checker(question, language, sources, self._reader))
        messages = messages_for(
            question, sources, chance, language=language, as_of=as_of, structured=self._model.structured
        )
        said = yield from self._read(messages, page, until)
        if not page.kept and not page.declined:
            messages = (*messages, Message("assistant", said or "…"), Message("user", page.repair()))
            yield from self._read(messages, page, until)
        if not page.kept and not page.gave_up:
            raise ModelReplyError(self.name, f"nothing of its replies is borne out by the releases ({page.faults()})")
        yield page.written(finished=True)

    def _read(self, messages: Sequence[Message], page: _Page, until: float) -> Generator[Written, None, str]:
        """One reply; gives its text. Where the page is full the rest is not waited for."""
        reply = self._model.ask(messages, seconds=max(until - time.monotonic(), 0.1), schema=SCHEMA)
        before, reader, said = page.usage, ReplyReader(), ""
        page.declined = False
        page.replies += 1
        try:
            for piece in reply:
                said += piece
                page.usage = before + reply.usage
                yield from page.takes(reader.feed(piece))
                if page.full:
                    break
            yield from page.takes(reader.end())
        except ModelError:
            page.usage = before + reply.usage
            yield page.written(finished=False)
            raise
        page.usage = before + reply.usage
        yield page.written(finished=False)
        return said


class _Page:
    """What is written so far of one answer."""

    def __init__(self, checker: Checker) -> None:
        self.usage = Usage()
        self.declined = False
        self.replies = 0
        self.kept: list[str] = []
        self._checker = checker
        self._citations: dict[QuotePlace, Citation] = {}
        self._dropped: list[Dropped] = []

    @property
    def full(self) -> bool:
        """Whether no sentence more is wanted."""
        return len(self.kept) >= _SENTENCES

    @property
    def gave_up(self) -> bool:
        """Whether the model declined at once. After a sentence that was dropped it only gives in."""
        return self.declined and not self._dropped and self.replies == 1

    def takes(self, claims: Iterable[Claim]) -> Iterator[Written]:
        """The page after each claim that adds a sentence; what is dropped goes to the log."""
        for claim in claims:
            if claim.declined:
                self.declined = True
                continue
            checked = self._checker.check(claim)
            if isinstance(checked, Dropped):
                self._dropped.append(checked)
                log.info("dropped, %s: release %s: %.60s", _name(checked), checked.release, checked.sentence)
            elif not self.full and not any(one.startswith(f"{checked.sentence} [") for one in self.kept):
                keys = "".join(f"[{self._cited(place).key}]" for place in checked.places)
                self.kept.append(f"{checked.sentence} {keys}")
                yield self.written(finished=False)

    def written(self, *, finished: bool) -> Written:
        """The page as it stands."""
        return Written(
            text=" ".join(self.kept),
            citations=tuple(self._citations.values()),
            dropped=tuple(self._dropped),
            usage=self.usage,
            finished=finished,
            declined=self.declined and not self.kept,
        )

    def repair(self) -> str:
        """What the model is told of its mistakes."""
        return repair((one.sentence, one.why.value) for one in self._dropped[:_FAULTS])

    def faults(self) -> str:
        """The kinds of mistakes, for an error."""
        kinds = [*map(_name, self._dropped), *(["declined"] if self.declined else [])]
        return ", ".join(dict.fromkeys(kinds)) or "no sentence with a key and a quote"

    def _cited(self, place: QuotePlace) -> Citation:
        if place not in self._citations:
            release = place.release
            self._citations[place] = Citation(
                key=str(len(self._citations) + 1),
                quote=place.quote,
                start=place.start,
                end=place.end,
                release=release,
                link=quote_link(release, place.start, place.end),
                speaker=speaker_in(release, place.start, place.end),
            )
        return self._citations[place]


def _name(dropped: Dropped) -> str:
    return dropped.why.name.lower().replace("_", " ")
