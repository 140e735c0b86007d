"""Claims that were written by reading: sentences as language models write them, beside quotes that may bear them out.

`written/` holds them: `passages-*` with a passage of their own, the others on releases that are named and not repeated:
those of `training/reader/written`, of the data folder, and of its newswires. Whoever wrote them saw no code. Those of
every sixth passage or release are `kept`: they weigh and calibrate, and train nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.claims import Claim
from datasets.files import MissingDataError, json_lines
from datasets.releases import WrittenRelease, newswire, written, written_by_the_data
from datasets.splits import written_chooses
from training.reader.claims import written_files
from training.reader.examples import WRITTEN as RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN = Path(__file__).parent / "written"
_AROUND = 400  # characters


def claims_of(data: Path) -> list[Claim]:
    """All that was written; claims on shared releases only where the data folder is there."""
    return [claim for path in sorted(WRITTEN.glob("*.jsonl.gz")) for claim in _of_file(path, data)]


def reader_claims(data: Path) -> list[Claim]:
    """The claims that came with the releases that were written for the reader; every tenth release is kept."""
    releases = [*_shared(data), *(release for path in written_files() for release in written(path))]
    return [
        Claim(
            one.sentence,
            one.language,
            one.quote,
            release.language,
            one.supported,
            one.kind,
            release.title,
            "",
            release.date[:10],
            release.text if one.quote in release.text else one.quote,
            kept=written_chooses(number),
        )
        for number, release in enumerate(releases)
        for one in release.claims
    ]


def _of_file(path: Path, data: Path) -> Iterator[Claim]:
    if path.name.startswith("passages"):
        yield from map(_of_passage, json_lines(path))
        return
    known = _releases(data)
    yield from (_of_release(row, known[row["release"]]) for row in json_lines(path) if row["release"] in known)


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


def _of_release(row: dict[str, Any], release: WrittenRelease) -> Claim:
    text, (start, end) = release.text, row["quote"]
    return Claim(
        row["sentence"],
        row["language"],
        text[start:end],
        release.language,
        row["supported"],
        row["kind"],
        release.title,
        "",
        release.date[:10],
        text[max(0, start - _AROUND) : end + _AROUND],
        kept=row.get("kept", False),
    )


@cache
def _releases(data: Path) -> dict[str, WrittenRelease]:
    """Releases by their ids: `file:id`, `newswire:id`, or the id alone for what the data folder has written."""
    own = {
        f"{path.name.removesuffix('.jsonl.gz')}:{release.id}": release
        for path in sorted(RELEASES.glob("releases-*.jsonl.gz"))
        for release in written(path)
    }
    return own | {release.id: release for release in _shared(data)} | _newswire(data)


def _newswire(data: Path) -> dict[str, WrittenRelease]:
    """The newswire releases of the data folder by `newswire:id`, none if it is absent."""
    try:
        return {
            f"newswire:{one.id}": WrittenRelease(one.id, one.lang, one.title, one.date, one.text, (), ())
            for one in newswire(data)
        }
    except MissingDataError:
        return {}


def _shared(data: Path) -> list[WrittenRelease]:
    """The written releases of the data folder, none if it is absent."""
    try:
        return list(written(written_by_the_data(data)))
    except MissingDataError:
        return []
