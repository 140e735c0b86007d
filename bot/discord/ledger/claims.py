"""Who answers what, of several processes that hear the same: the first to write it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.discord.ledger.database import Database

if TYPE_CHECKING:
    from datetime import timedelta

_CLAIM = (
    "INSERT INTO main.claims AS known (event, holder, held_until) VALUES (?, ?, ?)"
    " ON CONFLICT (event) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
    " WHERE NOT known.settled AND (known.holder = excluded.holder OR known.held_until < ?) RETURNING event"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of a claim: whether it is `mine`, or else whether the event is `settled`.

    `left` is how many seconds another process may keep it before it can be claimed again.
    """

    mine: bool
    settled: bool = False
    left: float = 0.0


class Claims(Database):
    """The ledger's claims to messages and interactions, by the ids that Discord gave them."""

    def claim(self, event: int, holder: str, seconds: float) -> Claim:
        """Claim an event for so long; whoever holds it may claim it again, which prolongs it.

        It may be taken from a holder whose time is over, unless it was settled.
        """
        query = "SELECT settled, held_until FROM main.claims WHERE event = ?"
        with self.deed() as connection:
            clock = self.now(connection).timestamp()
            if connection.execute(_CLAIM, (event, holder, clock + seconds, clock)).fetchall():
                return Claim(mine=True)
            [(settled, held_until)] = connection.execute(query, (event,)).fetchall()
        return Claim(mine=False, settled=bool(settled), left=max(0.0, held_until - clock))

    def settle(self, event: int, holder: str) -> None:
        """Say that nothing is left to do about an event, if it is still this holder's."""
        with self.deed() as connection:
            connection.execute(
                "UPDATE main.claims SET settled = ? WHERE event = ? AND holder = ?", (True, event, holder)
            )

    def forget_claims(self, older_than: timedelta) -> None:
        """Forget claims that ended so long ago that Discord does not tell of their events any more."""
        with self.deed() as connection:
            before = (self.now(connection) - older_than).timestamp()
            connection.execute("DELETE FROM main.claims WHERE held_until < ?", (before,))
