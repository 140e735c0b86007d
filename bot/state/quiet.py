"""Quiet hours of guilds and of people: when nothing is to be sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from bot.state.database import Database

_DAY = 24 * 60


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
