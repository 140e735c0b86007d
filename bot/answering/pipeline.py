"""The chain from a question to an answer: a LangChain Runnable, with a language model or without.

It takes a string, a dict, or a conversation in messages (`as_ask`); an agent calls it as a tool (`tool_of`), and reads
the answer as text.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, convert_to_messages
from langchain_core.runnables import Runnable
from langchain_core.tools import StructuredTool, ToolException
from pydantic import BaseModel, Field, RootModel

from bot.answering import archive
from bot.answering.analysis import Ask, analyse
from bot.answering.citations import page_label, quotation_marks
from bot.answering.codec import AnswerRecord, answer_payload, known_within
from bot.answering.composer import Composer
from bot.answering.evidence import ANSWERED_FROM
from bot.answering.reader import OnnxReader
from bot.answering.retriever import Moment, SearchBounds, checked
from bot.answering.search import Gatherer
from bot.answering.turns import TurnClassifier, TurnKind
from bot.answering.types import Answer, Conversation, Usage
from bot.answering.wording import model_failed
from bot.errors import ModelError, QuestionError
from bot.redaction import shareable
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from datetime import tzinfo

    from langchain_core.runnables import RunnableConfig
    from langchain_core.tools import BaseTool

    from bot.answering.analysis import QuestionAnalysis, Rewrites
    from bot.answering.reader import Reader
    from bot.answering.retriever import PassageRetriever
    from bot.answering.search import Gathered
    from bot.answering.timeline import Timeline, TimelineEntry
    from bot.answering.types import Citation
    from bot.answering.writer import Writer
    from vectorstore.types import Filter, StoredRelease

__all__ = ["Answerer", "Ask"]

log = logging.getLogger(__name__)

_WRITTEN_FROM = 0.1  # confidence; below it the passages are about other things, and no model is asked


class KeepRefused(Protocol):
    """What keeps a question that is refused, if it keeps any."""

    def __call__(self, answer: Answer, where: Filter) -> str | None:
        """The id under which the refused question is kept, with the bounds that it was asked within; or None."""
        ...


Asked: TypeAlias = str | Ask | Mapping[str, Any] | Sequence[BaseMessage]
"""A bare question, an `Ask`, a dict of `QuestionFields` or `MessagesFields`, or messages."""


class _Fields(SearchBounds):
    as_of: Moment | None = Field(None, description="the moment that the answer speaks from; nothing published later")


class QuestionFields(_Fields):
    """A question with what bounds its answer."""

    question: str = Field(description="a whole question, in French or English")


class MessagesFields(_Fields):
    """A conversation: the last message of a person is the question, and those before it are what it may lean on."""

    messages: list[AnyMessage]


class AskedInput(RootModel[str | QuestionFields | MessagesFields | list[AnyMessage]]):
    """Any of what the `Answerer` takes, as far as JSON can hold it."""


class Answerer(Runnable[Asked, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question, an `Ask`, a dict of a question with its bounds, or a conversation in LangChain's messages:
    see `Asked`. `invoke`, `batch`, `stream`, `astream_events` and their twins are one run each for the callbacks of a
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
        yield from self._transform_stream_with_config(iter([input]), self._answers, config, **kwargs)

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

        `args_schema` is a question alone; with `QuestionFields` the agent may bound the search too.
        """
        return tool_of(self, args_schema, name, description)

    def _last(self, asked: Asked) -> Answer:
        *_, answer = self._answers([asked])
        return answer

    async def _alast(self, asked: Asked) -> Answer:
        return await asyncio.to_thread(self._last, asked)

    async def _agrowing(self, inputs: AsyncIterator[Asked]) -> AsyncIterator[Answer]:
        async for asked in inputs:
            answers = self._answers([asked])
            while (answer := await asyncio.to_thread(next, answers, None)) is not None:
                yield answer

    def _answers(self, inputs: Iterable[Asked]) -> Iterator[Answer]:
        for asked in inputs:
            ask = asked if isinstance(asked, Ask) else as_ask(asked)
            # Within the retriever's own filter, unless the question brings one; of that the scopes hold all the same.
            # What was said before of releases that lie outside the question's scopes is not known any more.
            own = self._retriever.filter
            where = (own if ask.where == ask.where.scopes_alone else ask.where).within((*own.scopes, *ask.where.scopes))
            told = ask.conversation
            if where.scopes and told.turns:
                told = known_within(told, where, self._retriever.store)
            ask = replace(ask, where=where, conversation=told)
            analysis = analyse(ask, self._classify, self._zone, self._rewrites)
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
        if analysis.guess.kind is TurnKind.ABOUT_ARCHIVE:
            yield composer.listing(archive.look_up(analysis, self._retriever.store))
            return
        if not analysis.question:
            yield composer.reply()
            return
        gathered = self._gatherer.gather(analysis, hits)
        # A list needs no language model, and passages on other things hold no answer for one.
        is_for_a_model = not analysis.times.only_times and gathered.evidence.confidence >= _WRITTEN_FROM
        if self._writer is None or not is_for_a_model:
            # A bare topic that nothing answers is found by who mentions it.
            if not gathered.evidence.citations and analysis.is_topic:
                mentioning = archive.look_up(analysis, self._retriever.store)
                if mentioning.subject and mentioning.count:
                    yield composer.listing(mentioning)
                    return
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
            log.info("%s; answering with sentences of the releases", exc)  # a failed reply is in the log already
            yield replace(composer.extracted(gathered, model_failed(exc, language)), usage=used)


async def _later(asked: Asked) -> AsyncIterator[Asked]:
    yield asked


def as_ask(asked: Asked) -> Ask:
    """What is asked. Raises QuestionError for unknown keys, values of the wrong kind, and messages that ask nothing."""
    if isinstance(asked, Ask):
        return asked
    if isinstance(asked, str):
        return Ask(asked)
    if not isinstance(asked, Mapping):
        return _from_messages(asked)
    if "messages" not in asked:
        fields = checked("question", QuestionFields, asked)
        return Ask(fields.question, where=fields.where, as_of=fields.as_of)
    bounds = checked("question", _Fields, {key: asked[key] for key in asked if key != "messages"})
    ask = _from_messages(asked["messages"])
    return Ask(ask.question, where=bounds.where, as_of=bounds.as_of, conversation=ask.conversation)


def _from_messages(given: Sequence[Any]) -> Ask:
    """The last human message as the question; each before it with the first reply that has a text is a turn."""
    question, conversation, last = "", Conversation(), None
    for message in _messages(given):
        text = str(message.text).strip()
        if isinstance(message, HumanMessage):
            question, last = text, (text, conversation)
        elif isinstance(message, AIMessage) and text and question:
            conversation = conversation.after(question, _answer(question, text))
            question = ""
    if last is None:
        raise QuestionError("question: messages: none of them is a person's: end with a HumanMessage")
    return Ask(last[0], conversation=last[1])


def _messages(given: Sequence[Any]) -> list[BaseMessage]:
    if isinstance(given, str):  # whose letters would be taken for messages
        raise QuestionError("question: messages: a string: pass a list of messages, or the string as `question`")
    try:
        return convert_to_messages(given)
    except (ValueError, TypeError, NotImplementedError) as exc:  # whichever LangChain raises for what is no message
        cause = next(iter(str(exc).splitlines()), type(exc).__name__)
        raise QuestionError(f"question: messages: {cause}") from exc


def _answer(question: str, text: str) -> Answer:
    """An answer as far as its message tells: with its words, and without the releases that they came from."""
    language = detect_language(question) or "und"
    return Answer(question, question, text, language, (), None, 1.0, "message", datetime.now(UTC), {})


NAME = "ask_press_releases"
DESCRIPTION = (
    "Answers a question about press releases, in French or English, with quotes that stand word for word in the "
    "releases, and their links; or says that the releases hold no answer. It knows nothing of the conversation: ask "
    "one whole question, with its names and dates."
)


class QuestionAlone(BaseModel):
    """What an agent passes."""

    question: str = Field(description="a whole question, in French or English")


def tool_of(
    answerer: Runnable[Any, Answer], args_schema: type[BaseModel] | None, name: str | None, description: str | None
) -> BaseTool:
    """A tool whose message is the answer as text, and whose artifact is the answer as `--json` prints it."""

    def ask(question: str = "", **bounds: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - the schema's
        with _told_to_the_agent():
            answer = answerer.invoke({"question": question, **bounds})
        return as_text(answer), answer_payload(answer)

    async def aask(question: str = "", **bounds: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - the schema's
        with _told_to_the_agent():
            answer = await answerer.ainvoke({"question": question, **bounds})
        return as_text(answer), answer_payload(answer)

    return StructuredTool.from_function(
        ask,
        aask,
        name=name or NAME,
        description=description or DESCRIPTION,
        args_schema=args_schema or QuestionAlone,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


@contextlib.contextmanager
def _told_to_the_agent() -> Iterator[None]:
    """A question that cannot be one is the agent's to mend: it reads why, and its run goes on."""
    try:
        yield
    except QuestionError as exc:
        raise ToolException(str(exc)) from exc


def as_text(answer: Answer) -> str:
    """An answer for a model to read: its text, then each quote with its release, and the notes.

    After a refusal the nearest releases are named without a quote, and after a list of releases those listed.
    """
    return "\n\n".join([answer.text, *map(_quoted, answer.citations), *_listed(answer), *_notes(answer)])


def timeline_text(timeline: Timeline) -> str:
    """A timeline for a model to read: how many releases there are, then each with its sentence, oldest first."""
    return "\n\n".join(filter(None, (timeline.head, timeline.more, *map(_dated, timeline.entries))))


def _dated(entry: TimelineEntry) -> str:
    told = [entry.change.text] if entry.change else []
    return "\n".join([_quoted(entry.citation), *told, *(note.text for note in entry.notes)])


def _quoted(citation: Citation) -> str:
    said = f"{citation.speaker}: " if citation.speaker else ""
    named = " · ".join(filter(None, (described(citation.release), page_label(citation))))
    opens, closes = quotation_marks(citation.quote, citation.release.language)
    lines = [f"[{citation.key}] {named}", f"{said}{opens}{citation.quote}{closes}", citation.link]
    return "\n".join(filter(None, lines))


def _listed(answer: Answer) -> Iterator[str]:
    releases = answer.refusal.nearest if answer.refusal else answer.reply.releases if answer.reply else ()
    if releases:
        addresses = ((release, shareable(release.url)) for release in releases)
        yield "\n".join(f"- {described(one)}{f' {address}' if address else ''}" for one, address in addresses)


def _notes(answer: Answer) -> Iterator[str]:
    if answer.notes:
        yield "\n".join(f"- {note.text}" for note in answer.notes)


def described(release: StoredRelease) -> str:
    """A release in a line: title, publisher, day."""
    day = release.published.date().isoformat() if release.published else None
    return " · ".join(filter(None, (release.title, release.publisher, day)))
