"""The chain from a question to an answer: a LangChain Runnable, with a language model or without."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.runnables import Runnable

from bot.answering import replies as archive
from bot.answering.analysis import Ask, analyse
from bot.answering.codec import AnswerRecord, known_within
from bot.answering.composer import UNKNOWN_LANGUAGE, Composer
from bot.answering.evidence import ANSWERED_FROM
from bot.answering.inputs import Asked, AskedInput, as_ask
from bot.answering.notes import model_failed
from bot.answering.reader import OnnxReader
from bot.answering.search import Gatherer
from bot.answering.tool import tool_of
from bot.answering.turns import TurnClassifier, TurnKind
from bot.answering.types import Answer, Usage
from bot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import tzinfo

    from langchain_core.runnables import RunnableConfig
    from langchain_core.tools import BaseTool
    from pydantic import BaseModel

    from bot.answering.analysis import QuestionAnalysis, Rewrites
    from bot.answering.generation import Writer
    from bot.answering.reader import Reader
    from bot.answering.retriever import PassageRetriever
    from bot.answering.search import Gathered
    from vectorstore.types import Filter

__all__ = ["UNKNOWN_LANGUAGE", "Answerer", "Ask"]

log = logging.getLogger(__name__)

_WRITTEN_FROM = 0.1  # confidence; below it the passages are about other things, and no model is asked


class KeepRefused(Protocol):
    """What keeps a question that is refused, if it keeps any."""

    def __call__(self, answer: Answer, where: Filter) -> str | None:
        """The id under which the refused question is kept, with the bounds that it was asked within; or None."""
        ...


class Answerer(Runnable[Asked, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question, an `Ask`, a dict of a question with its bounds, or a conversation in LangChain's messages:
    see `inputs`. `invoke`, `batch`, `stream`, `astream_events` and their twins are one run each for the callbacks of a
    config, with the retriever's and the language model's runs as its children. With a `writer` a language model writes
    the answer, every sentence with a checked quote, and a stream gives the answer growing, the last one `finished`;
    where the model fails, the sentences of the releases answer and a note says so. `zone` is where a day begins and
    ends; `rewrites` makes follow-ups stand alone with a language model; the `reader` finds the words that answer, the
    built-in one where none is given. `keep_refused` hears of every question that is refused, whoever asks. Raises
    QuestionError for a blank question; an error of the store, the embedder or the reader is passed on, never turned
    into a refusal.
    """

    def __init__(  # noqa: PLR0913 - what finds, reads and writes, each with a default
        self,
        retriever: PassageRetriever,
        *,
        refusing: str = "balanced",
        zone: tzinfo = UTC,
        rewrites: Rewrites | None = None,
        reader: Reader | None = None,
        writer: Writer | None = None,
        keep_refused: KeepRefused | None = None,
    ) -> None:
        self._retriever = retriever
        self._zone = zone
        self._rewrites = rewrites
        self._classify = TurnClassifier(OnnxReader())
        self._writer = writer
        self._keep_refused = keep_refused
        self._gatherer = Gatherer(retriever, reader or OnnxReader(), ANSWERED_FROM[refusing])

    def invoke(
        self,
        input: Asked,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The answer to one question, or a refusal."""
        return self._call_with_config(self._last, input, config, **kwargs)

    async def ainvoke(
        self,
        input: Asked,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The same without holding up the event loop: it is worked out in a thread."""
        return await self._acall_with_config(self._alast, input, config, **kwargs)

    def stream(
        self,
        input: Asked,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Iterator[Answer]:
        """The answer as it grows, sentence by sentence; each replaces the one before, and the last is `finished`."""
        yield from self._transform_stream_with_config(iter([input]), self._growing, config, **kwargs)

    async def astream(
        self,
        input: Asked,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> AsyncIterator[Answer]:
        """The same without holding up the event loop."""
        async for answer in self._atransform_stream_with_config(_later(input), self._agrowing, config, **kwargs):
            yield answer

    def get_input_schema(self, config: RunnableConfig | None = None) -> type[AskedInput]:  # noqa: ARG002 - LangChain's
        """What JSON can be asked with."""
        return AskedInput

    def get_output_schema(self, config: RunnableConfig | None = None) -> type[AnswerRecord]:  # noqa: ARG002 - the same
        """An answer in JSON, as `--json` prints it and `answer_payload` makes it."""
        return AnswerRecord

    def as_tool(  # type: ignore[override]  # what it takes is known
        self, args_schema: type[BaseModel] | None = None, *, name: str | None = None, description: str | None = None
    ) -> BaseTool:
        """A tool for an agent: a question in, the answer with its quotes and links as text, and as `--json` beside it.

        `args_schema` is a question alone; with `inputs.QuestionFields` the agent may bound the search too.
        """
        return tool_of(self, args_schema, name, description)

    def _last(self, asked: Asked) -> Answer:
        *_, answer = self._answers(asked)
        return answer

    async def _alast(self, asked: Asked) -> Answer:
        return await asyncio.to_thread(self._last, asked)

    def _growing(self, inputs: Iterator[Asked]) -> Iterator[Answer]:
        for asked in inputs:
            yield from self._answers(asked)

    async def _agrowing(self, inputs: AsyncIterator[Asked]) -> AsyncIterator[Answer]:
        async for asked in inputs:
            answers = self._answers(asked)
            while (answer := await asyncio.to_thread(next, answers, None)) is not None:
                yield answer

    def _answers(self, asked: Asked) -> Iterator[Answer]:
        ask = asked if isinstance(asked, Ask) else as_ask(asked)
        analysis = analyse(self._bounded(ask), self._classify, self._zone, self._rewrites)
        for answer in self._composed(analysis):
            # Where everything was shown, and more is wanted, no question is left open.
            is_open = answer.finished and answer.refusal and not analysis.leave_out
            kept = self._keep_refused(answer, analysis.ask.where) if is_open and self._keep_refused else None
            yield replace(answer, kept_as=kept) if kept else answer

    def _composed(self, analysis: QuestionAnalysis) -> Iterator[Answer]:
        began = time.perf_counter()
        hits = self._gatherer.hits(analysis)
        retrieved = time.perf_counter()
        spent = {"understand": (began - analysis.began) * 1000, "retrieve": (retrieved - began) * 1000}
        composer = Composer(analysis, self._retriever.store, self._zone, spent)
        if analysis.kind is TurnKind.ABOUT_ARCHIVE:
            yield composer.listing(archive.look_up(analysis, self._retriever.store))
            return
        if not analysis.asks:
            yield composer.reply()
            return
        gathered = self._gatherer.gather(analysis, hits)
        if self._writer is None or not _is_for_a_model(gathered, analysis):
            yield composer.extracted(gathered)
            return
        yield from self._written(self._writer, composer, gathered, analysis)

    def _bounded(self, ask: Ask) -> Ask:
        """A question within the retriever's own filter, unless it brings one; of that the scopes hold all the same.

        What was said before of releases that lie outside the question's scopes is not known any more.
        """
        own = self._retriever.filter
        chosen = own if ask.where == ask.where.scopes_alone else ask.where
        where = chosen.within((*own.scopes, *ask.where.scopes))
        told = ask.conversation
        if where.scopes and told.turns:
            told = known_within(told, where, self._retriever.store)
        return replace(ask, where=where, conversation=told)

    def _written(
        self, writer: Writer, composer: Composer, gathered: Gathered, analysis: QuestionAnalysis
    ) -> Iterator[Answer]:
        """By the language model; where it fails, with sentences of the releases."""
        language, as_of = analysis.language, analysis.as_of
        used = analysis.usage
        try:
            found = gathered.evidence.found
            for written in writer.write(analysis.chain, found, gathered.hits, language=language, as_of=as_of):
                used = written.usage + (analysis.usage or Usage())
                if written.text or written.finished:
                    yield composer.written(gathered, written, writer.name)
        except ModelError as exc:
            log.info("%s; answering with sentences of the releases", exc)  # a failed reply is in the log already
            yield replace(composer.extracted(gathered, model_failed(exc, language)), usage=used)


def _is_for_a_model(gathered: Gathered, analysis: QuestionAnalysis) -> bool:
    """Whether a language model may find an answer there: a list needs none, and passages on other things hold none."""
    return not analysis.times.only_times and gathered.evidence.confidence >= _WRITTEN_FROM


async def _later(asked: Asked) -> AsyncIterator[Asked]:
    yield asked
