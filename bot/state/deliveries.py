"""What is done once, however many processes run: who answers an event, who may send now, and what was sent.

Deliveries go to people and channels: of a message its key is kept, and a mark of its text as long as it is not known to
have been posted; never the text. Announcements are of releases, in the channels that subscribe to them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.state import SET_META, written

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta

    from bot.state import Database

_CLAIM = (
    "INSERT INTO main.claims AS known (event, holder, held_until) VALUES (?, ?, ?)"
    " ON CONFLICT (event) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
    " WHERE NOT known.settled AND (known.holder = excluded.holder OR known.held_until < ?) RETURNING event"
)

_NOTHING = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM main.{table} known WHERE known.{column} = main.recipients.recipient)"  # noqa: S608
    for table, column in {
        "deliveries": "recipient",
        "digests": "recipient",
        "follows": "person",
        "wishes": "person",
    }.items()
)
_DROP_UNWANTED = f"DELETE FROM main.recipients WHERE {_NOTHING}"  # noqa: S608 - four tables of ours
"""Recipients to whom nothing is to be sent, and nothing was that is still known."""

_TURN = "next_direct"  # in the ledger's own record: when the next direct message may go out, in seconds


@dataclass(frozen=True, slots=True)
class EventClaim:
    """What came of a claim: whether it is `mine`, or else whether the event is `settled`.

    `left` is how many seconds another process may keep it before it can be claimed again.
    """

    mine: bool
    settled: bool = False
    left: float = 0.0


class Claims:
    """Claims to messages and interactions, by the ids that Discord gave them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, event: int, holder: str, seconds: float) -> EventClaim:
        """Claim an event for so long; whoever holds it may claim it again, which prolongs it.

        It may be taken from a holder whose time is over, unless it was settled.
        """
        query = "SELECT settled, held_until FROM main.claims WHERE event = ?"
        with self._database.transaction() as connection:
            clock = self._database.now(connection).timestamp()
            if connection.execute(_CLAIM, (event, holder, clock + seconds, clock)).fetchall():
                return EventClaim(mine=True)
            [(settled, held_until)] = connection.execute(query, (event,)).fetchall()
        return EventClaim(mine=False, settled=bool(settled), left=max(0.0, held_until - clock))

    def settle(self, event: int, holder: str) -> None:
        """Say that nothing is left to do about an event, if it is still this holder's."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE main.claims SET settled = ? WHERE event = ? AND holder = ?", (True, event, holder)
            )

    def forget(self, older_than: timedelta) -> None:
        """Forget claims that ended so long ago that Discord does not tell of their events any more."""
        with self._database.transaction() as connection:
            before = (self._database.now(connection) - older_than).timestamp()
            connection.execute("DELETE FROM main.claims WHERE held_until < ?", (before,))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery that was begun: `message` is None as long as it is not known to have been posted.

    `mark` tells the message that was about to be posted by its text.
    """

    began: datetime
    mark: str
    message: int | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing reaches a recipient, since when, after how many attempts, and when it is tried again."""

    cause: str
    since: datetime
    failures: int
    retry_at: datetime


class Deliveries:
    """Recipients are people and channels, by the ids that Discord gave them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, recipient: int, holder: str, seconds: float) -> bool:
        """Take a recipient for so long; False where another process has it, or where it is put off.

        Nobody else sends anything there meanwhile. Whoever holds it may take it again, which prolongs it.
        """
        query = (
            "INSERT INTO main.recipients AS known (recipient, holder, held_until) VALUES (?, ?, ?)"
            " ON CONFLICT (recipient) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
            " WHERE known.retry_at <= ? AND (known.holder IS NULL OR known.holder = ? OR known.held_until < ?)"
            " RETURNING recipient"
        )
        with self._database.transaction() as connection:
            clock = self._database.now(connection).timestamp()
            row = recipient, holder, clock + seconds, clock, holder, clock
            return bool(connection.execute(query, row).fetchall())

    def let_go(self, recipient: int, holder: str) -> None:
        """Give a recipient back."""
        query = "UPDATE main.recipients SET holder = NULL, held_until = 0 WHERE recipient = ? AND holder = ?"
        with self._database.transaction() as connection:
            connection.execute(query, (recipient, holder))

    def begin(self, recipient: int, key: str, mark: str) -> Attempt | None:
        """Say that a message is about to be posted; None the first time, else what is known of the time before."""
        begin = (
            "INSERT INTO main.deliveries (recipient, key, began, mark) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (recipient, key) DO NOTHING RETURNING key"
        )
        query = "SELECT began, mark, message FROM main.deliveries WHERE recipient = ? AND key = ?"
        with self._database.transaction() as connection:
            row = recipient, key, written(self._database.now(connection)), mark
            if connection.execute(begin, row).fetchall():
                return None
            [(began, known, message)] = connection.execute(query, (recipient, key)).fetchall()
        return Attempt(datetime.fromisoformat(began), known, message)

    def begin_again(self, recipient: int, key: str, mark: str) -> None:
        """Say that a message is about to be posted in place of one that turned out not to have been."""
        query = "UPDATE main.deliveries SET began = ?, mark = ? WHERE recipient = ? AND key = ? AND message IS NULL"
        with self._database.transaction() as connection:
            connection.execute(query, (written(self._database.now(connection)), mark, recipient, key))

    def posted(self, recipient: int, key: str, message: int) -> None:
        """Say that a message was posted; whatever kept the recipient from being reached is over."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE main.deliveries SET message = ?, mark = '' WHERE recipient = ? AND key = ?",
                (message, recipient, key),
            )
            connection.execute(
                "UPDATE main.recipients SET failures = 0, trouble = NULL, troubled_since = NULL WHERE recipient = ?",
                (recipient,),
            )

    def is_posted(self, recipient: int, key: str) -> bool:
        """Whether a message is known to have been posted."""
        query = "SELECT 1 FROM main.deliveries WHERE recipient = ? AND key = ? AND message IS NOT NULL"
        with self._database.transaction() as connection:
            return connection.execute(query, (recipient, key)).fetchone() is not None

    def put_off(self, recipient: int, holder: str, trouble: str, seconds: float) -> Trouble:
        """Give a recipient back that cannot be reached, to be tried again after a while."""
        query = (
            "UPDATE main.recipients SET holder = NULL, held_until = 0, trouble = ?, retry_at = ?,"
            " failures = failures + 1, troubled_since = COALESCE(troubled_since, ?) WHERE recipient = ? AND holder = ?"
        )
        with self._database.transaction() as connection:
            now = self._database.now(connection)
            row = trouble, now.timestamp() + seconds, written(now), recipient, holder
            connection.execute(query, row)
        return self.trouble(recipient) or Trouble(trouble, now, 1, now)

    def trouble(self, recipient: int) -> Trouble | None:
        """What keeps a recipient from being reached, None where nothing does."""
        query = "SELECT trouble, troubled_since, failures, retry_at FROM main.recipients WHERE recipient = ?"
        with self._database.transaction() as connection:
            row = connection.execute(query, (recipient,)).fetchone()
        if row is None or row[0] is None:
            return None
        since = datetime.fromisoformat(row[1])
        return Trouble(row[0], since, row[2], datetime.fromtimestamp(row[3], since.tzinfo))

    def try_again(self, recipient: int) -> None:
        """Try a recipient again at the next occasion: they were heard of, and what was amiss before is forgotten."""
        query = (
            "UPDATE main.recipients SET retry_at = 0, failures = 0, trouble = NULL, troubled_since = NULL"
            " WHERE recipient = ?"
        )
        with self._database.transaction() as connection:
            connection.execute(query, (recipient,))

    def take_turn(self, per_minute: float, patience: float) -> float | None:
        """The seconds until the next direct message may go out, which is then this process's turn.

        None, and no turn, where that is more than `patience`. All processes take turns with each other.
        """
        with self._database.transaction() as connection:
            clock = self._database.now(connection).timestamp()
            row = connection.execute("SELECT value FROM main.meta WHERE key = ?", (_TURN,)).fetchone()
            turn = max(clock, float(row[0])) if row else clock
            if turn - clock > patience:
                return None
            connection.execute(SET_META, (_TURN, f"{turn + 60 / per_minute:.6f}"))
        return turn - clock

    def pause(self, seconds: float) -> None:
        """No direct message goes out for a while, from any process."""
        with self._database.transaction() as connection:
            connection.execute(SET_META, (_TURN, f"{self._database.now(connection).timestamp() + seconds:.6f}"))

    def forget_messages(self, recipient: int, key: str) -> None:
        """Forget the messages whose keys begin like this, and the recipient too where nothing else is wanted."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.deliveries WHERE recipient = ? AND key LIKE ?", (recipient, f"{key}%"))
            connection.execute(_DROP_UNWANTED + " AND recipient = ?", (recipient,))

    def forget_recipient(self, recipient: int) -> None:
        """Forget all that was sent to somebody, and their trouble."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.deliveries WHERE recipient = ?", (recipient,))
            connection.execute("DELETE FROM main.recipients WHERE recipient = ?", (recipient,))

    def forget(self, older_than: timedelta) -> None:
        """Forget messages that were begun so long ago that nobody would send them again, and who wants no others."""
        with self._database.transaction() as connection:
            before = written(self._database.now(connection) - older_than)
            connection.execute("DELETE FROM main.deliveries WHERE began < ?", (before,))
            connection.execute(_DROP_UNWANTED + " AND holder IS NULL")


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
        return _subscription(kept)

    def unsubscribe(self, channel: int, *, guild: int) -> bool:
        """Announce no more in a channel of a guild; False where nothing was."""
        query = "DELETE FROM main.subscriptions WHERE channel = ? AND guild = ? RETURNING channel"
        with self._database.transaction() as connection:
            return bool(connection.execute(query, (channel, guild)).fetchall())

    def subscriptions(self, guild: int | None = None) -> list[Subscription]:
        """The subscriptions of a guild, or all."""
        query = _SELECT + " WHERE CAST(? AS BIGINT) IS NULL OR guild = ? ORDER BY channel"
        with self._database.transaction() as connection:
            return [_subscription(row) for row in connection.execute(query, (guild, guild)).fetchall()]

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
        return _subscription(taken[0]) if taken else None

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
        """Forget what was announced in a channel: the store was made again, and numbers its events from 1.

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

    def told(self, channel: int, *, after: int) -> set[int]:
        """The events after one that nothing is left to do with in a channel."""
        query = "SELECT event FROM main.announced WHERE channel = ? AND event > ? AND finished"
        with self._database.transaction() as connection:
            return {event for (event,) in connection.execute(query, (channel, after)).fetchall()}


def _subscription(row: tuple[Any, ...]) -> Subscription:
    channel, guild, publishers, languages, locale, up_to, trouble, about, role = row
    publishers, languages, about = (tuple(json.loads(one)) for one in (publishers, languages, about))
    return Subscription(channel, guild, publishers, languages, locale, up_to, trouble, about, role)
