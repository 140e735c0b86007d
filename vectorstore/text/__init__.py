"""What is known of French and English: the tables of `data/`, read once in a process, and what reads texts with them.

`data/README.md` says which table holds what.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


@functools.cache
def table(name: str) -> dict[str, Any]:
    """The table in `data/<name>.toml`."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


@functools.cache
def rows(name: str) -> tuple[dict[str, tuple[str, ...]], ...]:
    """The lines of `data/<name>.tsv` by the names in its first line; what stands between `|` is one value each."""
    head, *lines = (_DATA / f"{name}.tsv").read_text("utf-8").splitlines()
    names = head.split("\t")
    cut = (zip(names, line.split("\t"), strict=True) for line in lines if line)
    return tuple({key: tuple(filter(None, value.split("|"))) for key, value in cells} for cells in cut)
