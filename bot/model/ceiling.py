"""What language models may use in a day: counted in a small file that all processes of one home share."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.answer import Usage
from bot.errors import CeilingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, tzinfo
    from pathlib import Path

log = logging.getLogger(__name__)
_PATIENCE = 2  # seconds that a locked file is waited for: a sum that comes late is better than an answer that does
_TABLE = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    replies INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (day, model)
) WITHOUT ROWID
"""
_SPEND = """
INSERT INTO usage VALUES (:day, :model, 1, :input_tokens, :output_tokens, :cost)
ON CONFLICT (day, model) DO UPDATE SET
    replies = replies + 1,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cost = cost + excluded.cost
"""
_TOTAL = "SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), COALESCE(SUM(cost), 0) FROM usage"


class Ceiling:
    """A day's limit for all models together; a day begins and ends in `zone`. None is no limit.

    It is asked before a reply and told after it, so replies under way at one time may pass it together. Where the file
    cannot be used, a warning says so once, and this process counts for itself.
    """

    def __init__(
        self,
        path: Path,
        zone: tzinfo,
        tokens_per_day: int | None = None,
        cost_per_day: float | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = path
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
            with self._open() as connection:
                connection.execute(_SPEND, _row(day, model, usage))
        except (sqlite3.Error, OSError) as exc:
            with self._lock:
                self._unwritten.append((day, usage))
            self._warn(exc)

    def spent(self) -> Usage:
        """What was used today by all models; `cost` is that of replies whose prices were set."""
        day = self._today()
        rows: list[tuple[int, int, float]] = []
        try:
            with self._open() as connection:
                rows = connection.execute(f"{_TOTAL} WHERE day = ?", (day.isoformat(),)).fetchall()
        except (sqlite3.Error, OSError) as exc:
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

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file for one deed, done whole or not at all, and closed again: nothing is held between replies."""
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
        with contextlib.closing(connection):
            with contextlib.suppress(sqlite3.OperationalError):  # locked: another process is doing the same
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(_TABLE)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _warn(self, exc: Exception) -> None:
        with self._lock:
            warned, self._warned = self._warned, True
        if not warned:
            mend = "make it writable or move it away; until then this process counts for itself alone"
            log.warning("usage: %s: cannot be used (%s): %s", self._path, exc, mend)


def _row(day: date, model: str, usage: Usage) -> dict[str, object]:
    return {
        "day": day.isoformat(),
        "model": model,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost": usage.cost or 0.0,
    }
