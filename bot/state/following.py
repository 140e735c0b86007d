"""What people ask to be told of what is new: topics that they follow, and digests.

Of topics: who follows which, which releases are about them, and who was told of which, once each, whoever tells. Of
digests: who gets one, and when the next is due: one for each person and each channel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import ZoneInfo

from bot.state import SET_META, written
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.state import Database
    from vectorstore.catalogue import Connection

_UP_TO = "followed_up_to"  # in the ledger's own record: every event up to this number is matched
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
        """Follow a topic, or follow it otherwise than before; False where a person has as many as they may.

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
                connection.execute(SET_META, (_UP_TO, str(follow.since)))
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

        Where it lies beyond the `newest`, the store was made again and counts from 1: all goes on from there.
        """
        with self._database.transaction() as connection:
            known = self._up_to(connection)
            if known is not None and known > newest:
                connection.execute(SET_META, (_UP_TO, str(newest)))
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
            connection.execute(SET_META, (_UP_TO, str(reached)))
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


Every = Literal["daily", "weekly"]
EVERY: tuple[Every, ...] = get_args(Every)
"""How often a digest comes: each day, or each Monday."""

_DAYS = {"daily": 1, "weekly": 7}
_COLUMNS = " recipient, guild, locale, every, hour, zone, publishers, languages, topics, due, up_to, through"
_SELECT = "SELECT" + _COLUMNS + " FROM main.digests"
_RETURNING = " RETURNING" + _COLUMNS


@dataclass(frozen=True, slots=True)
class Digest:
    """What one recipient gets: a person where `guild` is None, else a channel of that guild.

    It comes at an hour, from 0 to 23, by the clocks of a zone of the IANA's; `due` is when the next one does. Empty
    tuples leave publishers, languages and topics open. `up_to` is the number of the last event that was told,
    `through` that of the last which the digest under way tells; None where none is.
    """

    recipient: int
    guild: int | None
    locale: str
    every: Every
    hour: int
    zone: str
    publishers: tuple[str, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    due: datetime
    up_to: int
    through: int | None = None

    def due_after(self, moment: datetime) -> datetime:
        """When the first digest after a moment is due. See `due_after`."""
        return due_after(moment, every=self.every, hour=self.hour, zone=self.zone)


def due_after(moment: datetime, *, every: Every, hour: int, zone: str) -> datetime:
    """The first moment after another at which it is that hour in a zone, of a Monday where `every` is weekly."""
    local = moment.astimezone(ZoneInfo(zone))
    first = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    if every == "weekly":
        first -= timedelta(days=first.weekday())
    while first.astimezone(UTC) <= moment.astimezone(UTC):  # by the clock on the wall: a day may have 23 or 25 hours
        first += timedelta(days=_DAYS[every])
    return first.astimezone(UTC)


class Digests:
    """The digests that people asked for; any number of processes may send them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, digest: Digest) -> Digest:
        """Send a digest from an event on; one that was sent before goes on where it was. Returns it as it is kept."""
        query = (
            f"INSERT INTO main.digests ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - names
            " ON CONFLICT (recipient) DO UPDATE SET guild = excluded.guild, locale = excluded.locale,"
            " every = excluded.every, hour = excluded.hour, zone = excluded.zone, publishers = excluded.publishers,"
            " languages = excluded.languages, topics = excluded.topics, due = excluded.due, through = NULL"
        )
        lists = (json.dumps(one, ensure_ascii=False) for one in (digest.publishers, digest.languages, digest.topics))
        row = (
            digest.recipient, digest.guild, digest.locale, digest.every, digest.hour, digest.zone, *lists,
            digest.due.timestamp(), digest.up_to, None,
        )  # fmt: skip
        with self._database.transaction() as connection:
            [kept] = connection.execute(query + _RETURNING, row).fetchall()
        return _digest(kept)

    def get(self, recipient: int) -> Digest | None:
        """The digest of a person or a channel, or None."""
        with self._database.transaction() as connection:
            row = connection.execute(_SELECT + " WHERE recipient = ?", (recipient,)).fetchone()
        return _digest(row) if row else None

    def of_guild(self, guild: int) -> list[Digest]:
        """The digests of a guild's channels."""
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT + " WHERE guild = ? ORDER BY recipient", (guild,)).fetchall()
        return [_digest(row) for row in rows]

    def due(self, moment: datetime | None = None) -> list[Digest]:
        """The digests that are due at a moment, now where it is None; the longest due first."""
        with self._database.transaction() as connection:
            clock = (moment or self._database.now(connection)).timestamp()
            rows = connection.execute(_SELECT + " WHERE due <= ? ORDER BY due, recipient", (clock,)).fetchall()
        return [_digest(row) for row in rows]

    def begin(self, digest: Digest, newest: int) -> Digest | None:
        """Begin a digest that is due, of everything up to event `newest`; or go on with one that was begun.

        None where it was sent meanwhile, or is not wanted any more. Where the store was made again, and counts from 1,
        it goes on from there.
        """
        query = (
            "UPDATE main.digests SET up_to = CASE WHEN up_to > ? THEN ? ELSE up_to END, through = CASE"
            " WHEN through IS NULL OR through > ? THEN CAST(? AS BIGINT) ELSE through END"
            " WHERE recipient = ? AND due = ?"
        )
        with self._database.transaction() as connection:
            row = newest, newest, newest, newest, digest.recipient, digest.due.timestamp()
            begun = connection.execute(query + _RETURNING, row).fetchall()
        return _digest(begun[0]) if begun else None

    def done(self, digest: Digest, following: datetime) -> None:
        """Say that a digest which was begun is sent, or that there was nothing in it; the next is due then.

        Nothing is done where another process said so before.
        """
        query = "UPDATE main.digests SET up_to = ?, through = NULL, due = ? WHERE recipient = ? AND due = ?"
        with self._database.transaction() as connection:
            row = digest.through, following.timestamp(), digest.recipient, digest.due.timestamp()
            connection.execute(query, row)

    def forget(self, recipient: int, *, guild: int | None = None) -> bool:
        """Send a person no digest any more, or a channel of a guild; False where none was sent."""
        query = "DELETE FROM main.digests WHERE recipient = ? AND (guild = ? OR CAST(? AS BIGINT) IS NULL)"
        with self._database.transaction() as connection:
            rows = connection.execute(query + " RETURNING recipient", (recipient, guild, guild)).fetchall()
        return bool(rows)


def _digest(row: tuple[Any, ...]) -> Digest:
    recipient, guild, locale, every, hour, zone, publishers, languages, topics, due, up_to, through = row
    return Digest(
        recipient,
        guild,
        locale,
        every,
        hour,
        zone,
        publishers=tuple(json.loads(publishers)),
        languages=tuple(json.loads(languages)),
        topics=tuple(json.loads(topics)),
        due=datetime.fromtimestamp(due, UTC),
        up_to=up_to,
        through=through,
    )
