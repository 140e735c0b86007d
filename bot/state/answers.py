"""Answers that were shown, so that their buttons work as long as they are kept, and what people said of them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from bot.answering.codec import AnswerRecord
from bot.state import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
