"""What people set: a guild for itself and its channels, and whoever wants quiet hours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.state.database import Database

_SET = (
    "INSERT INTO main.channel_sources (channel, guild, sources) VALUES (?, ?, ?)"
    " ON CONFLICT (channel) DO UPDATE SET guild = excluded.guild, sources = excluded.sources"
)

_DAY = 24 * 60


class GuildSettings:
    """What the people who manage a guild set for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def opens_threads(self, guild: int) -> bool:
        """Whether a guild wants threads; where it has not said, yes."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT threads FROM main.guilds WHERE guild = ?", (guild,)).fetchone()
        return bool(row[0]) if row else True

    def set_threads(self, guild: int, wanted: bool) -> None:
        """Remember whether a guild wants threads."""
        query = "INSERT INTO main.guilds VALUES (?, ?) ON CONFLICT (guild) DO UPDATE SET threads = excluded.threads"
        with self._database.transaction() as connection:
            connection.execute(query, (guild, wanted))

    def forget(self, guild: int) -> None:
        """Forget all that a guild set, for its channels too: it has shown the bot out."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.subscriptions WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.channel_sources WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.guilds WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.quiet_hours WHERE owner = ?", (guild,))
            connection.execute("DELETE FROM main.digests WHERE guild = ?", (guild,))


class ChannelSources:
    """Names of sources by channel; a channel without an entry has all that its guild has."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_to(self, channel: int, sources: Sequence[str], *, guild: int) -> None:
        """Keep a channel of a guild to these sources, in place of those before."""
        with self._database.transaction() as connection:
            connection.execute(_SET, (channel, guild, json.dumps(list(sources))))

    def release(self, channel: int, *, guild: int) -> bool:
        """Keep a channel of a guild to nothing any more; False where it was not."""
        query = "DELETE FROM main.channel_sources WHERE channel = ? AND guild = ? RETURNING channel"
        with self._database.transaction() as connection:
            return bool(connection.execute(query, (channel, guild)).fetchall())

    def all(self, guild: int | None = None) -> dict[int, tuple[str, ...]]:
        """The sources of each channel that is kept to some, of one guild or of all."""
        query = (
            "SELECT channel, sources FROM main.channel_sources"
            " WHERE CAST(? AS BIGINT) IS NULL OR guild = ? ORDER BY channel"
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query, (guild, guild)).fetchall()
        return {channel: tuple(json.loads(sources)) for channel, sources in rows}


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, in minutes after midnight by the clocks of a zone of the IANA's.

    They may lie on both sides of midnight.
    """

    begins: int
    ends: int
    zone: str

    @staticmethod
    def at(minute: int) -> str:
        """A time of day in digits: `07:00`."""
        return f"{minute // 60:02}:{minute % 60:02}"

    def covers(self, moment: datetime) -> bool:
        """Whether a moment lies within; the last minute does not."""
        local = moment.astimezone(ZoneInfo(self.zone))
        since = (local.hour * 60 + local.minute - self.begins) % _DAY
        return since < (self.ends - self.begins) % _DAY


class QuietHours:
    """Kept by the id of a guild or of a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, owner: int) -> Quiet | None:
        """The quiet hours of a guild or a person; None where there are none."""
        query = "SELECT begins, ends, zone FROM main.quiet_hours WHERE owner = ?"
        with self._database.transaction() as connection:
            row = connection.execute(query, (owner,)).fetchone()
        return Quiet(*row) if row else None

    def every(self) -> dict[int, Quiet]:
        """All quiet hours, by whose they are."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT owner, begins, ends, zone FROM main.quiet_hours").fetchall()
        return {owner: Quiet(begins, ends, zone) for owner, begins, ends, zone in rows}

    def owners_in(self, moment: datetime) -> frozenset[int]:
        """The guilds and people whose quiet hours cover a moment."""
        return frozenset(owner for owner, quiet in self.every().items() if quiet.covers(moment))

    def set(self, owner: int, quiet: Quiet) -> None:
        """Remember quiet hours, in place of those before."""
        query = (
            "INSERT INTO main.quiet_hours (owner, begins, ends, zone) VALUES (?, ?, ?, ?) ON CONFLICT (owner)"
            " DO UPDATE SET begins = excluded.begins, ends = excluded.ends, zone = excluded.zone"
        )
        with self._database.transaction() as connection:
            connection.execute(query, (owner, quiet.begins, quiet.ends, quiet.zone))

    def forget(self, owner: int) -> bool:
        """Forget quiet hours; False where there were none."""
        with self._database.transaction() as connection:
            query = "DELETE FROM main.quiet_hours WHERE owner = ? RETURNING owner"
            return bool(connection.execute(query, (owner,)).fetchall())
