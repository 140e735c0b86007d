"""Tables in Markdown, and what stands in them."""

from __future__ import annotations

import pytest

from benchmarks.tables import head, number, prose, read, row, share


def test_a_table_has_a_line_under_its_columns() -> None:
    """A column without a name takes no room."""
    assert head("set", "questions") == "| set | questions |\n|---|---|"
    assert head("", "median") == "| | median |\n|---|---|"


def test_a_row_holds_anything_that_can_be_printed() -> None:
    """Numbers too."""
    assert row("fquad", 3188, 0.5) == "| fquad | 3188 | 0.5 |"


@pytest.mark.parametrize(
    ("right", "of", "cell"),
    [(285, 300, "0.950 ± 0.025"), (10, 10, "1.000 ± 0.139"), (0, 10, "0.000 ± 0.139"), (0, 0, "–")],
)
def test_a_share_has_half_its_interval_behind_it(right: int, of: int, cell: str) -> None:
    """Wilson's, of 95 %: of 285 in 300 it is from .9193 to .9694, of 10 in 10 from .7225 to 1."""
    assert share(right, of) == cell


def test_tables_are_read_by_their_columns() -> None:
    """Two tables with text between them, which is kept apart."""
    text = "Before.\n\n| a | b |\n|---|---|\n| 1 | 2 / 3 |\n| 4 | |\n\nBetween.\n\n| | c |\n|---|---|\n| x | 5 |\n"

    assert read(text) == [[{"a": "1", "b": "2 / 3"}, {"a": "4", "b": ""}], [{"": "x", "c": "5"}]]
    assert prose(text).split() == ["Before.", "Between."]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.950 ± 0.015", 0.95),
        ("13.3 / 23.3", 13.3),
        ("1,234", 1234.0),
        ("98%", 98.0),
        ("yes", None),
        ("–", None),
        ("", None),
    ],
)
def test_a_cell_begins_with_its_number(cell: str, value: float | None) -> None:
    """If it has one."""
    assert number(cell) == value
