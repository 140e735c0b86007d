"""Questions as they are remembered: with the answers that were shown, or without one, and what has answered them since.

Answers are kept so that their buttons work, with what people said of them. A question that could not be answered is
kept without who asked it; who wants to be told of an answer is kept apart, only where they said so, and only until they
are told.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import TypeAdapter

from bot.answering.codec import AnswerRecord
from bot.state import written
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import timedelta

    from bot.answering.types import Answer
    from bot.state import Database


_PAGE = 100  # answers that are read in one transaction
_LONGEST = 8  # answers of one conversation that are followed back


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was shown.

    `before` is the id of the answer that it leaned on, `index_version` the number of the last event in the store,
    `within` names the scopes that it was made within, empty where there were none.
    """

    id: str
    moment: datetime
    before: str | None
    index_version: int
    record: AnswerRecord
    within: str = ""


class _Kept(AnswerRecord):
    """An answer as it is written down; what it was made within is nothing of the answer."""

    within: str = ""


class Answers:
    """The answers that were shown, by the ids that their buttons carry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, answer: Answer, *, before: str | None, index_version: int, within: str = "") -> str:
        """Keep an answer that was made within some scopes; returns the id by which its buttons name it."""
        identity = secrets.token_hex(8)
        payload = _Kept.model_validate(answer).model_copy(update={"within": within}).model_dump_json()
        with self._database.transaction() as connection:
            row = identity, written(self._database.now(connection)), before, index_version, payload
            connection.execute("INSERT INTO main.answers VALUES (?, ?, ?, ?, ?)", row)
        return identity

    def get(self, identity: str) -> KeptAnswer | None:
        """An answer by its id, or None where it is no longer kept."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM main.answers WHERE id = ?", (identity,)).fetchone()
        return _kept(row) if row else None

    def each(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[KeptAnswer]:
        """Every answer that is kept, oldest first, a page at a time; `until` is the first moment that is left out."""
        last = written(since) if since else "", ""
        end = written(until) if until else "9"
        query = "SELECT * FROM main.answers WHERE (moment, id) > (?, ?) AND moment < ? ORDER BY moment, id LIMIT ?"
        while True:
            with self._database.transaction() as connection:
                page = [_kept(row) for row in connection.execute(query, (*last, end, _PAGE)).fetchall()]
            yield from page
            if len(page) < _PAGE:
                return
            last = written(page[-1].moment), page[-1].id

    def conversation_up_to(self, identity: str) -> list[KeptAnswer]:
        """An answer with those that it leaned on, oldest first."""
        found: list[KeptAnswer] = []
        wanted: str | None = identity
        while wanted and len(found) < _LONGEST and (one := self.get(wanted)):
            found.insert(0, one)
            wanted = one.before
        return found

    def forget_release(self, release_id: str) -> int:
        """Forget the answers that quote or name a release, with what was said of them; returns how many."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT id, payload FROM main.answers").fetchall()
            naming = [(one,) for one, payload in rows if release_id in _read(payload).release_ids]
            connection.executemany("DELETE FROM main.feedback WHERE answer = ?", naming)
            connection.executemany("DELETE FROM main.answers WHERE id = ?", naming)
        return len(naming)

    def forget(self, older_than: timedelta) -> int:
        """Forget answers, except those that somebody gave feedback on; returns how many."""
        query = (
            "DELETE FROM main.answers WHERE moment < ? AND id NOT IN (SELECT answer FROM main.feedback) RETURNING id"
        )
        with self._database.transaction() as connection:
            before = written(self._database.now(connection) - older_than)
            return len(connection.execute(query, (before,)).fetchall())


def _kept(row: tuple[Any, ...]) -> KeptAnswer:
    """An answer from its row."""
    identity, moment, before, index_version, payload = row
    within = json.loads(payload).get("within", "")
    return KeptAnswer(identity, datetime.fromisoformat(moment), before, index_version, _read(payload), within)


def _read(payload: str) -> AnswerRecord:
    return AnswerRecord.model_validate_json(payload)


_Reason = Literal["wrong_passage", "out_of_date", "did_not_answer", "wrong_language"]
REASONS: tuple[_Reason, ...] = get_args(_Reason)
"""Why an answer was no good."""

_SAY = (
    "INSERT INTO main.feedback VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (answer, person) DO UPDATE SET"
    " good = excluded.good, reasons = excluded.reasons, comment = excluded.comment, moment = excluded.moment"
)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person said of one answer; `person` is their id on Discord. The last word of a person counts."""

    answer: KeptAnswer
    person: int
    good: bool
    reasons: tuple[_Reason, ...]
    comment: str
    moment: datetime

    def payload(self) -> dict[str, Any]:
        """What `communique feedback --json` prints: what was said, and of what."""
        record = self.answer.record
        return {
            "moment": self.moment.isoformat(timespec="seconds"),
            "verdict": "good" if self.good else "bad",
            "reasons": list(self.reasons),
            "comment": self.comment,
            "person": str(self.person),
            "question": record.question,
            "standalone_question": record.standalone_question,
            "answered": record.answered,
            "answer": record.answer,
            "passages": [
                {"quote": one.quote, "start": one.start, "end": one.end, "page": one.page, "link": one.link}
                | {"id": one.release.id, "version": one.release.version, "title": one.release.title}
                for one in record.citations
            ],
            "model": record.model,
            "asked": self.answer.moment.isoformat(timespec="seconds"),
            "index_version": self.answer.index_version,
        }


class FeedbackLog:
    """What people said of answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say(self, answer: str, person: int, *, good: bool, reasons: Sequence[_Reason] = (), comment: str = "") -> bool:
        """Keep what a person says of an answer, in place of what they said before. False where it is not kept."""
        with self._database.transaction() as connection:
            if not connection.execute("SELECT 1 FROM main.answers WHERE id = ?", (answer,)).fetchone():
                return False
            row = answer, person, good, json.dumps(list(reasons)), comment, written(self._database.now(connection))
            connection.execute(_SAY, row)
        return True

    def all(self, *, since: datetime | None = None, good: bool | None = None) -> list[Feedback]:
        """What people said, newest first."""
        query = (
            "SELECT a.id, a.moment, a.before, a.index_version, a.payload,"
            " f.person, f.good, f.reasons, f.comment, f.moment"
            " FROM main.feedback f JOIN main.answers a ON a.id = f.answer"
            " WHERE f.moment >= ? AND (CAST(? AS BOOLEAN) IS NULL OR f.good = ?) ORDER BY f.moment DESC"
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query, (written(since) if since else "", good, good)).fetchall()
        return [
            Feedback(
                _kept(row[:5]), row[5], bool(row[6]), tuple(json.loads(row[7])), row[8], datetime.fromisoformat(row[9])
            )
            for row in rows
        ]


_COLUMNS = (
    " id, question, language, bounds, reason, times, first, last, up_to, answered,"
    " release_id, version, quote_start, quote_end"
)
_KEEP = (
    "INSERT INTO main.questions AS known (id, question, language, bounds, reason, times, first, last, up_to)"
    " VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET times = known.times + 1, last = excluded.last,"
    " reason = excluded.reason, up_to = excluded.up_to, answered = NULL, release_id = NULL, version = NULL,"
    " quote_start = NULL, quote_end = NULL"
)
_TAKE = (
    "UPDATE main.questions SET held_until = ? WHERE held_until < ? AND id IN (SELECT id FROM main.questions"
    " WHERE answered IS NULL AND up_to < ? AND held_until < ? ORDER BY up_to, last DESC LIMIT 1)"
)
_RETURNING = " RETURNING" + _COLUMNS
_SELECT = "SELECT" + _COLUMNS + " FROM main.questions"
_REOPEN = (
    "UPDATE main.questions SET answered = NULL, release_id = NULL, version = NULL, quote_start = NULL,"
    " quote_end = NULL WHERE release_id = ?"
)


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """Where a quote stands in a version of a release, from `start` to `end`, without a word of it."""

    release_id: str
    version: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RefusedQuestion:
    """A question that was refused `times` times from `first` to `last`, within the bounds `where`.

    `question` stands alone, `reason` is what was said last. `up_to` is the number of the last event in the store that
    it was asked after. `answered` is when a release was found to answer it, at the place `quote`.
    """

    id: str
    question: str
    language: str
    where: Filter
    reason: str
    times: int
    first: datetime
    last: datetime
    up_to: int
    answered: datetime | None = None
    quote: AnswerPlace | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asked to be told once a question is answered, by their id on Discord, and in which locale."""

    question: str
    person: int
    locale: str

    @property
    def key(self) -> str:
        """Which of the messages to that person tells of the answer."""
        return f"question:{self.question}"


class Questions:
    """The questions that are kept; any thread and any process may use them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, question: str, *, language: str, where: Filter, reason: str, up_to: int) -> str:
        """Keep a question, or count it once more; returns its id. One that was answered is open again."""
        bounds = _bounds(where)
        identity = hashlib.sha256("\x1f".join((question.casefold(), language, bounds)).encode()).hexdigest()[:16]
        with self._database.transaction() as connection:
            now = written(self._database.now(connection))
            connection.execute(_KEEP, (identity, question, language, bounds, reason, now, now, up_to))
        return identity

    def get(self, identity: str) -> RefusedQuestion | None:
        """A question by its id, or None where it is not kept."""
        with self._database.transaction() as connection:
            row = connection.execute(_SELECT + " WHERE id = ?", (identity,)).fetchone()
        return _question(row) if row else None

    def all(self, *, since: datetime | None = None) -> list[RefusedQuestion]:
        """The questions that were asked at a moment or later, the newest first."""
        query = _SELECT + " WHERE last >= ? ORDER BY last DESC, id"
        with self._database.transaction() as connection:
            return [_question(row) for row in connection.execute(query, (written(since) if since else "",))]

    def take(self, newest: int, seconds: float) -> RefusedQuestion | None:
        """Take an open question that was not yet asked after event `newest`, for so long; None where there is none.

        Nobody else takes it meanwhile.
        """
        with self._database.transaction() as connection:
            clock = self._database.now(connection).timestamp()
            rows = connection.execute(_TAKE + _RETURNING, (clock + seconds, clock, newest, clock)).fetchall()
        return _question(rows[0]) if rows else None

    def asked(self, identity: str, *, up_to: int) -> None:
        """Say that a question was asked again after event `up_to`, and is still open."""
        query = "UPDATE main.questions SET up_to = ?, held_until = 0 WHERE id = ? AND up_to < ?"
        with self._database.transaction() as connection:
            connection.execute(query, (up_to, identity, up_to))

    def answer(self, identity: str, quote: AnswerPlace, *, up_to: int) -> bool:
        """Say what answers a question; False where it was answered already, or is not kept any more."""
        query = (
            "UPDATE main.questions SET answered = ?, release_id = ?, version = ?, quote_start = ?, quote_end = ?,"
            " up_to = ?, held_until = 0 WHERE id = ? AND answered IS NULL RETURNING id"
        )
        with self._database.transaction() as connection:
            place = quote.release_id, quote.version, quote.start, quote.end
            row = written(self._database.now(connection)), *place, up_to, identity
            return bool(connection.execute(query, row).fetchall())

    def start_over(self, newest: int) -> None:
        """Ask again from event `newest` on where more were seen: the store was made again, and counts from 1."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE main.questions SET up_to = ? WHERE up_to > ?", (newest, newest))

    def forget(self, identities: Collection[str]) -> int:
        """Forget questions, and who wants to be told of them; returns how many there were."""
        rows = [(identity,) for identity in identities]
        with self._database.transaction() as connection:
            query = "DELETE FROM main.questions WHERE id = ? RETURNING id"
            count = sum(len(connection.execute(query, row).fetchall()) for row in rows)
            connection.executemany("DELETE FROM main.wishes WHERE question = ?", rows)
        return count

    def forget_old(self, older_than: timedelta) -> int:
        """Forget what nobody asked for so long, and wishes that old; returns how many questions."""
        with self._database.transaction() as connection:
            before = (written(self._database.now(connection) - older_than),)
            gone = connection.execute("DELETE FROM main.questions WHERE last < ? RETURNING id", before).fetchall()
            connection.execute("DELETE FROM main.wishes WHERE moment < ?", before)
            connection.execute("DELETE FROM main.wishes WHERE question NOT IN (SELECT id FROM main.questions)")
        return len(gone)

    def forget_release(self, release_id: str) -> None:
        """Forget that a release answers anything: what it answered is open again."""
        with self._database.transaction() as connection:
            connection.execute(_REOPEN, (release_id,))

    def wish(self, identity: str, person: int, *, locale: str) -> bool | None:
        """Tell a person once a question is answered, or no more if they had wished for it; whether they now do.

        None where the question is not kept.
        """
        drop = "DELETE FROM main.wishes WHERE question = ? AND person = ? RETURNING person"
        with self._database.transaction() as connection:
            if not connection.execute("SELECT 1 FROM main.questions WHERE id = ?", (identity,)).fetchone():
                return None
            if connection.execute(drop, (identity, person)).fetchall():
                return False
            row = identity, person, locale, written(self._database.now(connection))
            connection.execute("INSERT INTO main.wishes (question, person, locale, moment) VALUES (?, ?, ?, ?)", row)
        return True

    def to_tell(self, limit: int) -> list[Wish]:
        """Who is to be told of an answer, the first who wished for it first."""
        query = (
            "SELECT w.question, w.person, w.locale FROM main.wishes w JOIN main.questions q ON q.id = w.question"
            " WHERE q.answered IS NOT NULL ORDER BY w.moment, w.person LIMIT ?"
        )
        with self._database.transaction() as connection:
            return [Wish(*row) for row in connection.execute(query, (limit,)).fetchall()]

    def is_wished(self, wish: Wish) -> bool:
        """Whether somebody still is to be told of an answer."""
        query = "SELECT 1 FROM main.wishes WHERE question = ? AND person = ?"
        with self._database.transaction() as connection:
            return connection.execute(query, (wish.question, wish.person)).fetchone() is not None

    def granted(self, wish: Wish) -> None:
        """Forget who wished to be told: they were."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM main.wishes WHERE question = ? AND person = ?", (wish.question, wish.person)
            )

    def forget_person(self, person: int) -> None:
        """Forget everything that a person wished to be told: nothing reaches them any more."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.wishes WHERE person = ?", (person,))


_FILTERS = TypeAdapter(Filter)


def _bounds(where: Filter) -> str:
    """A filter with all that it holds; the same for the same bounds in another order."""
    return json.dumps(_ordered(_FILTERS.dump_python(where, mode="json")), ensure_ascii=False, sort_keys=True)


def _ordered(value: object) -> object:
    """What a filter holds, its lists in one order whatever order they came in."""
    if isinstance(value, dict):
        return {name: _ordered(held) for name, held in value.items()}
    return sorted(map(_ordered, value), key=str) if isinstance(value, list) else value


def _question(row: tuple[Any, ...]) -> RefusedQuestion:
    identity, question, language, bounds, reason, times, first, last, up_to, answered, *place = row
    return RefusedQuestion(
        identity,
        question,
        language,
        _FILTERS.validate_json(bounds),
        reason,
        times,
        datetime.fromisoformat(first),
        datetime.fromisoformat(last),
        up_to,
        datetime.fromisoformat(answered) if answered else None,
        AnswerPlace(*place) if answered else None,
    )
