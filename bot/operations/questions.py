"""Questions that could not be answered: kept without who asked, and asked again as releases come in."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bot.answering.analysis import Ask
from bot.answering.followups import ARROW
from bot.answering.types import Answer, Conversation
from bot.errors import LedgerError, QuestionError
from bot.language.names import known_names
from bot.operations.names import placed
from bot.redaction import without_people
from bot.state.questions import AnswerPlace
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from bot.answering.types import Citation
    from bot.state.questions import Questions, RefusedQuestion
    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_LONGEST = 1_000  # characters of a question that are kept
_LEASE = 120.0  # seconds that a question is kept from other processes which ask again
_CAME = frozenset({"new", "changed", "restored"})
_JUST_CAME = 1_000  # events among which those are looked for whose release is of no known source yet
_MOST = 500  # releases among which an answer is looked for; where more came, all are searched

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


class _Answering(Protocol):
    """What answers; `bot.answering.pipeline.Answerer` fits."""

    def invoke(self, ask: Ask, /) -> Answer:
        """The answer to a question, or a refusal."""
        ...


class QuestionKeeper:
    """Keeps what is refused. See `bot.answering.pipeline.KeepRefused`."""

    def __init__(self, questions: Questions, store: PassageStore) -> None:
        self._questions = questions
        self._store = store

    def __call__(self, answer: Answer, where: Filter) -> str | None:
        """The id of the question; None where it cannot be kept, which makes no answer worse."""
        if answer.refusal is None or not answer.standalone_question:
            return None
        try:
            return self._questions.keep(
                without_people(answer.standalone_question)[-_LONGEST:],
                language=answer.language,
                where=where,
                reason=without_people(answer.refusal.reason),
                up_to=self._asked_after(where),
            )
        except (LedgerError, StoreError) as exc:
            log.warning("%s; a question that could not be answered is not kept", exc)
            return None

    def _asked_after(self, where: Filter) -> int:
        """The last event that a question could be answered from."""
        newest = self._store.records.last_event()
        if not where.scopes:
            return newest
        return placed(self._store.records.events(max(0, newest - _JUST_CAME)), newest, self._store)[1]


class QuestionRounds:
    """Asks the kept questions again, a few at a time, each only of the releases that came in since it was asked.

    Any number of processes may do so: each takes other questions. What is answered there is asked once more of the
    whole store, within the question's own bounds, as a person would ask it: only that counts.
    """

    def __init__(self, questions: Questions, store: PassageStore, answerer: _Answering, *, days: int) -> None:
        self._questions = questions
        self._store = store
        self._answerer = answerer
        self._age = timedelta(days=days)

    def run(self, *, most: int = 20, seconds: float = 10.0) -> list[RefusedQuestion]:
        """Ask up to so many questions, and begin none after so many seconds; returns those that are now answered.

        Questions that are too old are deleted first. Raises LedgerError and StoreError.
        """
        self._questions.forget_old(self._age)
        newest = self._store.records.last_event()
        self._questions.start_over(newest)
        until = time.monotonic() + seconds
        answered: list[RefusedQuestion] = []
        for _ in range(most):
            question = self._questions.take(newest, _LEASE) if time.monotonic() < until else None
            if question is None:
                break
            if self._is_answered(question, newest):
                answered.append(self._questions.get(question.id) or question)
        return answered

    def _is_answered(self, question: RefusedQuestion, newest: int) -> bool:
        events = [one for one in self._store.records.events(after=question.up_to) if one.number <= newest]
        if question.where.scopes:
            events, newest = placed(events, newest, self._store)
        came = frozenset(one.release_id for one in events if one.kind in _CAME)
        quote = self._quote(question, came) if came else None
        if quote is None:
            self._questions.asked(question.id, up_to=newest)
            return False
        release = quote.release
        log.info("a kept question is answered by a release that came in since", extra={"release": release.id})
        return self._questions.answer(
            question.id, AnswerPlace(release.id, release.version, quote.start, quote.end), up_to=newest
        )

    def _quote(self, question: RefusedQuestion, came: frozenset[str]) -> Citation | None:
        """What answers a question now, of the releases that came in where one of them does."""
        ask = ask_of(question)
        releases = came.intersection(question.where.releases) if question.where.releases else came
        try:
            if not releases:
                return None
            if len(releases) <= _MOST:
                among = replace(question.where, releases=tuple(sorted(releases)))
                if not self._answerer.invoke(replace(ask, where=among)).answered:
                    return None
            citations = self._answerer.invoke(ask).main_citations
        except QuestionError:  # what is left of it without names is no question any more
            return None
        return next((one for one in citations if one.release.id in came), next(iter(citations), None))


def ask_of(question: RefusedQuestion) -> Ask:
    """A kept question as it was asked, from the moment that it was asked at: "yesterday" means the same day.

    What came out since then may answer it.
    """
    *before, last = filter(None, (part.strip() for part in question.question.split(ARROW.strip())))
    language = question.language if question.language in {"fr", "en"} else None
    return Ask(
        last,
        where=question.where,
        as_of=question.last,
        awaits=True,
        language=language,
        conversation=_after(before, question),
    )


def _after(before: Iterable[str], question: RefusedQuestion) -> Conversation:
    """A conversation in which the questions that the last leans on were asked."""
    conversation, chain = Conversation(), ""
    for one in before:
        chain = ARROW.join(filter(None, (chain, one)))
        unanswered = Answer(one, chain, "", question.language, (), None, 0.0, "none", question.last, {})
        conversation = conversation.after(one, unanswered)
    return conversation


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that want the same; the first is the one that was asked most, and stands for the others."""

    questions: tuple[RefusedQuestion, ...]

    @property
    def example(self) -> RefusedQuestion:
        """The question that stands for all."""
        return self.questions[0]

    @property
    def times(self) -> int:
        """How often any of them was asked."""
        return sum(one.times for one in self.questions)

    @property
    def first(self) -> datetime:
        """When one of them was asked first."""
        return min(one.first for one in self.questions)

    @property
    def last(self) -> datetime:
        """When one of them was asked last."""
        return max(one.last for one in self.questions)

    @property
    def answered(self) -> RefusedQuestion | None:
        """One of them that a release has answered since; None where none has."""
        return next((one for one in self.questions if one.answered), None)


def grouped(questions: Sequence[RefusedQuestion], embedder: Embedder, *, likeness: float) -> list[QuestionGroup]:
    """The questions in groups, those that were asked most often first.

    In the order of how often they were asked, each joins the group that is most like it, if its cosine with that
    group's questions is at least `likeness` on average, else it begins one. Two questions that differ in a figure, or
    in a country, a place or an organisation, are never one: "in 2023" and "in 2024" are near each other for any model.
    """
    ordered = sorted(questions, key=lambda one: (-one.times, one.first, one.id))
    if not ordered:
        return []
    vectors = _unit(embedder.embed_passages([one.question for one in ordered]))
    facts = [_Facts.of(one.question) for one in ordered]
    members: list[list[int]] = []
    means = np.empty_like(vectors)  # a row for each group; the mean of cosines is the cosine of the mean
    for place, vector in enumerate(vectors):
        near = means[: len(members)] @ vector
        fits = (group for group in np.argsort(-near, kind="stable") if near[group] >= likeness)
        group = next((one for one in fits if all(facts[it].agrees_with(facts[place]) for it in members[one])), None)
        if group is None:
            group = len(members)
            members.append([])
        members[group].append(place)
        means[group] = vectors[members[group]].mean(axis=0)
    groups = [QuestionGroup(tuple(ordered[place] for place in places)) for places in members]
    return sorted(groups, key=lambda group: (-group.times, -group.last.timestamp()))


@dataclass(frozen=True, slots=True)
class _Facts:
    """The figures of a question, and what each name in it may stand for."""

    figures: frozenset[str]
    names: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, question: str) -> _Facts:
        return cls(frozenset(_FIGURE.findall(question)), tuple(one.keys for one in known_names(question)))

    def agrees_with(self, other: _Facts) -> bool:
        """Unless each holds something that the other has not."""
        figures = not (self.figures - other.figures and other.figures - self.figures)
        return figures and not (self._lacks(other) and other._lacks(self))

    def _lacks(self, other: _Facts) -> bool:
        mine = frozenset[str]().union(*self.names)
        return any(keys.isdisjoint(mine) for keys in other.names)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; what has no direction is like nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def of_week(groups: Sequence[QuestionGroup], since: datetime) -> list[QuestionGroup]:
    """The groups of which a question was asked, or answered, from a moment on."""
    return [
        group
        for group in groups
        if group.last >= since or any(one.answered and one.answered >= since for one in group.questions)
    ]
