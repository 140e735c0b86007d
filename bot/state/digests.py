"""Who gets a digest of what is new, and when the next is due: one for each person and each channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from bot.state.database import Database

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

        None where it was sent meanwhile, or is not wanted any more. Where the store was made anew, and counts from 1,
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
