"""Tables in Markdown, and what stands in them."""

from __future__ import annotations

from benchmarks.tables import head, row
from benchmarks.timing import Spent


def test_a_table_has_a_line_under_its_columns() -> None:
    """A column without a name takes no room."""
    assert head("set", "questions") == "| set | questions |\n|---|---|"
    assert head("", "median") == "| | median |\n|---|---|"


def test_a_row_holds_anything_that_can_be_printed() -> None:
    """Numbers too."""
    assert row("fquad", 3188, 0.5) == "| fquad | 3188 | 0.5 |"


def test_what_calls_took_is_their_median_and_what_95_in_100_stay_under() -> None:
    """In milliseconds, in whatever order they came."""
    assert str(Spent([float(number) for number in range(100, -1, -1)])) == "50.0 / 95.0"
