"""What `make bench` makes of what benchmarks print."""

from __future__ import annotations

import importlib.util

import pytest

from benchmarks.run import BENCHMARKS, tables


def test_tables_are_read_by_their_columns() -> None:
    """Two tables with text between them."""
    text = "Before.\n\n| a | b |\n|---|---|\n| 1 | 2 / 3 |\n| 4 | - |\n\nBetween.\n\n| c |\n|---|\n| 5 |\n"

    assert tables(text) == [[{"a": "1", "b": "2 / 3"}, {"a": "4", "b": "-"}], [{"c": "5"}]]


@pytest.mark.parametrize("module", [one.module for one in BENCHMARKS])
def test_every_benchmark_is_there(module: str) -> None:
    """By the name that it is run by."""
    assert importlib.util.find_spec(f"benchmarks.{module}") is not None
