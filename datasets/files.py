"""The files of the shared data: their places in its folder, and their lines."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

NEWSWIRE = "releases/newswire_2023-2026.en.jsonl.gz"
SWISS = {"fr": "releases/swiss_2018-2022.fr.jsonl.gz", "en": "releases/swiss_2018-2022.en.jsonl.gz"}


class MissingDataError(FileNotFoundError):
    """A file of the shared data is absent; `path` is where it was looked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: no such file; name the folder of the shared data with --data")
        self.path = path


def shared_file(data: Path, name: str) -> Path:
    """The path of a file of the shared data.

    Raises:
        MissingDataError: it is not there.

    """
    path = data / name
    if not path.is_file():
        raise MissingDataError(path)
    return path


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a file, packed or not, each with its line break."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from lines


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, packed or not."""
    yield from map(json.loads, text_lines(path))


def write_json_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """One object a line, packed if the file's name ends in `.gz`."""
    with gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
