"""Which channels new releases are announced in, and which were: once each, whoever announces them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.state.database import written

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.state.database import Database

_COLUMNS = " channel, guild, publishers, languages, locale, up_to, trouble, about, role"
_SELECT = "SELECT" + _COLUMNS + " FROM main.subscriptions"
_RETURNING = " RETURNING" + _COLUMNS


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel that releases are announced in; empty tuples leave publishers, languages and topics open.

    `up_to` is the number of the last event that is done with; `trouble` is why the last attempt failed. `about` are
    topics, one of which a release must be about; `role` is the role that a new release is to ping, by its id.
    """

    channel: int
    guild: int
    publishers: tuple[str, ...]
    languages: tuple[str, ...]
    locale: str
    up_to: int
    trouble: str | None = None
    about: tuple[str, ...] = ()
    role: int | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement that was begun: `message` is None as long as it is not known to have been posted."""

    event: int
    release_id: str
    began: datetime
    message: int | None
    finished: bool


class Announcements:
    """Subscriptions of channels, and what was announced in them; any number of processes may announce."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, subscription: Subscription) -> Subscription:
        """Announce in a channel from an event on; a channel that was subscribed goes on where it was."""
        row = (
            subscription.channel, subscription.guild, json.dumps(subscription.publishers),
            json.dumps(subscription.languages), subscription.locale, subscription.up_to,
            json.dumps(subscription.about, ensure_ascii=False), subscription.role,
        )  # fmt: skip
        query = (
            "INSERT INTO main.subscriptions (channel, guild, publishers, languages, locale, up_to, about, role)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (channel) DO UPDATE SET guild = excluded.guild, publishers = excluded.publishers,"
            " languages = excluded.languages, locale = excluded.locale, about = excluded.about, role = excluded.role,"
            " trouble = NULL, retry_at = 0"
        )
        with self._database.transaction() as connection:
            [kept] = connection.execute(query + _RETURNING, row).fetchall()
        return _one(kept)

    def unsubscribe(self, channel: int, *, guild: int) -> bool:
        """Announce no more in a channel of a guild; False where nothing was."""
        query = "DELETE FROM main.subscriptions WHERE channel = ? AND guild = ? RETURNING channel"
        with self._database.transaction() as connection:
            return bool(connection.execute(query, (channel, guild)).fetchall())

    def subscriptions(self, guild: int | None = None) -> list[Subscription]:
        """The subscriptions of a guild, or all."""
        query = _SELECT + " WHERE CAST(? AS BIGINT) IS NULL OR guild = ? ORDER BY channel"
        with self._database.transaction() as connection:
            return [_one(row) for row in connection.execute(query, (guild, guild)).fetchall()]

    def hold(self, channel: int, holder: str, seconds: float, *, behind: int) -> Subscription | None:
        """Take a channel that has not come up to event `behind`, for so long; None where there is nothing to do.

        Nobody else announces there meanwhile. Whoever holds it may take it again, which prolongs it.
        """
        query = (
            "UPDATE main.subscriptions SET holder = ?, held_until = ? WHERE channel = ? AND up_to < ? AND retry_at <= ?"
            " AND (holder IS NULL OR holder = ? OR held_until < ?)"
        )
        with self._database.transaction() as connection:
            clock = self._database.now(connection).timestamp()
            row = holder, clock + seconds, channel, behind, clock, holder, clock
            taken = connection.execute(query + _RETURNING, row).fetchall()
        return _one(taken[0]) if taken else None

    def let_go(self, channel: int, holder: str, *, up_to: int) -> None:
        """Give a channel back: everything up to an event is done."""
        query = (
            "UPDATE main.subscriptions SET holder = NULL, held_until = 0, trouble = NULL,"
            " up_to = CASE WHEN up_to < ? THEN ? ELSE up_to END WHERE channel = ? AND holder = ?"
        )
        with self._database.transaction() as connection:
            connection.execute(query, (up_to, up_to, channel, holder))

    def put_off(self, channel: int, holder: str, trouble: str, seconds: float) -> None:
        """Give a channel back that nothing could be posted in, to be tried again after a while."""
        query = (
            "UPDATE main.subscriptions SET holder = NULL, held_until = 0, trouble = ?, retry_at = ?"
            " WHERE channel = ? AND holder = ?"
        )
        with self._database.transaction() as connection:
            connection.execute(query, (trouble, self._database.now(connection).timestamp() + seconds, channel, holder))

    def start_over(self, channel: int, *, seen: int, up_to: int) -> None:
        """Forget what was announced in a channel: the store was made anew, and numbers its events from 1.

        `seen` is what the channel had come up to when that was noticed; where it has moved, another process was first.
        """
        query = "UPDATE main.subscriptions SET up_to = ? WHERE channel = ? AND up_to = ? RETURNING channel"
        with self._database.transaction() as connection:
            if connection.execute(query, (up_to, channel, seen)).fetchall():
                connection.execute("DELETE FROM main.announced WHERE channel = ?", (channel,))

    def begin(self, channel: int, event: int, release_id: str) -> Announced | None:
        """Say that an event is about to be announced; None the first time, else what is known of the time before."""
        begin = (
            "INSERT INTO main.announced (channel, event, release_id, began) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (channel, event) DO NOTHING RETURNING event"
        )
        query = "SELECT event, release_id, began, message, finished FROM main.announced WHERE channel = ? AND event = ?"
        with self._database.transaction() as connection:
            row = channel, event, release_id, written(self._database.now(connection))
            if connection.execute(begin, row).fetchall():
                return None
            [before] = connection.execute(query, (channel, event)).fetchall()
        return Announced(before[0], before[1], datetime.fromisoformat(before[2]), before[3], bool(before[4]))

    def posted(self, channel: int, event: int, message: int, *, finished: bool) -> None:
        """Say that an event was announced by a message; `finished` where nothing is left to do with it."""
        query = "UPDATE main.announced SET message = ?, finished = ? WHERE channel = ? AND event = ?"
        with self._database.transaction() as connection:
            connection.execute(query, (message, finished, channel, event))

    def announced_releases(self, channel: int, among: Collection[str]) -> set[str]:
        """Which of these releases were announced in a channel."""
        query = "SELECT DISTINCT release_id FROM main.announced WHERE channel = ? AND message IS NOT NULL"
        with self._database.transaction() as connection:
            return {identity for (identity,) in connection.execute(query, (channel,))} & set(among)


def _one(row: tuple[Any, ...]) -> Subscription:
    channel, guild, publishers, languages, locale, up_to, trouble, about, role = row
    publishers, languages, about = (tuple(json.loads(one)) for one in (publishers, languages, about))
    return Subscription(channel, guild, publishers, languages, locale, up_to, trouble, about, role)
