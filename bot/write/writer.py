"""An answer by a language model, checked sentence by sentence as it comes; asked to mend it once at the most."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answer import Citation, Usage
from bot.cite import text_fragment_link
from bot.errors import ModelError, ModelReplyError
from bot.model.reply import Message
from bot.speakers import speaker_of
from bot.write import prompts
from bot.write.check import Checker, Dropped
from bot.write.passages import new_mark, shown, sources_of
from bot.write.reply import ReplyReader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.model.reply import Model
    from bot.retrieve import Interaction
    from bot.write.check import Place
    from bot.write.reply import Claim
    from vectorstore.passage import Hit

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

    `seconds` is what one answer may take, its repair included; `compares` sees support in other words and languages.
    """

    def __init__(
        self,
        model: Model,
        *,
        seconds: float = 60,
        compares: Interaction | None = None,
        chance: Callable[[], random.Random] = random.SystemRandom,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._compares = compares
        self._chance = chance

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    def write(self, question: str, hits: Sequence[Hit], *, language: str | None, as_of: datetime) -> Iterator[Written]:
        """The answer as it grows, a checked sentence at a time; the last one is finished.

        Raises ModelReplyError where nothing of two replies can be shown, and any other ModelError of the model; what
        was given last tells the usage up to then.
        """
        until = time.monotonic() + self._seconds
        chance = self._chance()
        sources, mark = sources_of(hits, chance), new_mark(chance)
        page = _Page(Checker(question, language, sources, self._compares))
        messages = _messages(question, shown(sources, mark), mark, language, as_of)
        said = yield from self._read(messages, page, until)
        if not page.kept and not page.declined:
            messages = (*messages, Message("assistant", said or "…"), Message("user", page.repair()))
            yield from self._read(messages, page, until)
        if not page.kept and not page.declined:
            raise ModelReplyError(self.name, f"two replies, and nothing that the releases bear out ({page.faults()})")
        yield page.written(finished=True)

    def _read(self, messages: Sequence[Message], page: _Page, until: float) -> Generator[Written, None, str]:
        """One reply; gives its text. Where the page is full the rest is not waited for."""
        reply = self._model.ask(messages, seconds=max(until - time.monotonic(), 0.1))
        before, reader, said = page.usage, ReplyReader(), ""
        page.declined = False
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
        self.kept: list[str] = []
        self._checker = checker
        self._citations: dict[Place, Citation] = {}
        self._dropped: list[Dropped] = []

    @property
    def full(self) -> bool:
        """Whether no sentence more is wanted."""
        return len(self.kept) >= _SENTENCES

    def takes(self, claims: Iterable[Claim]) -> Iterator[Written]:
        """The page after each claim that adds a sentence; what is dropped goes to the log."""
        for claim in claims:
            if claim.declined:
                self.declined = True
                continue
            checked = self._checker.check(claim)
            if isinstance(checked, Dropped):
                self._dropped.append(checked)
                log.info("dropped, %s: release %s: %.60s", checked.why.value, checked.release, checked.sentence)
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
        told = [f"- {one.sentence}: {prompts.FAULTS[one.why.value]}" for one in self._dropped[:_FAULTS]]
        return prompts.REPAIR.format(faults="\n".join(told) or f"- {prompts.NO_OBJECT}")

    def faults(self) -> str:
        """The kinds of mistakes, for an error."""
        kinds = dict.fromkeys(one.why.value.replace("_", " ") for one in self._dropped)
        return ", ".join(kinds) or "no sentence with a key and a quote"

    def _cited(self, place: Place) -> Citation:
        if place not in self._citations:
            release = place.release
            self._citations[place] = Citation(
                key=str(len(self._citations) + 1),
                quote=place.quote,
                start=place.start,
                end=place.end,
                release=release,
                link=text_fragment_link(release.url, release.text, place.start, place.end),
                speaker=speaker_of(release.text, place.start, place.end, release.language),
            )
        return self._citations[place]


def _messages(question: str, passages: str, mark: str, language: str | None, as_of: datetime) -> tuple[Message, ...]:
    spoken = prompts.LANGUAGES.get(language or "", prompts.SAME_LANGUAGE)
    asked = prompts.QUESTION.format(passages=passages, today=f"{as_of:%Y-%m-%d}", question=question)
    return Message("system", prompts.SYSTEM.format(mark=mark, language=spoken)), Message("user", asked)
