"""Claims that were written by reading: sentences as language models write them, beside quotes that may bear them out.

`written/` holds them: `passages-*` with a passage of their own, `releases-*` on releases of `training/reader/written`,
and `shared-*` on those of the data folder, which are named by their id and not repeated. Whoever wrote them saw no
code. Those of every sixth passage or release are `kept`: they weigh and calibrate, and train nothing.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.reader.examples import HELD_OUT
from training.reader.examples import WRITTEN as RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN = Path(__file__).parent / "written"
_BEFORE = 220
_AROUND = 400


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the quote beside it, with what stands around that in its release; `kept` from training."""

    sentence: str
    language: str
    quote: str
    quote_language: str
    supported: bool
    kind: str = ""
    title: str = ""
    publisher: str = ""
    published: str | None = None
    passage: str = ""
    kept: bool = False

    @property
    def before(self) -> str:
        """What stands before the quote in its passage."""
        at = max(self.passage.find(self.quote), 0)
        return self.passage[max(0, at - _BEFORE) : at].strip()


def claims_of(data: Path) -> list[Claim]:
    """All that was written; claims on shared releases only where the data folder is there."""
    return [claim for path in sorted(WRITTEN.glob("*.jsonl.gz")) for claim in _of_file(path, data)]


def reader_claims(data: Path) -> list[Claim]:
    """The claims that came with the releases that were written for the reader; every tenth release is kept."""
    paths = [data / "qa/releases-written.jsonl.gz", *sorted(RELEASES.glob("*.jsonl.gz"))]
    rows = [row for path in paths if "conversations" not in path.name and path.exists() for row in _rows(path)]
    return [
        Claim(
            one["sentence"],
            one["language"],
            one["quote"],
            row["language"],
            one["supported"],
            one["kind"],
            row["title"],
            "",
            row["date"][:10],
            text if one["quote"] in (text := row.get("text", "")) else one["quote"],
            kept=number % HELD_OUT == 0,
        )
        for number, row in enumerate(rows)
        for one in row["claims"]
    ]


def _of_file(path: Path, data: Path) -> Iterator[Claim]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if path.name.startswith("passages"):
        yield from map(_of_passage, rows)
        return
    known = _releases(data)
    yield from (_of_release(row, known[row["release"]]) for row in rows if row["release"] in known)


def _of_passage(row: dict[str, Any]) -> Claim:
    return Claim(
        row["sentence"],
        row["language"],
        row["quote"],
        row["passage_language"],
        row["supported"],
        row["kind"],
        row["title"],
        row.get("publisher") or "",
        row["published"],
        row["passage"],
        kept=row.get("kept", False),
    )


def _of_release(row: dict[str, Any], release: dict[str, Any]) -> Claim:
    text, (start, end) = release["text"], row["quote"]
    return Claim(
        row["sentence"],
        row["language"],
        text[start:end],
        release["language"],
        row["supported"],
        row["kind"],
        release["title"],
        "",
        release["date"][:10],
        text[max(0, start - _AROUND) : end + _AROUND],
        kept=row.get("kept", False),
    )


@cache
def _releases(data: Path) -> dict[str, dict[str, Any]]:
    """The written releases by their ids: `file:id`, or the id alone for those of the data folder."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(RELEASES.glob("releases-*.jsonl.gz")):
        for row in _rows(path):
            found[f"{path.name.removesuffix('.jsonl.gz')}:{row['id']}"] = row
    shared = data / "qa/releases-written.jsonl.gz"
    if shared.exists():
        found |= {row["id"]: row for row in _rows(shared)}
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
