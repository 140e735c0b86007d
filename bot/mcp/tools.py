"""The tools that an assistant calls: what each takes, what comes of it as JSON, and as text with quotes and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.answering.analysis import Ask
from bot.answering.citations import linked, quotation_marks, quote_link
from bot.answering.codec import AnswerRecord, ReleaseRecord
from bot.answering.inputs import QuestionFields
from bot.answering.retriever import SearchBounds
from bot.answering.timeline import SHOWN, TimelineQuery
from bot.answering.timeline import linked as linked_timeline
from bot.answering.tool import as_text, described, timeline_text
from bot.operations.selection import publishers_meant, release_meant
from bot.payloads import FullReleaseRecord, HitRecord, TimelineRecord
from bot.redaction import file_name, shareable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.retriever import WordMatch
    from bot.wiring import Built
    from vectorstore.types import Filter, Hit, StoredRelease

_MOST = 50
_Fields = TypeVar("_Fields", bound=BaseModel)


class SearchFields(SearchBounds):
    """A search for passages."""

    query: str = Field(min_length=1, description="words or a question, in French or English")
    limit: int = Field(10, ge=1, le=_MOST, description="the most passages to return")


class LatestFields(SearchBounds):
    """The newest releases."""

    about: str | None = Field(None, description="only releases that hold all of these words, in any form of theirs")
    limit: int = Field(10, ge=1, le=_MOST, description="the most releases to return")


class TimelineFields(SearchBounds):
    """The releases about a topic."""

    topic: str = Field(min_length=1, description="what they are about, in a few words of French or English")
    limit: int = Field(SHOWN, ge=1, le=_MOST, description="the most releases to return, the newest")


class ReleaseFields(BaseModel):
    """One release."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, description="the release's id or address, as the other tools return it")
    version: int | None = Field(None, ge=1, le=2**31, description="an earlier version; the current one if left out")


class HitsRecord(BaseModel):
    """What a search found."""

    hits: tuple[HitRecord, ...]


class ReleasesRecord(BaseModel):
    """The newest releases, and how many there are."""

    total: int
    releases: tuple[ReleaseRecord, ...]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gives: the JSON for programs, and the same as text for a model to read."""

    record: BaseModel
    text: str


@dataclass(frozen=True, slots=True)
class Tool(Generic[_Fields]):
    """A tool; `run` may take seconds, and raises BotError and StoreError."""

    name: str
    title: str
    description: str
    fields: type[_Fields]
    output: type[BaseModel]
    run: Callable[[Built, _Fields], ToolResult]


def _ask(built: Built, fields: QuestionFields) -> ToolResult:
    answer = built.answerer.invoke(Ask(fields.question, where=_where(built, fields), as_of=fields.as_of))
    answer = linked(answer, built.web_address)
    return ToolResult(AnswerRecord.of(answer), as_text(answer))


def _where(built: Built, bounds: SearchBounds) -> Filter:
    """The bounds as a filter, publishers as the store writes them."""
    return publishers_meant(built.store, bounds.where)


def _search(built: Built, fields: SearchFields) -> ToolResult:
    hits = built.retriever.find(fields.query, where=_where(built, fields), limit=fields.limit)
    matches = [built.retriever.matches(fields.query, hit.passage.text) for hit in hits]
    return ToolResult(_hits(hits, matches), "\n\n".join(map(_passage, hits)) or "No passage was found.")


def _hits(hits: Sequence[Hit], matches: Sequence[Sequence[WordMatch]]) -> HitsRecord:
    return HitsRecord(hits=tuple(map(HitRecord.of, hits, matches)))


def _passage(hit: Hit) -> str:
    passage, release = hit.passage, hit.release
    link = quote_link(release, passage.start, passage.end)
    opens, closes = quotation_marks(passage.text, release.language)
    quoted = f"{opens}{passage.text}{closes}"
    return _lines(f"[{hit.rank}] {described(release)}", f"id: {release.id}", quoted, link)


def _timeline(built: Built, fields: TimelineFields) -> ToolResult:
    found = built.timelines.find(TimelineQuery(fields.topic, _where(built, fields), limit=fields.limit))
    found = linked_timeline(found, built.web_address)
    return ToolResult(TimelineRecord.of(found), timeline_text(found))


def _release(built: Built, fields: ReleaseFields) -> ToolResult:
    release = release_meant(built.store, fields.id, fields.version)
    withdrawn = f"withdrawn by its newsroom on {release.withdrawn.date()}" if release.withdrawn else None
    head = _lines(described(release), f"id: {release.id}, version {release.version}", shareable(release.url), withdrawn)
    record = FullReleaseRecord.of(release)
    record = record.model_copy(update={"source": file_name(record.source)})
    return ToolResult(record, f"{head}\n\n{release.text}")


def _latest(built: Built, fields: LatestFields) -> ToolResult:
    store, where, limit = built.store, _where(built, fields), fields.limit
    if fields.about is None:
        total, releases = store.count_releases(where), store.releases(where, limit)
    else:
        total, releases = store.mentioning(fields.about, where=where, limit=limit)
    record = ReleasesRecord(total=total, releases=tuple(map(ReleaseRecord.of, releases)))
    lines = [_lines(f"- {described(one)}", f"  id: {one.id}", _indented(one)) for one in releases]
    return ToolResult(
        record, "\n".join([f"{total} in all; the newest:", *lines]) if lines else "There is no such release."
    )


def _indented(release: StoredRelease) -> str | None:
    address = shareable(release.url)
    return f"  {address}" if address else None


def _lines(*lines: str | None) -> str:
    return "\n".join(filter(None, lines))


TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "ask",
        "Ask press releases",
        "Answers one whole question about press releases, in French or English, with quotes that stand word for word "
        "in the releases, and their links; or says that the releases hold no answer, and names the nearest. It knows "
        "nothing of the conversation: put names and dates into the question. Repeat quotes as they are, with their "
        "links.",
        QuestionFields,
        AnswerRecord,
        _ask,
    ),
    Tool(
        "search",
        "Search press releases",
        "Finds the passages of press releases that fit a question or some words best, best first, by meaning and by "
        "words, across French and English. Use it to look further than one answer; use ask for an answer.",
        SearchFields,
        HitsRecord,
        _search,
    ),
    Tool(
        "release",
        "Read a press release",
        "The whole text of one press release with its details, by the id or address that the other tools return.",
        ReleaseFields,
        FullReleaseRecord,
        _release,
    ),
    Tool(
        "timeline",
        "Timeline of a topic",
        "The press releases about a topic by date, oldest first, each with one sentence quoted word for word and its "
        "link, and how a figure differs from the one before where both measure the same. Use it for how something "
        "developed.",
        TimelineFields,
        TimelineRecord,
        _timeline,
    ),
    Tool(
        "latest",
        "Latest press releases",
        "The newest press releases with their titles, dates and links, newest first; of a period, a language, a "
        "publisher, or about something.",
        LatestFields,
        ReleasesRecord,
        _latest,
    ),
)
