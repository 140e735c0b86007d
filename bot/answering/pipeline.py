"""The chain from a question to an answer: a LangChain Runnable, with a language model or without."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda

from bot.answering import replies as archive
from bot.answering.analysis import Ask, analyse
from bot.answering.composer import UNKNOWN_LANGUAGE, Composer
from bot.answering.evidence import ANSWERED_FROM
from bot.answering.notes import model_failed
from bot.answering.reader import OnnxReader
from bot.answering.search import Gatherer
from bot.answering.turns import TurnClassifier, TurnKind
from bot.answering.types import Answer, Usage
from bot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import tzinfo

    from langchain_core.runnables import RunnableConfig

    from bot.answering.analysis import QuestionAnalysis, Rewrites
    from bot.answering.generation import Writer
    from bot.answering.reader import Reader
    from bot.answering.retriever import PassageRetriever
    from bot.answering.search import Gathered
    from vectorstore.types import Hit

__all__ = ["UNKNOWN_LANGUAGE", "Answerer", "Ask"]

log = logging.getLogger(__name__)

_WRITTEN_FROM = 0.1  # confidence; below it the passages are about other things, and no model is asked


@dataclass(frozen=True, slots=True)
class _Retrieved:
    """A question with its hits and the milliseconds of each stage."""

    analysis: QuestionAnalysis
    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]


class Answerer(Runnable[str | Ask, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question or an `Ask`. `invoke`, `batch`, `stream` and their async twins work as for any Runnable. With
    a `writer` a language model writes the answer, every sentence with a checked quote, and a stream gives the answer
    growing, the last one `finished`; where the model fails, the sentences of the releases answer and a note says so.
    `zone` is where a day begins and ends; `rewrites` makes follow-ups stand alone with a language model; the `reader`
    finds the words that answer, the built-in one where none is given. Raises QuestionError for a blank question; an
    error of the store, the embedder or the reader is passed on, never turned into a refusal.
    """

    def __init__(
        self,
        retriever: PassageRetriever,
        *,
        refusing: str = "balanced",
        zone: tzinfo = UTC,
        rewrites: Rewrites | None = None,
        reader: Reader | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._retriever = retriever
        self._zone = zone
        self._rewrites = rewrites
        self._classify = TurnClassifier(OnnxReader())
        self._writer = writer
        self._gatherer = Gatherer(retriever, reader or OnnxReader(), answered_from=ANSWERED_FROM[refusing])
        self._retrieval: Runnable[str | Ask, _Retrieved] = RunnableLambda(self._analyse).with_config(
            run_name="understand"
        ) | RunnableLambda(self._retrieve).with_config(run_name="retrieve")
        self._chain: Runnable[str | Ask, Answer] = self._retrieval | RunnableLambda(self._answer).with_config(
            run_name="answer"
        )

    def invoke(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The answer to one question, or a refusal."""
        return self._chain.invoke(input, config, **kwargs)

    async def ainvoke(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The same without holding up the event loop: each step runs in a thread."""
        return await self._chain.ainvoke(input, config, **kwargs)

    def stream(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Iterator[Answer]:
        """The answer as it grows, sentence by sentence; each replaces the one before, and the last is `finished`."""
        yield from self._answers(self._retrieval.invoke(input, config, **kwargs))

    async def astream(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> AsyncIterator[Answer]:
        """The same without holding up the event loop."""
        answers = self._answers(await self._retrieval.ainvoke(input, config, **kwargs))
        while (answer := await asyncio.to_thread(next, answers, None)) is not None:
            yield answer

    def _analyse(self, asked: str | Ask) -> QuestionAnalysis:
        return analyse(asked, self._classify, self._zone, self._rewrites)

    def _retrieve(self, analysis: QuestionAnalysis) -> _Retrieved:
        began = time.perf_counter()
        spent = {"understand": (began - analysis.began) * 1000}
        hits = self._gatherer.hits(analysis)
        return _Retrieved(analysis, hits, {**spent, "retrieve": _since(began)})

    def _answer(self, retrieved: _Retrieved) -> Answer:
        *_, answer = self._answers(retrieved)
        return answer

    def _answers(self, retrieved: _Retrieved) -> Iterator[Answer]:
        analysis = retrieved.analysis
        composer = Composer(analysis, self._retriever.store, self._zone, retrieved.timings_ms)
        if analysis.kind is TurnKind.ABOUT_ARCHIVE:
            yield composer.listing(archive.look_up(analysis, self._retriever.store))
            return
        if not analysis.asks:
            yield composer.reply()
            return
        gathered = self._gatherer.gather(analysis, retrieved.hits)
        if self._writer is None or not _is_for_a_model(gathered, analysis):
            yield composer.extracted(gathered)
            return
        yield from self._written(self._writer, composer, gathered, analysis)

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
            log.warning("%s; answering with sentences of the releases", exc)
            yield replace(composer.extracted(gathered, model_failed(exc, language)), usage=used)


def _is_for_a_model(gathered: Gathered, analysis: QuestionAnalysis) -> bool:
    """Whether a language model may find an answer there: a list needs none, and passages on other things hold none."""
    return not analysis.times.only_times and gathered.evidence.confidence >= _WRITTEN_FROM


def _since(began: float) -> float:
    """Milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000
