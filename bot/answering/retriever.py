"""From a question to hits: typed for the bot itself, as a LangChain retriever for everybody else."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables.config import ensure_config, get_callback_manager_for_config
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.errors import QuestionError, QuestionTooLongError
from bot.redaction import shareable
from vectorstore.embedders.subwords import built_in
from vectorstore.text import detect_language
from vectorstore.text.words import is_stop_word
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from numpy.typing import NDArray

    from vectorstore.retrieval.late_interaction import Alignment
    from vectorstore.types import Hit, Relations, StoredRelease

log = logging.getLogger(__name__)

LIKE = 0.5
"""Cosine from which a word counts as the question's, said otherwise: « sommet » and "summit" have more."""

LONGEST_QUESTION = 1000
"""Characters of a question that are searched with; a longer one is cut at a word, for its end adds noise, not sense."""

_NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of characters, and what stands for bytes that are not UTF-8
_FIRST, _READ_WHOLE, _WHOLE = 6, 2, 8  # hits that are read, releases that are read on, passages of each
_MOST = 10_000  # characters beyond which something is no question at all


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word of a text, `text[start:end]`, and how like it is to a word of the question: a cosine."""

    start: int
    end: int
    likeness: float


class ReleaseRecords(Protocol):
    """What answering asks of releases; `vectorstore.records.Records` fits."""

    def publishers(self, where: Filter | None = ...) -> list[tuple[str | None, int, datetime | None]]:
        """Publishers with how many releases they have and when the newest was published, the freshest first."""
        ...

    def languages(self, where: Filter | None = ...) -> dict[str, int]:
        """Languages with how many releases a filter lets through, the most first."""
        ...

    def span(self, where: Filter | None = ...) -> tuple[datetime | None, datetime | None]:
        """When the oldest and newest release were published that a filter lets through; None where none is dated."""
        ...

    def count_releases(self, where: Filter | None = ...) -> int:
        """How many releases a filter lets through."""
        ...

    def releases(self, where: Filter | None = ..., limit: int | None = ...) -> list[StoredRelease]:
        """Releases in their current version, newest first, undated ones last."""
        ...

    def get(self, release_id: str, version: int | None = ...) -> StoredRelease | None:
        """A release, or None."""
        ...

    def among(self, release_ids: Collection[str], where: Filter | None = ...) -> set[str]:
        """Which of some releases, by their ids, are stored and let through by a filter."""
        ...

    def relations(self, release_id: str) -> Relations:
        """The releases that one release belongs together with."""
        ...


class SearchableStore(Protocol):
    """What searching needs of the store; `vectorstore.store.PassageStore` fits."""

    @property
    def records(self) -> ReleaseRecords:
        """What is known of its releases."""
        ...

    def search(
        self,
        question: str,
        vector: NDArray[np.float32],
        *,
        limit: int = ...,
        where: Filter | None = ...,
        per_release: int = ...,
        language: str | None = ...,
    ) -> tuple[Hit, ...]:
        """The passages that fit a question best, best first."""
        ...

    def mentioning(
        self, *texts: str, language: str | None = ..., where: Filter | None = ..., limit: int | None = ...
    ) -> tuple[int, list[StoredRelease]]:
        """How many releases hold all words of one of the texts, and the newest of them."""
        ...

    def misspelt(self, words: str, language: str | None = ...) -> Mapping[str, Sequence[str]]:
        """What was probably meant by words that no text holds, each by its form as indexed."""
        ...


class QuestionEmbedder(Protocol):
    """What searching needs of an embedder; every `vectorstore.embedders.Embedder` fits."""

    @property
    def name(self) -> str:
        """What the store remembers its vectors by."""
        ...

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        ...


class Interaction(Protocol):
    """What compares a question with texts word by word; `LateInteraction` of the store fits."""

    def align(self, question: str, text: str) -> tuple[Alignment, ...]:
        """Each piece of a question with the likest piece of a text, in the question's order."""
        ...


_Model = TypeVar("_Model", bound=BaseModel)
_LAST_DAY = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def _to_its_end(given: object) -> object:
    """A day as the moment it ends; anything else unchanged."""
    if isinstance(given, str):
        with contextlib.suppress(ValueError):
            given = date.fromisoformat(given)
    if isinstance(given, date) and not isinstance(given, datetime):
        return min(datetime.combine(given, time.min, UTC), _LAST_DAY) + timedelta(days=1)
    return given


def _as_written(given: object) -> date:
    """A text as the moment that it says. A number is none, which pydantic would read as seconds since 1970."""
    if isinstance(given, str):
        with contextlib.suppress(ValueError):
            given = datetime.fromisoformat(given)
    if not isinstance(given, date):
        raise ValueError(f"{given!r} is not a date; write it as 2024-10-17 or 2024-10-17T09:30:00Z")
    return given


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as exc:
        raise ValueError("it lies outside the years 1 to 9999; choose a moment within them") from exc


def several(given: object) -> object:
    """A text as the one of a list, as people and language models write it; anything else unchanged."""
    return (given,) if isinstance(given, str) else given


def _language(code: str) -> str:
    language = re.split(r"[-_]", code.strip().lower())[0]
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise ValueError(f"{code!r} is not a language code; write it as fr or en")
    return language


Moment = Annotated[datetime, BeforeValidator(_as_written), AfterValidator(_in_utc)]
"""A moment in ISO 8601, in UTC where it names no zone."""


class SearchBounds(BaseModel):
    """What a search is bounded by; a day as `until` is meant to its end."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(None, description="published at this moment or later")
    until: Annotated[Moment, BeforeValidator(_to_its_end)] | None = Field(
        None, description="published before this moment; a day is meant to its end"
    )
    languages: Annotated[tuple[Annotated[str, AfterValidator(_language)], ...], BeforeValidator(several)] = Field(
        (), description="ISO 639-1 codes of the releases searched, all if empty"
    )
    publishers: Annotated[tuple[str, ...], BeforeValidator(several)] = Field(
        (), description="publishers of the releases searched, all if empty"
    )

    @field_validator("until")
    @classmethod
    def _ends_after_it_begins(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if since and until and until <= since:
            raise ValueError("is before since; swap the two")
        return until

    @property
    def where(self) -> Filter:
        """As a filter."""
        return Filter(self.languages, self.publishers, self.since, self.until)


def checked(what: str, model: type[_Model], given: Mapping[str, object]) -> _Model:
    """A dict as the model it is meant for. Raises QuestionError, which names the field and what may stand there."""
    try:
        return model.model_validate(given)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        name = ".".join(map(str, fault["loc"])) or "it"
        cause = fault["msg"][0].lower() + fault["msg"][1:]
        if fault["type"] == "value_error":  # one of ours, which says how to mend it
            cause = str(fault["ctx"]["error"])
        if fault["type"] == "extra_forbidden":
            cause = f"there is no such key, only {', '.join(model.model_fields)}"
        raise QuestionError(f"{what}: {name}: {cause}") from exc


class _FilterFields(SearchBounds):
    """A `Filter` as LangChain's callers write it."""

    releases: tuple[str, ...] = ()


def _filter_of(given: Filter | Mapping[str, object] | None) -> Filter:
    """A filter, or a dict of its fields, as a filter. Raises QuestionError for an unknown field."""
    if isinstance(given, Mapping):
        fields = checked("filter", _FilterFields, given)
        return replace(fields.where, releases=fields.releases)
    return given or Filter()


class PassageRetriever(BaseRetriever):
    """Finds the passages that fit a question, at most `k`, and at most `per_release` of one release.

    `find` gives hits. As a LangChain retriever it gives documents, each with the passage's id and its release's
    details; `k` and `filter`, a `Filter` or a dict of its fields, may be given to `invoke` too. The scopes of its own
    filter hold whatever else is given.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: SkipValidation[SearchableStore]
    interaction: SkipValidation[Interaction] | None = None
    embedder: SkipValidation[QuestionEmbedder]
    k: Annotated[int, Field(ge=1)] = 10
    filter: Annotated[Filter, BeforeValidator(_filter_of)] = Filter()
    per_release: Annotated[int, Field(ge=1)] = 3

    def find(
        self,
        question: str,
        *,
        where: Filter | None = None,
        limit: int | None = None,
        language: str | None = None,
        per_release: int | None = None,
    ) -> tuple[Hit, ...]:
        """The hits for a question, best first; empty where the filter lets nothing through.

        `language` is the question's, detected where it is None; `where`, `limit` and `per_release` stand in for the
        retriever's own.

        Raises QuestionError for a blank question, and whatever the store or the embedder raise.
        """
        wanted = searchable(question)
        return self.store.search(
            wanted,
            self.embedder.embed_question(wanted),
            limit=limit or self.k,
            where=self.filter if where is None else where.within(self.filter.scopes),
            per_release=per_release or self.per_release,
            language=language or detect_language(wanted),
        )

    def misspelt(self, words: str, language: str | None) -> Mapping[str, Sequence[str]]:
        """What the store takes words for that no text holds; one that the built-in model knows whole is no slip."""
        some = words.split()
        slips = [word for word, pieces in zip(some, built_in().numbers(some), strict=True) if len(pieces) > 1]
        return self.store.misspelt(" ".join(slips), language) if slips else {}

    def traced(self, question: str, search: Callable[[], tuple[Hit, ...]]) -> tuple[Hit, ...]:
        """The hits of a search, which the callbacks of the chain that is running see as a run of this retriever."""
        manager = get_callback_manager_for_config(ensure_config())
        run = manager.on_retriever_start(None, question, name=self.get_name())
        try:
            hits = search()
        except Exception as exc:
            run.on_retriever_error(exc)
            raise
        run.on_retriever_end([_document(hit) for hit in hits] if run.handlers else [])
        return hits

    def widened(self, question: str, hits: Sequence[Hit], language: str | None) -> tuple[Hit, ...]:
        """The first hits, the other passages of their best releases, since answers stand beside hits, then the rest."""
        first = tuple(hits[:_FIRST])
        best = tuple(dict.fromkeys(hit.release.id for hit in first))[:_READ_WHOLE]
        if not best:
            return ()
        where = Filter(releases=best)
        limit = _READ_WHOLE * _WHOLE
        more = self.find(question, where=where, limit=limit, language=language, per_release=_WHOLE)
        return joined_hits(joined_hits(first, more), hits[_FIRST:])

    def matches(self, question: str, text: str) -> tuple[WordMatch, ...]:
        """The words of a text that a question's words are found in, in its order; empty without late interaction."""
        if self.interaction is None:
            return ()
        found: dict[tuple[int, int], float] = {}
        for alignment in self.interaction.align(searchable(question), text):
            place = _whole_word(text, *alignment.text)
            if alignment.likeness >= LIKE and not is_stop_word(text[slice(*place)], None):
                found[place] = max(alignment.likeness, found.get(place, 0.0))
        return tuple(WordMatch(start, end, likeness) for (start, end), likeness in sorted(found.items()))

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain's signature
        k: int | None = None,
        filter: Filter | Mapping[str, object] | None = None,  # noqa: A002 - LangChain's name
    ) -> list[Document]:
        where = None if filter is None else _filter_of(filter)
        return [_document(hit) for hit in self.find(query, limit=k, where=where)]


def joined_hits(found: tuple[Hit, ...], more: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits with those of another search that they lack, last, for their scores are not to be compared."""
    known = {hit.passage.id for hit in found}
    lowest = min((hit.score for hit in found), default=1.0)
    new = [hit for hit in more if hit.passage.id not in known]
    return found + tuple(
        replace(hit, rank=rank, score=min(hit.score, lowest)) for rank, hit in enumerate(new, len(found) + 1)
    )


def searchable(question: str) -> str:
    """A question as it is searched with: tidied, and cut where it is long. Raises QuestionError where it is none."""
    if len(question) > _MOST:
        raise QuestionTooLongError(len(question), _MOST)
    if _NO_TEXT.search(question):
        raise QuestionError("question: holds bytes that are not UTF-8: set the terminal or the file to UTF-8")
    wanted = " ".join(question.split())
    if not wanted:
        raise QuestionError('question: empty: write a question, for example "Who chaired the meeting?"')
    if len(wanted) <= LONGEST_QUESTION:
        return wanted
    log.info("question of %d characters: searching with the first %d", len(wanted), LONGEST_QUESTION)
    return wanted[:LONGEST_QUESTION].rsplit(" ", 1)[0]


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """The word around a piece of it."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end


def _document(hit: Hit) -> Document:
    """A hit as LangChain's tools know it; times in ISO 8601."""
    release, passage = hit.release, hit.passage
    return Document(
        page_content=passage.text,
        id=passage.id,
        metadata={
            "release_id": release.id,
            "version": release.version,
            "title": release.title,
            "publisher": release.publisher,
            "published": release.published.isoformat() if release.published else None,
            "url": shareable(release.url),
            "language": release.language,
            "start": passage.start,
            "end": passage.end,
            "page": release.page_at(passage.start),
            "score": hit.score,
            "rank": hit.rank,
        },
    )
