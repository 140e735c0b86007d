"""Tables in Markdown, as benchmarks print them and the page of results reads them; shares with their intervals."""

from __future__ import annotations

import math
from typing import TypeAlias

Table: TypeAlias = "list[dict[str, str]]"
"""The rows of a table, each by the names of its columns."""

_Z = 1.96  # standard deviations on either side that hold 95 % of a normal distribution


def head(*columns: str) -> str:
    """The names of the columns, and the line under them."""
    names = " ".join(f"| {column}" if column else "|" for column in columns)
    return f"{names} |\n|{'---|' * len(columns)}"


def row(*cells: object) -> str:
    """One line of cells."""
    return f"| {' | '.join(map(str, cells))} |"


def share(right: int, of: int) -> str:
    """A share with half the width of its 95 % interval, `0.950 ± 0.015`; an en dash if there is nothing to share.

    The interval is Wilson's (1927), which holds for shares near 0 and 1 as well.
    """
    if not of:
        return "–"
    part = right / of
    half = _Z * math.sqrt(part * (1 - part) / of + _Z**2 / (4 * of**2)) / (1 + _Z**2 / of)
    return f"{part:.3f} ± {half:.3f}"


def read(text: str) -> list[Table]:
    """The tables of a text in Markdown, in their order."""
    found: list[Table] = []
    columns: list[str] = []
    for line in text.splitlines():
        cells = (
            [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")] if line[:1] == "|" else []
        )
        if not cells:
            columns = []
        elif not columns:
            columns = cells
            found.append([])
        elif set("".join(cells)) - set("-: "):
            found[-1].append(dict(zip(columns, cells, strict=False)))
    return found


def prose(text: str) -> str:
    """What stands between the tables of a text."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("|")).strip()


def number(cell: str) -> float | None:
    """The first number of a cell: 0.95 of `0.950 ± 0.015`, 13.3 of `13.3 / 23.3`; None if it begins with none."""
    first = cell.strip().partition(" ")[0].rstrip("%").replace(",", "")
    try:
        return float(first)
    except ValueError:
        return None
