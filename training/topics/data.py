"""Topics beside releases, and whether a release is about them: written by hand, each judged by itself.

`written/topics.tsv` has a release's id, the topics that it is about, and topics that it is not about, `|` between them:
what it names in passing, its sister subjects, other countries. `written/reviewed.tsv` has the same of pairs that an
earlier fit found likely, half of them wrongly, so that the next one learns from them. The releases are the reader's
(`training/reader/written`) and the samples of this project; those that measure (`benchmarks/topics.jsonl`) are others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from datasets.releases import written
from vectorstore.types import StoredRelease

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITTEN = Path(__file__).parent / "written"

_TRAINING = Path(__file__).parents[1]
_SAMPLES = _TRAINING.parent / "samples"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TopicExample:
    """A topic beside a release, by its id; `reviewed` where an earlier fit chose it."""

    release_id: str
    topic: str
    about: bool
    reviewed: bool

    @property
    def event(self) -> str:
        """What its release tells of: the same for two language versions, which are kept out together."""
        return self.release_id.removesuffix(".fr").removesuffix(".en")


def examples() -> list[TopicExample]:
    """Every example."""
    found: list[TopicExample] = []
    for name, reviewed in (("topics.tsv", False), ("reviewed.tsv", True)):
        for line in (_WRITTEN / name).read_text("utf-8").splitlines():
            identity, *columns = line.split("\t")
            for about, topics in zip((True, False), columns, strict=True):
                found += [TopicExample(identity, topic, about, reviewed) for topic in topics.split("|") if topic]
    return found


def releases() -> dict[str, StoredRelease]:
    """The releases that examples may name, by their ids."""
    found = {one.id: one for one in _samples()}
    for path in sorted((_TRAINING / "reader" / "written").glob("releases-*.jsonl.gz")):
        for release in written(path):
            if release.text:
                found[release.id] = stored(release.id, release.title, release.text, release.language)
    return found


def stored(identity: str, title: str, text: str, language: str, lead: str | None = None) -> StoredRelease:
    """A release as the store would hold it."""
    return StoredRelease(
        id=identity,
        version=1,
        title=title,
        lead=lead,
        text=text,
        language=language,
        publisher=None,
        published=None,
        updated=None,
        url=None,
        source="topics",
        pair=None,
        content_hash="",
        first_seen=_EPOCH,
    )


def _samples() -> Iterator[StoredRelease]:
    for path in sorted(_SAMPLES.glob("2*.md")):
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
        yield stored(fields["id"], fields["title"].strip('"'), body.strip(), fields["language"])
