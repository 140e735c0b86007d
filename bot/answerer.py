"""The chain from a question to an answer: a LangChain Runnable, with a language model or without."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda

from bot.answer import Answer, Usage
from bot.answering.evidence import ANSWERED_FROM
from bot.answering.reader import OnnxReader
from bot.compose import UNKNOWN_LANGUAGE, Composer
from bot.errors import ModelError
from bot.follow_up import follow
from bot.gather import Gatherer
from bot.notes import model_failed
from bot.understand import Ask, understand

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import tzinfo

    from langchain_core.runnables import RunnableConfig

    from bot.answering.reader import Reader
    from bot.gather import Gathered
    from bot.retrieve import PassageRetriever
    from bot.understand import Follows, Understood
    from bot.write import Writer
    from vectorstore.passage import Hit

__all__ = ["UNKNOWN_LANGUAGE", "Answerer", "Ask"]

log = logging.getLogger(__name__)

_WRITTEN_FROM = 0.1  # confidence; below it the passages are about other things, and no model is asked


@dataclass(frozen=True, slots=True)
class _Retrieved:
    """An understood question with its hits and the milliseconds of each stage."""

    understood: Understood
    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]


class Answerer(Runnable[str | Ask, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question or an `Ask`. `invoke`, `batch`, `stream` and their async twins work as for any Runnable. With
    a `writer` a language model writes the answer, every sentence with a checked quote, and a stream gives the answer
    growing, the last one `finished`; where the model fails, the sentences of the releases answer and a note says so.
    `zone` is where a day begins and ends; `follows` makes follow-ups stand alone; the `reader` finds the words
    that answer, the built-in one where none is given. Raises QuestionError for a blank question; an error of the
    store, the embedder or the reader is passed on, never turned into a refusal.
    """

    def __init__(
        self,
        retriever: PassageRetriever,
        *,
        refusing: str = "balanced",
        zone: tzinfo = UTC,
        follows: Follows = follow,
        reader: Reader | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._retriever = retriever
        self._zone = zone
        self._follows = follows
        self._writer = writer
        self._gatherer = Gatherer(retriever, reader or OnnxReader(), answered_from=ANSWERED_FROM[refusing])
        self._retrieval: Runnable[str | Ask, _Retrieved] = RunnableLambda(self._understand).with_config(
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

    def _understand(self, asked: str | Ask) -> Understood:
        return understand(asked, self._zone, self._follows)

    def _retrieve(self, understood: Understood) -> _Retrieved:
        began = time.perf_counter()
        spent = {"understand": (began - understood.began) * 1000}
        hits = self._gatherer.hits(understood)
        return _Retrieved(understood, hits, {**spent, "retrieve": _since(began)})

    def _answer(self, retrieved: _Retrieved) -> Answer:
        *_, answer = self._answers(retrieved)
        return answer

    def _answers(self, retrieved: _Retrieved) -> Iterator[Answer]:
        understood = retrieved.understood
        composer = Composer(understood, self._retriever.store, self._zone, retrieved.timings_ms)
        if not understood.question:
            yield composer.courtesy()
            return
        gathered = self._gatherer.gather(understood, retrieved.hits)
        if self._writer is None or not _is_for_a_model(gathered, understood):
            yield composer.extracted(gathered)
            return
        yield from self._written(self._writer, composer, gathered, understood)

    def _written(
        self, writer: Writer, composer: Composer, gathered: Gathered, understood: Understood
    ) -> Iterator[Answer]:
        """By the language model; where it fails, with sentences of the releases."""
        language, as_of = understood.language, understood.as_of
        used = understood.followed.usage
        try:
            for written in writer.write(understood.question, gathered.hits, language=language, as_of=as_of):
                used = written.usage + (understood.followed.usage or Usage())
                if written.text or written.finished:
                    yield composer.written(gathered, written, writer.name)
        except ModelError as exc:
            log.warning("%s; answering with sentences of the releases", exc)
            yield replace(composer.extracted(gathered, model_failed(exc, language)), usage=used)


def _is_for_a_model(gathered: Gathered, understood: Understood) -> bool:
    """Whether a language model may find an answer there: a list needs none, and passages on other things hold none."""
    return not understood.times.only_times and gathered.evidence.confidence >= _WRITTEN_FROM


def _since(began: float) -> float:
    """Milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000
