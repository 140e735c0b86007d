"""What people said of answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from bot.discord.ledger.answers import KeptAnswer, kept
from bot.discord.ledger.database import Database, written

if TYPE_CHECKING:
    from collections.abc import Sequence

Reason = Literal["wrong_passage", "out_of_date", "did_not_answer", "wrong_language"]
REASONS: tuple[Reason, ...] = get_args(Reason)
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
    reasons: tuple[Reason, ...]
    comment: str
    moment: datetime

    def payload(self) -> dict[str, Any]:
        """What `communique feedback --json` prints: what was said, and of what."""
        told = self.answer.payload
        return {
            "moment": self.moment.isoformat(timespec="seconds"),
            "verdict": "good" if self.good else "bad",
            "reasons": list(self.reasons),
            "comment": self.comment,
            "person": str(self.person),
            "question": told["question"],
            "standalone_question": told["standalone_question"],
            "answered": told["answered"],
            "answer": told["answer"],
            "passages": [
                {"quote": one["quote"], "start": one["start"], "end": one["end"], "link": one["link"]}
                | {key: one["release"][key] for key in ("id", "version", "title")}
                for one in told["citations"]
            ],
            "model": told["model"],
            "asked": self.answer.moment.isoformat(timespec="seconds"),
            "index_version": self.answer.index_version,
        }


class Feedbacks(Database):
    """The ledger's feedback."""

    def say(self, answer: str, person: int, *, good: bool, reasons: Sequence[Reason] = (), comment: str = "") -> bool:
        """Keep what a person says of an answer, in place of what they said before. False where it is not kept."""
        with self.deed() as connection:
            if not connection.execute("SELECT 1 FROM main.answers WHERE id = ?", (answer,)).fetchone():
                return False
            row = answer, person, good, json.dumps(list(reasons)), comment, written(self.now(connection))
            connection.execute(_SAY, row)
        return True

    def feedback(self, *, since: datetime | None = None, good: bool | None = None) -> list[Feedback]:
        """What people said, newest first."""
        query = (
            "SELECT a.id, a.moment, a.before, a.index_version, a.payload,"
            " f.person, f.good, f.reasons, f.comment, f.moment"
            " FROM main.feedback f JOIN main.answers a ON a.id = f.answer"
            " WHERE f.moment >= ? AND (CAST(? AS BOOLEAN) IS NULL OR f.good = ?) ORDER BY f.moment DESC"
        )
        with self.deed() as connection:
            rows = connection.execute(query, (written(since) if since else "", good, good)).fetchall()
        return [
            Feedback(kept(row[:5]), row[5], bool(row[6]), tuple(json.loads(row[7])), row[8], _moment(row[9]))
            for row in rows
        ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
