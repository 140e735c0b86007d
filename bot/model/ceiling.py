"""What language models may use in a day: counted by all processes of one home, or of one catalogue on a server."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.answer import Usage
from bot.deeds import FileDeeds
from bot.errors import CeilingError, LedgerError
from bot.sqlite_tables import USAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo
    from pathlib import Path

    from bot.deeds import Deeds

log = logging.getLogger(__name__)

_PATIENCE = 2  # seconds that a locked file is waited for: a sum that comes late is better than an answer that does
_SPEND = """
INSERT INTO main.usage AS spent VALUES (?, ?, 1, ?, ?, ?)
ON CONFLICT (day, model) DO UPDATE SET
    replies = spent.replies + 1,
    input_tokens = spent.input_tokens + excluded.input_tokens,
    output_tokens = spent.output_tokens + excluded.output_tokens,
    cost = spent.cost + excluded.cost
"""
_TOTAL = """
SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), COALESCE(SUM(cost), 0)
FROM main.usage WHERE day = ?
"""


class Ceiling:
    """A day's limit for all models together; a day begins and ends in `zone`. None is no limit.

    It is kept on a `server` where one is given, else in the file `path`. It is asked before a reply and told after it,
    so replies under way at one time may pass it together. Where it cannot be kept, a warning says so once, and this
    process counts for itself.
    """

    def __init__(
        self,
        path: Path,
        zone: tzinfo,
        tokens_per_day: int | None = None,
        cost_per_day: float | None = None,
        *,
        server: Deeds | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._deeds: Deeds = server or FileDeeds(path, USAGE, patience=_PATIENCE)
        self._zone = zone
        self._tokens = tokens_per_day
        self._cost = cost_per_day
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: list[tuple[date, Usage]] = []
        self._warned = False

    def allow(self, model: str) -> None:
        """Raises CeilingError, with the hour when it ends and the setting that raises it, where the day's is spent."""
        if self._tokens is None and self._cost is None:
            return
        spent = self.spent()
        if self._tokens is not None and spent.input_tokens + spent.output_tokens >= self._tokens:
            raise CeilingError(model, self._told(f"the {self._tokens} tokens", "tokens_per_day"))
        if self._cost is not None and (spent.cost or 0) >= self._cost:
            raise CeilingError(model, self._told(f"the {self._cost:g} that replies may cost", "cost_per_day"))

    def spend(self, model: str, usage: Usage) -> None:
        """Counts what a reply used towards today."""
        if not (usage.input_tokens or usage.output_tokens):
            return
        day = self._today()
        try:
            with self._deeds.deed() as connection:
                connection.execute(_SPEND, _row(day, model, usage))
        except LedgerError as exc:
            with self._lock:
                self._unwritten.append((day, usage))
            self._warn(exc)

    def spent(self) -> Usage:
        """What was used today by all models; `cost` is that of replies whose prices were set."""
        day = self._today()
        rows: list[tuple[int, int, float]] = []
        try:
            with self._deeds.deed() as connection:
                rows = connection.execute(_TOTAL, (day.isoformat(),)).fetchall()
        except LedgerError as exc:
            self._warn(exc)
        with self._lock:
            here = [usage for when, usage in self._unwritten if when == day]
        rows += [(usage.input_tokens, usage.output_tokens, usage.cost or 0.0) for usage in here]
        asked, said, cost = (sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0.0)
        return Usage(int(asked), int(said), float(cost))

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()

    def _told(self, what: str, setting: str) -> str:
        # Midnight where the day is counted, then the offset that holds there: clocks may change in between.
        ends = datetime.combine(self._today() + timedelta(days=1), time(), self._zone)
        return (
            f"{what} of a day are spent until {ends:%Y-%m-%d %H:%M} ({self._zone}): wait, or raise model.{setting} "
            f"in communique.toml"
        )

    def _warn(self, exc: LedgerError) -> None:
        with self._lock:
            warned, self._warned = self._warned, True
        if not warned:
            log.warning("usage: %s: %s; until then this process counts for itself alone", exc.where, exc.cause)


def _row(day: date, model: str, usage: Usage) -> tuple[object, ...]:
    return day.isoformat(), model, usage.input_tokens, usage.output_tokens, usage.cost or 0.0
