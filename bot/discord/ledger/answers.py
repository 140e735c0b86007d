"""Answers that were shown, so that their buttons work as long as they are kept."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.answer import Answer, Citation, Note, NoteKind, Refusal, Searched
from bot.discord.ledger.database import Database, written
from bot.payloads import answer_payload

if TYPE_CHECKING:
    from datetime import timedelta

    from vectorstore.store import PassageStore

_LONGEST = 8  # answers of one conversation that are followed back


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was shown.

    `before` is the id of the answer that it leaned on, `index_version` the number of the last event in the store, and
    `payload` what `communique ask --json` prints of it.
    """

    id: str
    moment: datetime
    before: str | None
    index_version: int
    payload: dict[str, Any]

    def revived(self, store: PassageStore) -> Answer | None:
        """The answer with its releases in the versions it was made of; None where one that it quotes was removed."""
        told = self.payload
        refusal = told["refusal"]
        citations = tuple(found for one in told["citations"] if (found := _citation(one, store)))
        if len(citations) < len(told["citations"]):
            return None
        return Answer(
            question=told["question"],
            standalone_question=told["standalone_question"],
            text=told["answer"],
            language=told["language"],
            citations=citations,
            refusal=_refusal(refusal, store) if refusal else None,
            confidence=told["confidence"],
            model=told["model"],
            as_of=datetime.fromisoformat(told["as_of"]),
            timings_ms=told["timings_ms"],
            notes=tuple(Note(NoteKind(one["kind"]), one["text"]) for one in told["notes"]),
        )


class Answers(Database):
    """The ledger's answers."""

    def keep_answer(self, answer: Answer, *, before: str | None, index_version: int) -> str:
        """Keep an answer; returns the id by which its buttons name it."""
        identity = secrets.token_hex(8)
        payload = json.dumps(answer_payload(answer), ensure_ascii=False)
        with self.deed() as connection:
            row = identity, written(self.now(connection)), before, index_version, payload
            connection.execute("INSERT INTO main.answers VALUES (?, ?, ?, ?, ?)", row)
        return identity

    def answer(self, identity: str) -> KeptAnswer | None:
        """An answer by its id, or None where it is no longer kept."""
        with self.deed() as connection:
            row = connection.execute("SELECT * FROM main.answers WHERE id = ?", (identity,)).fetchone()
        return kept(row) if row else None

    def conversation_up_to(self, identity: str) -> list[KeptAnswer]:
        """An answer with those that it leaned on, oldest first."""
        found: list[KeptAnswer] = []
        wanted: str | None = identity
        while wanted and len(found) < _LONGEST and (one := self.answer(wanted)):
            found.insert(0, one)
            wanted = one.before
        return found

    def forget_release(self, release_id: str) -> int:
        """Forget the answers that quote or name a release, with what was said of them; returns how many."""
        with self.deed() as connection:
            rows = connection.execute("SELECT id, payload FROM main.answers").fetchall()
            told = [(identity,) for identity, payload in rows if release_id in _releases(json.loads(payload))]
            connection.executemany("DELETE FROM main.feedback WHERE answer = ?", told)
            connection.executemany("DELETE FROM main.answers WHERE id = ?", told)
        return len(told)

    def forget_answers(self, older_than: timedelta) -> int:
        """Forget answers, except those that somebody gave feedback on; returns how many."""
        query = (
            "DELETE FROM main.answers WHERE moment < ? AND id NOT IN (SELECT answer FROM main.feedback) RETURNING id"
        )
        with self.deed() as connection:
            before = written(self.now(connection) - older_than)
            return len(connection.execute(query, (before,)).fetchall())


def kept(row: tuple[Any, ...]) -> KeptAnswer:
    """An answer from its row."""
    identity, moment, before, index_version, payload = row
    return KeptAnswer(identity, datetime.fromisoformat(moment), before, index_version, json.loads(payload))


def _releases(told: dict[str, Any]) -> set[str]:
    """The ids of the releases that an answer cites, or that a refusal names."""
    named = [one["release"] for one in told["citations"]] + (told["refusal"]["nearest"] if told["refusal"] else [])
    return {release["id"] for release in named}


def _citation(told: dict[str, Any], store: PassageStore) -> Citation | None:
    release = store.get(told["release"]["id"], told["release"]["version"])
    if release is None:
        return None
    start, end = told.get("answer_start"), told.get("answer_end")  # answers that are kept from before have neither
    answer = None if start is None or end is None else (start, end)
    return Citation(
        told["key"], told["quote"], told["start"], told["end"], release, told["link"], told["speaker"], answer
    )


def _refusal(told: dict[str, Any], store: PassageStore) -> Refusal:
    searched = told["searched"]
    since, until = (datetime.fromisoformat(searched[key]) if searched[key] else None for key in ("since", "until"))
    nearest = [store.get(one["id"], one["version"]) for one in told["nearest"]]
    return Refusal(
        told["reason"],
        Searched(searched["releases"], since, until, tuple(searched["publishers"])),
        tuple(one for one in nearest if one),
    )
