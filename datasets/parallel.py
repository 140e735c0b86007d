"""Texts in English and French, or with a title: pairs that mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datasets.files import shared_file, text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

TRANSLATIONS = "parallel/train.tsv.gz"


@dataclass(frozen=True, slots=True)
class Translation:
    """A sentence in both languages; `part` names the text that it comes from."""

    part: str
    english: str
    french: str


def translations(data: Path) -> Iterator[Translation]:
    """The sentences that may train, in their order. Raises MissingDataError."""
    return (Translation(*cells) for cells in _rows(shared_file(data, TRANSLATIONS), 3))


def titled_passages(data: Path) -> Iterator[tuple[str, str]]:
    """Titles, each with a passage of its text. Raises MissingDataError."""
    return ((title, passage) for title, passage in _rows(shared_file(data, "parallel/titles.tsv.gz"), 2))


def newstest(data: Path) -> list[tuple[str, str]]:
    """Sentences of news in English and French, which only ever measure. Raises MissingDataError."""
    return [(cells[0], cells[1]) for cells in _rows(shared_file(data, "parallel/newstest2014.tsv"), 2)]


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    rows = (line.rstrip("\n").split("\t") for line in text_lines(path))
    return (cells for cells in rows if len(cells) == columns)


def neighbour_error(left: NDArray[np.float32], right: NDArray[np.float32]) -> tuple[float, float]:
    """Share of rows whose nearest row on the other side is not their own, in both directions."""
    likeness = left @ right.T
    own = np.arange(len(left))
    return float((likeness.argmax(axis=1) != own).mean()), float((likeness.argmax(axis=0) != own).mean())
