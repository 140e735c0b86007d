"""Questions that could not be answered: kept without who asked, and asked again as releases come in."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.answering.analysis import Ask
from bot.answering.turns.followups import ARROW
from bot.answering.types import Answer, Conversation
from bot.errors import LedgerError, QuestionError
from bot.operations.scopes import placed
from bot.redaction import without_people
from bot.state.questions import Place
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.answering.types import Citation
    from bot.state.questions import Questions, RefusedQuestion
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_LONGEST = 1_000  # characters of a question that are kept
_LEASE = 120.0  # seconds that a question is kept from other processes which ask again
_CAME = frozenset({"new", "changed", "restored"})
_JUST_CAME = 1_000  # events among which those are looked for whose release is of no known source yet
_MOST = 500  # releases among which an answer is looked for; where more came, all are searched


class Answering(Protocol):
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
        newest = self._store.last_event()
        if not where.scopes:
            return newest
        return placed(self._store.events(max(0, newest - _JUST_CAME)), newest, self._store)[1]


class QuestionRounds:
    """Asks the kept questions again, a few at a time, each only of the releases that came in since it was asked.

    Any number of processes may do so: each takes other questions. What is answered there is asked once more of the
    whole store, within the question's own bounds, as a person would ask it: only that counts.
    """

    def __init__(self, questions: Questions, store: PassageStore, answerer: Answering, *, days: int) -> None:
        self._questions = questions
        self._store = store
        self._answerer = answerer
        self._age = timedelta(days=days)

    def run(self, *, most: int = 20, seconds: float = 10.0) -> list[RefusedQuestion]:
        """Ask up to so many questions, and begin none after so many seconds; returns those that are now answered.

        Questions that are too old are deleted first. Raises LedgerError and StoreError.
        """
        self._questions.forget_old(self._age)
        newest = self._store.last_event()
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
        events = [one for one in self._store.events(after=question.up_to) if one.number <= newest]
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
            question.id, Place(release.id, release.version, quote.start, quote.end), up_to=newest
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
            citations = self._answerer.invoke(ask).citations
        except QuestionError:  # what is left of it without names is no question any more
            return None
        return next((one for one in citations if one.release.id in came), next(iter(citations), None))


def ask_of(question: RefusedQuestion) -> Ask:
    """A kept question as it was asked, from the moment that it was asked at: "yesterday" means the same day."""
    *before, last = filter(None, (part.strip() for part in question.question.split(ARROW.strip())))
    language = question.language if question.language in {"fr", "en"} else None
    return Ask(
        last, where=question.where, as_of=question.last, language=language, conversation=_after(before, question)
    )


def _after(before: Iterable[str], question: RefusedQuestion) -> Conversation:
    """A conversation in which the questions that the last leans on were asked."""
    conversation, chain = Conversation(), ""
    for one in before:
        chain = ARROW.join(filter(None, (chain, one)))
        unanswered = Answer(one, chain, "", question.language, (), None, 0.0, "none", question.last, {})
        conversation = conversation.after(one, unanswered)
    return conversation
