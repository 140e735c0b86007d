"""Who follows which topics, which releases are about them, and who was told of which: once each, whoever tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.state.database import written
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.state.database import Database
    from vectorstore.catalogue.engine import Connection

_UP_TO = "followed_up_to"  # in the ledger's own record: every event up to this number is matched
_SET = "INSERT INTO main.meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_FOLLOWS = "SELECT person, topic, publishers, languages, since FROM main.follows"
_STALE = timedelta(days=7)  # after so long a release is no news to somebody who could not be reached


@dataclass(frozen=True, slots=True)
class Follow:
    """A topic that a person follows from an event on; empty tuples leave publishers and languages open."""

    person: int
    topic: str
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: int = 0

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from others: whose it is, and the topic whatever its capitals and accents."""
        return self.person, topic_key(self.topic)


@dataclass(frozen=True, slots=True)
class Match:
    """A release that is about a topic somebody follows, with the sentence that shows it: `text[start:end]`.

    `event` is what made it news, `kind` that event's; `version` the release's as it was read.
    """

    person: int
    topic: str
    release_id: str
    version: int
    event: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pending:
    """What a person is still to be told, oldest first, in their `locale`.

    `number` is that of a message that was begun for these alone, None where none was.
    """

    locale: str
    number: int | None
    matches: tuple[Match, ...]


def topic_key(topic: str) -> str:
    """A topic as it is told from others, whatever its capitals, accents and spaces."""
    return " ".join(fold(topic).split())


class Following:
    """Topics and who follows them; any process may match and tell."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(self, follow: Follow, *, locale: str, most: int) -> bool:
        """Follow a topic, anew or otherwise than before; False where a person has as many as they may.

        From then on they are spoken to in this locale.
        """
        count = "SELECT COUNT(*) FROM main.follows WHERE person = ? AND key <> ?"
        keep = (
            "INSERT INTO main.follows (person, key, topic, publishers, languages, since) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (person, key) DO UPDATE SET topic = excluded.topic, publishers = excluded.publishers,"
            " languages = excluded.languages"
        )
        person = (
            "INSERT INTO main.followers (person, locale) VALUES (?, ?)"
            " ON CONFLICT (person) DO UPDATE SET locale = excluded.locale"
        )
        with self._database.transaction() as connection:
            [(others,)] = connection.execute(count, follow.key).fetchall()
            if others >= most:
                return False
            lists = json.dumps(follow.publishers), json.dumps(follow.languages)
            connection.execute(keep, (*follow.key, follow.topic, *lists, follow.since))
            connection.execute(person, (follow.person, locale))
            if self._up_to(connection) is None:
                connection.execute(_SET, (_UP_TO, str(follow.since)))
        return True

    def unfollow(self, person: int, topic: str) -> bool:
        """Follow a topic no more; what was found for it and not yet told is forgotten. False where it was not."""
        key = topic_key(topic)
        with self._database.transaction() as connection:
            query = "DELETE FROM main.follows WHERE person = ? AND key = ? RETURNING key"
            if not connection.execute(query, (person, key)).fetchall():
                return False
            connection.execute(
                "DELETE FROM main.matches WHERE person = ? AND key = ? AND NOT told AND number IS NULL", (person, key)
            )
        return True

    def of(self, person: int) -> list[Follow]:
        """What a person follows, in the order of the alphabet."""
        with self._database.transaction() as connection:
            return [_follow(row) for row in connection.execute(f"{_FOLLOWS} WHERE person = ? ORDER BY key", (person,))]

    def sources(self) -> list[str]:
        """The names of publishers and sources that anybody keeps a topic to."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT DISTINCT publishers FROM main.follows").fetchall()
        return sorted({name for (names,) in rows for name in json.loads(names)})

    def forget(self, person: int) -> None:
        """Forget a person: what they follow, and what they were told."""
        with self._database.transaction() as connection:
            for table in ("matches", "follows", "followers"):
                connection.execute(f"DELETE FROM main.{table} WHERE person = ?", (person,))  # noqa: S608 - three names

    def forget_release(self, release_id: str) -> None:
        """Forget what a release is about."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.matches WHERE release_id = ?", (release_id,))

    def forget_told(self, older_than: timedelta) -> None:
        """Forget what people were told so long ago, and what they could not be told for a week."""
        with self._database.transaction() as connection:
            now = self._database.now(connection)
            connection.execute("DELETE FROM main.matches WHERE told AND moment < ?", (written(now - older_than),))
            query = "DELETE FROM main.matches WHERE NOT told AND number IS NULL AND moment < ?"
            connection.execute(query, (written(now - _STALE),))

    def up_to(self, newest: int) -> int | None:
        """The number up to which events are matched; None where nobody follows anything.

        Where it lies beyond the `newest`, the store was made anew and counts from 1: all goes on from there.
        """
        with self._database.transaction() as connection:
            known = self._up_to(connection)
            if known is not None and known > newest:
                connection.execute(_SET, (_UP_TO, str(newest)))
                connection.execute("UPDATE main.follows SET since = ? WHERE since > ?", (newest, newest))
                connection.execute("DELETE FROM main.matched")
                connection.execute("DELETE FROM main.matches")
                return newest
            return known

    def take(self, event: int, holder: str, seconds: float) -> list[Follow] | None:
        """Take an event to match it, for so long, with all who follow something since before it.

        None where another process has it, or has matched it.
        """
        query = (
            "INSERT INTO main.matched AS known (event, holder, held_until) VALUES (?, ?, ?)"
            " ON CONFLICT (event) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
            " WHERE NOT known.done AND (known.holder = excluded.holder OR known.held_until < ?) RETURNING event"
        )
        with self._database.transaction() as connection:
            if event <= (self._up_to(connection) or 0):
                return None
            clock = self._database.now(connection).timestamp()
            if not connection.execute(query, (event, holder, clock + seconds, clock)).fetchall():
                return None
            return self._since_before(connection, event)

    def matched(self, event: int, holder: str, matches: Iterable[Match], known: Collection[Follow]) -> list[Follow]:
        """Write down what an event's release is about; it is done with where nobody is left.

        `known` are those who were asked about. Who has begun to follow something meanwhile is given back.
        """
        row = (
            "INSERT INTO main.matches (person, key, release_id, topic, version, event, kind, first, last, moment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person, release_id, key) DO NOTHING"
        )
        told = "SELECT person FROM main.matches WHERE release_id = ? AND (told OR number IS NOT NULL)"
        asked = {follow.key for follow in known}
        with self._database.transaction() as connection:
            mine = "SELECT 1 FROM main.matched WHERE event = ? AND holder = ? AND NOT done"
            if connection.execute(mine, (event, holder)).fetchone() is None:
                return []  # it took too long, and another process has it
            following = self._since_before(connection, event)
            if left := [follow for follow in following if follow.key not in asked]:
                return left
            followed = {follow.key for follow in following}
            moment = written(self._database.now(connection))
            once: dict[str, set[int]] = {}
            for match in matches:
                if match.release_id not in once:
                    once[match.release_id] = {person for (person,) in connection.execute(told, (match.release_id,))}
                if (match.person, topic_key(match.topic)) in followed and match.person not in once[match.release_id]:
                    key = match.person, topic_key(match.topic), match.release_id, match.topic, match.version
                    connection.execute(row, (*key, match.event, match.kind, match.start, match.end, moment))
            connection.execute("UPDATE main.matched SET done = ? WHERE event = ?", (True, event))
        return []

    def pass_over(self, events: Iterable[int]) -> None:
        """Say that there is nothing to match in these events."""
        query = (
            "INSERT INTO main.matched (event, held_until, done) VALUES (?, 0, ?)"
            " ON CONFLICT (event) DO UPDATE SET done = excluded.done"
        )
        with self._database.transaction() as connection:
            reached = self._up_to(connection) or 0
            connection.executemany(query, [(event, True) for event in events if event > reached])

    def advance(self, events: Sequence[int]) -> None:
        """Events are matched up to the first of these, in their order, that is not done."""
        with self._database.transaction() as connection:
            done = {event for (event,) in connection.execute("SELECT event FROM main.matched WHERE done")}
            reached = self._up_to(connection) or 0
            for event in events:
                if event > reached:
                    if event not in done:
                        break
                    reached = event
            connection.execute(_SET, (_UP_TO, str(reached)))
            connection.execute("DELETE FROM main.matched WHERE event <= ?", (reached,))

    def to_be_told(self) -> list[int]:
        """The people who are to be told something, who has waited longest first."""
        query = "SELECT person FROM main.matches WHERE NOT told GROUP BY person ORDER BY MIN(event), person"
        with self._database.transaction() as connection:
            return [person for (person,) in connection.execute(query)]

    def pending(self, person: int) -> Pending:
        """What a person is to be told: what a message was begun for, or else everything that there is."""
        query = (
            "SELECT person, topic, release_id, version, event, kind, first, last, number FROM main.matches"
            " WHERE person = ? AND NOT told ORDER BY event, release_id, key"
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query, (person,)).fetchall()
            row = connection.execute("SELECT locale FROM main.followers WHERE person = ?", (person,)).fetchone()
        begun = min((row[-1] for row in rows if row[-1] is not None), default=None)
        chosen = tuple(Match(*row[:-1]) for row in rows if row[-1] == begun)
        return Pending(row[0] if row else "en", begun, chosen)

    def begin(self, person: int, matches: Sequence[Match]) -> int | None:
        """Begin a message that tells a person of these, and of nothing else; returns its number.

        None where another message was begun for one of them meanwhile.
        """
        free = "SELECT release_id, key FROM main.matches WHERE person = ? AND NOT told AND number IS NULL"
        number = "UPDATE main.followers SET messages = messages + 1 WHERE person = ? RETURNING messages"
        query = "UPDATE main.matches SET number = ? WHERE person = ? AND release_id = ? AND key = ?"
        keys = [(match.release_id, topic_key(match.topic)) for match in matches]
        with self._database.transaction() as connection:
            if not set(keys) <= {(release_id, key) for release_id, key in connection.execute(free, (person,))}:
                return None
            found = connection.execute(number, (person,)).fetchall()
            if not found:
                return None
            made = int(found[0][0])
            connection.executemany(query, [(made, person, *key) for key in keys])
        return made

    def told(self, person: int, number: int) -> None:
        """Say that a person was told what a message was begun for."""
        query = "UPDATE main.matches SET told = ? WHERE person = ? AND number = ?"
        with self._database.transaction() as connection:
            connection.execute(query, (True, person, number))

    @staticmethod
    def _up_to(connection: Connection) -> int | None:
        row = connection.execute("SELECT value FROM main.meta WHERE key = ?", (_UP_TO,)).fetchone()
        return int(row[0]) if row else None

    @staticmethod
    def _since_before(connection: Connection, event: int) -> list[Follow]:
        return [
            _follow(row) for row in connection.execute(f"{_FOLLOWS} WHERE since < ? ORDER BY person, key", (event,))
        ]


def _follow(row: tuple[Any, ...]) -> Follow:
    person, topic, publishers, languages, since = row
    return Follow(person, topic, tuple(json.loads(publishers)), tuple(json.loads(languages)), since)
