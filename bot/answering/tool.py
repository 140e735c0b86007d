"""The `Answerer` as a tool that an agent calls."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from langchain_core.tools import StructuredTool, ToolException
from pydantic import BaseModel, Field

from bot.answering.citations import page_label, quotation_marks
from bot.answering.codec import answer_payload
from bot.errors import QuestionError
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

    from bot.answering.timeline import Timeline, TimelineEntry
    from bot.answering.types import Answer, Citation
    from vectorstore.types import StoredRelease

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
