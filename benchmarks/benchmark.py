"""What a run knows of a benchmark: its module, its arguments, and which of its figures stand on the page of results."""

from __future__ import annotations

import ast
import importlib.util
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.tables import Table

Size = Literal["normal", "quick", "full"]
DATA, CACHE = "{data}", "{cache}"
"""What stands in arguments for the shared data's folder, and for that of stores that a run keeps while it lasts."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the page: one figure of ours, beside the best of what it is compared with.

    Ours is the cell under `column` in the first row that has all cells of `where`, or in the last such row. Beside it
    stands the best of the rows that share those cells and that of `same` but for the one of the column `by`: all of
    them, or those with one of `others` there. Or it is the cell of the same row under the column `other`. `count` is
    the column that says of how many, `unit` is put behind both figures.
    """

    says: str
    column: str
    where: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    others: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    last: bool = False
    other: str = ""
    count: str = ""
    unit: str = ""
    less_is_better: bool = False
    in_short: bool = False

    def picked(self, found: Sequence[Table]) -> Picked | None:
        """The figure out of the tables that a benchmark printed; None if it is in none of them."""
        for table in found:
            mine = [row for row in table if self.column in row and _has(row, self.where)]
            if mine:
                row = mine[-1 if self.last else 0]
                best, name = self._beside(row, table)
                return Picked(row[self.column] + self._unit, best, name, row.get(self.count, ""))
        return None

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _beside(self, mine: Mapping[str, str], table: Table) -> tuple[str, str]:
        """The best figure beside ours, and whose it is; both empty if there is none."""
        if self.other in mine:
            return mine[self.other] + self._unit, self.other
        rated = [(value, row[self.column], row[self.by]) for value, row in self._rated(mine, table)]
        if not rated:
            return "", ""
        _, cell, name = (min if self.less_is_better else max)(rated, key=lambda one: one[0])
        return cell + self._unit, name

    def _rated(self, mine: Mapping[str, str], table: Table) -> Iterator[tuple[float, dict[str, str]]]:
        shared = {name: mine[name] for name in (*self.where, *self.same) if name != self.by}
        for row in table if self.by else ():
            compared = row[self.by] in self.others if self.others else row[self.by] != mine[self.by]
            value = tables.number(row.get(self.column, ""))
            if compared and value is not None and _has(row, shared):
                yield value, row


def _has(row: Mapping[str, str], cells: Mapping[str, str]) -> bool:
    return all(row.get(name) == cell for name, cell in cells.items())


@dataclass(frozen=True, slots=True)
class Picked:
    """Cells of the page: our figure, the one beside it and whose that is, and of how many it is."""

    ours: str
    beside: str
    name: str
    count: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module that prints tables, and what the page shows of them.

    `arguments` are those of a usual run, in one line as for a shell; `quick` those of a run of minutes, `full` those
    that take whole sets, the usual ones if they are None.
    """

    module: str
    figures: tuple[Figure, ...]
    arguments: str = ""
    quick: str | None = None
    full: str | None = None
    package: str = "benchmarks"

    def command(self, data: Path, cache: Path, size: Size = "normal") -> list[str]:
        """What is run, beginning with `python`."""
        chosen = {"quick": self.quick, "full": self.full}.get(size)
        words = shlex.split(self.arguments if chosen is None else chosen)
        filled = [word.replace(DATA, str(data)).replace(CACHE, str(cache)) for word in words]
        return ["python", "-m", f"{self.package}.{self.module}", *filled]

    def shows(self) -> str:
        """What it shows and how to read it: the first paragraph of the module's docstring, in one line."""
        found = importlib.util.find_spec(f"{self.package}.{self.module}")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{self.package}.{self.module}: no such benchmark")
        docstring = ast.get_docstring(ast.parse(Path(found.origin).read_text(encoding="utf-8"))) or ""
        return " ".join(docstring.split("\n\n", maxsplit=1)[0].split())

    def missing(self, found: Sequence[Table]) -> list[str]:
        """The figures that are in none of the tables."""
        return [one.says for one in self.figures if one.picked(found) is None]


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of the page: the benchmarks that share a table, how to read it, and a plot if one of them draws it."""

    title: str
    benchmarks: tuple[Benchmark, ...]
    reads: str = ""
    plot: str = ""


def topics_of(path: Path) -> tuple[Topic, ...]:
    """The topics of a file such as `contents.toml`, in its order. Raises TypeError for a key that nothing has."""
    topics = tomllib.loads(path.read_text(encoding="utf-8"))["topics"]
    return tuple(
        Topic(**{**one, "benchmarks": tuple(_benchmark(**each) for each in one["benchmarks"])}) for one in topics
    )


def _benchmark(*, figures: Sequence[dict[str, Any]], usual: Mapping[str, Any] | None = None, **keys: Any) -> Benchmark:  # noqa: ANN401
    shared = usual or {}
    return Benchmark(
        figures=tuple(_figure(**{**shared, **one, "where": _where(shared, one)}) for one in figures), **keys
    )


def _figure(*, others: Sequence[str] = (), same: Sequence[str] = (), **keys: Any) -> Figure:  # noqa: ANN401
    return Figure(others=tuple(others), same=tuple(same), **keys)


def _where(shared: Mapping[str, Any], figure: Mapping[str, Any]) -> dict[str, str]:
    return {**shared.get("where", {}), **figure.get("where", {})}
