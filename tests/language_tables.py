"""Tables of French and English: one JSON object a line, beside the test that reads it.

A row has the keys that its test names, and may have `"fails": "why"`: it is known to fail, and the test says so as
soon as it no longer does.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from _pytest.mark.structures import ParameterSet

FAILS = "fails"
PROPERTY = "language table"
ROOT = Path(__file__).parents[1]
NO_DEFAULTS: Mapping[str, object] = MappingProxyType({})
_ID_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: the values in the order of the test's keys, and why they are known to fail, if they do."""

    line: int
    values: tuple[Any, ...]
    fails: str | None = None


def each_row(name: str, *keys: str, **defaults: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test once for each row of the table beside it; a key with a default may be left out of a row."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        table = Path(test.__code__.co_filename).with_name(name)
        return pytest.mark.parametrize((*keys, *defaults), cases(table, keys, defaults))(test)

    return decorate


def cases(path: Path, keys: Sequence[str], defaults: Mapping[str, object] = NO_DEFAULTS) -> list[ParameterSet]:
    """The rows of a table as pytest takes them, each named by its line and the beginning of its first value."""
    return [_case(path, row) for row in read_rows(path, keys, defaults)]


def read_rows(path: Path, keys: Sequence[str], defaults: Mapping[str, object] = NO_DEFAULTS) -> Iterator[Row]:
    """The rows of a table in order.

    Raises:
        CollectError: A line is no object, has a key that the test does not know, or lacks one.

    """
    for line, text in enumerate(path.read_text("utf-8").removesuffix("\n").split("\n"), start=1):
        try:
            row = json.loads(text)
        except ValueError as exc:
            raise pytest.Collector.CollectError(f"{path}:{line}: {exc}") from None
        if fault := _fault(row, keys, defaults):
            raise pytest.Collector.CollectError(f"{path}:{line}: {fault}")
        yield Row(line, tuple({**defaults, **row}[key] for key in (*keys, *defaults)), row.get(FAILS))


def _fault(row: object, keys: Sequence[str], defaults: Mapping[str, object]) -> str:
    if not isinstance(row, dict):
        return f"{json.dumps(row)}: not an object"
    known = (*keys, *defaults, FAILS)
    if unknown := [key for key in row if key not in known]:
        return f"unknown key: {', '.join(unknown)} (known: {', '.join(known)})"
    if missing := [key for key in keys if key not in row]:
        return f"missing key: {', '.join(missing)}"
    if FAILS in row and not (isinstance(row[FAILS], str) and row[FAILS]):
        return f'{FAILS}: {json.dumps(row[FAILS])}: not a reason (write "{FAILS}": "why")'
    return ""


def _case(path: Path, row: Row) -> ParameterSet:
    marks = [pytest.mark.language_table(os.path.relpath(path, ROOT), row.line)]
    if row.fails:
        marks.append(pytest.mark.xfail(reason=row.fails, strict=True, raises=AssertionError))
    return pytest.param(*row.values, id=f"{path.name}:{row.line} {_title(row.values[0])}", marks=marks)


def _title(value: object) -> str:
    """The beginning of a value in ASCII, as pytest shows names and `-k` searches them."""
    text = " ".join(value) if isinstance(value, list) else str(value)
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode()
    return " ".join(plain.split())[:_ID_LENGTH]


@dataclass(slots=True)
class Tally:
    """What became of the rows of one table: the lines of those that were tried, and of those that did not hold."""

    tried: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """For each table, how many rows hold, how many are known to fail, and how many fail unexpectedly."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for report in reports:
        for table, line in (value for name, value in report.user_properties if name == PROPERTY):
            tallies[table].tried.add(line)
            if hasattr(report, "wasxfail"):
                tallies[table].known.add(line)
            elif report.failed:
                tallies[table].failed.add(line)
    return [_summed_up(table, tally) for table, tally in sorted(tallies.items())]


def _summed_up(table: str, tally: Tally) -> str:
    hold = len(tally.tried - tally.known - tally.failed)
    known = f", {len(tally.known)} known to fail" if tally.known else ""
    failed = f", {len(tally.failed)} FAIL" if tally.failed else ""
    return f"{hold:5} of {len(tally.tried):3} hold  {table}{known}{failed}"
