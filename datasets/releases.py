"""Releases: those of the Swiss government, of newswires, and those written for this project with questions and claims.

The Swiss releases only ever measure.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from datasets.files import NEWSWIRE, SWISS, json_lines, shared_file, write_json_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

NEWSWIRE_READ = 2_600
"""Characters of a newswire release that questions were written on."""

STORED = 3_000
"""Releases of a store whose questions ask about some of them."""


@dataclass(frozen=True, slots=True)
class SwissRelease:
    """A release of the Swiss government; `pair` is the same for its versions in both languages."""

    id: str
    pair: str
    source: str
    type: str
    date: str
    title: str
    lead: str
    body: str
    url: str
    lang: str
    title_lang: str | None = None


@dataclass(frozen=True, slots=True)
class NewswireRelease:
    """An English release of a newswire."""

    id: str
    wire: str
    lang: str
    title: str
    date: str
    url: str | None
    text: str


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question on a release; the answer is "" and `start` -1 if the release does not answer it."""

    language: str
    kind: str
    question: str
    answer: str
    start: int


@dataclass(frozen=True, slots=True)
class WrittenClaim:
    """A sentence beside a quote of its release, and whether the quote bears it out."""

    language: str
    kind: str
    quote: str
    sentence: str
    supported: bool


@dataclass(frozen=True, slots=True)
class WrittenRelease:
    """A release with questions and claims; some files give claims alone, without the text."""

    id: str
    language: str
    title: str
    date: str
    text: str
    questions: tuple[WrittenQuestion, ...]
    claims: tuple[WrittenClaim, ...]


Archived: TypeAlias = SwissRelease | NewswireRelease
"""A release as a newsroom published it."""


def swiss(data: Path, language: str) -> Iterator[SwissRelease]:
    """The Swiss releases of a language, in their order. Raises MissingDataError."""
    return (SwissRelease(**row) for row in json_lines(shared_file(data, SWISS[language])))


def newswire(data: Path) -> Iterator[NewswireRelease]:
    """The newswire releases, in their order. Raises MissingDataError."""
    return (NewswireRelease(**row) for row in json_lines(shared_file(data, NEWSWIRE)))


def archived(data: Path, *, with_newswire: bool = False) -> dict[str, Archived]:
    """The Swiss releases by id, those of newswires after them if they are wanted. Raises MissingDataError."""
    releases: dict[str, Archived] = {one.id: one for language in SWISS for one in swiss(data, language)}
    return releases | {one.id: one for one in newswire(data)} if with_newswire else releases


def pair_of(identity: str) -> str:
    """What the ids of a release's versions in both languages have in common."""
    return identity.split("#", maxsplit=1)[0]


def sampled(releases: Mapping[str, Archived], wanted: Collection[str]) -> list[Archived]:
    """`STORED` releases: those with the wanted ids, their other versions, and others by chance."""
    pairs = {pair_of(identity) for identity in wanted}
    mine = [release for release in releases.values() if pair_of(release.id) in pairs]
    others = [release for release in releases.values() if pair_of(release.id) not in pairs]
    return mine + random.Random(5).sample(others, STORED - len(mine))


def write_releases(path: Path, releases: Iterable[Archived]) -> None:
    """Releases as JSON lines, for `communique ingest`."""
    write_json_lines(
        path, ({name: value for name, value in asdict(one).items() if value is not None} for one in releases)
    )


def written_by_the_data(data: Path) -> Path:
    """The file of the releases that were written for this project. Raises MissingDataError."""
    return shared_file(data, "qa/releases-written.jsonl.gz")


def written(path: Path) -> Iterator[WrittenRelease]:
    """The written releases of a file, in their order."""
    return map(_written, json_lines(path))


def asked_newswire(path: Path, data: Path) -> Iterator[WrittenRelease]:
    """The newswire releases that a file has questions on, by places in their texts. Raises MissingDataError.

    Each ends where whoever wrote the questions stopped reading: what stands behind that may answer what the rest does
    not.
    """
    known = {release.id: release for release in newswire(data)}
    for row in json_lines(path):
        release = known[row["release"]]
        text = release.text[:NEWSWIRE_READ]
        questions = tuple(
            WrittenQuestion(language, kind, question, text[start:end] if start >= 0 else "", start)
            for language, kind, question, start, end in row["questions"]
        )
        yield WrittenRelease(release.id, release.lang, release.title, release.date, text, questions, ())


def _written(row: dict[str, Any]) -> WrittenRelease:
    return WrittenRelease(
        id=row["id"],
        language=row["language"],
        title=row["title"],
        date=row["date"],
        text=row.get("text", ""),
        questions=tuple(WrittenQuestion(**one) for one in row.get("questions", ())),
        claims=tuple(WrittenClaim(**one) for one in row.get("claims", ())),
    )
