"""What calls take, and in which stages their time goes."""

from __future__ import annotations

import time

from benchmarks.tables import read
from benchmarks.timing import Spent, shares


def test_what_calls_took_is_their_median_and_what_95_in_100_stay_under() -> None:
    """In milliseconds, in whatever order they came."""
    assert str(Spent([float(number) for number in range(100, -1, -1)])) == "50.0 / 95.0"


def test_a_stage_that_was_never_called_says_so() -> None:
    """Its function has moved; a nought would look like a fast one."""
    stages = {"waiting": (("test_timing.py", "wait"),), "reading": (("gone.py", "read"),)}

    (table,) = read("| stage | seconds | share |\n|---|---|---|\n" + "\n".join(shares(wait, stages, "the rest")))

    assert table[-1] == {"stage": "reading", "seconds": "never called", "share": "–"}
    assert "never called" not in {row["seconds"] for row in table if row["stage"] == "waiting"}


def wait() -> None:
    """Take some time."""
    time.sleep(0.02)
