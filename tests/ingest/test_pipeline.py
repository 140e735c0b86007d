from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ingest.pipeline import Pipeline
from ingest.sources import Limits
from ingest.types import Source
from tests.fakes import WordEmbedder
from vectorstore.errors import ModelMismatchError
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.report import IngestReport


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        yield store


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "some.jsonl"


def write(lines: Path, *releases: dict[str, Any]) -> Source:
    lines.write_text("".join(json.dumps(release) + "\n" for release in releases))
    return Source(str(lines))


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, len(report.failed)


def test_a_line_without_an_id_keeps_its_identity(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """Lines that are put in before it do not make it new; an edited body is a change of the same release."""
    old = {"title": "Old", "date": "2024-01-01", "body": "Old words."}
    Pipeline(store, embedder).run(write(lines, old))
    inserted = {"title": "New", "date": "2024-02-01", "body": "New words."}

    first = Pipeline(store, embedder).run(write(lines, inserted, old))
    second = Pipeline(store, embedder).run(write(lines, inserted, old | {"body": "Old words, corrected."}))

    assert counts(first) == (1, 0, 1, 0)
    assert counts(second) == (0, 1, 1, 0)


def test_only_what_changed_is_embedded(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """One release of three was edited: one text goes to the model."""
    three = [{"id": str(number), "title": "T", "body": f"Words {number}."} for number in range(3)]
    Pipeline(store, embedder).run(write(lines, *three))

    report = Pipeline(store, embedder).run(write(lines, *three[:2], three[2] | {"body": "Other words."}))

    assert counts(report) == (0, 1, 2, 0)
    assert (embedder.embedded, report.passages) == (4, 1)


def test_a_shorter_release_leaves_no_stale_passage(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """Passages of the old text are gone from the store, not only from the release."""
    long = {"id": "1", "title": "T", "body": [f"Paragraph {number} has words of its own. " * 10 for number in range(9)]}
    before = Pipeline(store, embedder).run(write(lines, long)).passages

    Pipeline(store, embedder).run(write(lines, long | {"body": "Short."}))

    assert before > 1
    assert store.status().passages == 1


def test_the_report_adds_up_over_sources(store: PassageStore, embedder: WordEmbedder, tmp_path: Path) -> None:
    """One pipeline, several sources; one that cannot be listed is a failure among the rest."""
    pipeline = Pipeline(store, embedder)
    pipeline.run(write(tmp_path / "a.jsonl", {"id": "a", "title": "A"}))
    pipeline.run(Source(str(tmp_path / "nowhere")))
    pipeline.run(write(tmp_path / "b.jsonl", {"id": "b", "title": "B"}))

    assert counts(pipeline.report) == (2, 0, 0, 1)
    assert "no such file or folder" in pipeline.report.failed[0].error


def test_progress_reaches_the_total(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """Every line counts, the broken one too."""
    source = write(lines, {"title": "A"}, {"title": "B"})
    lines.write_text(lines.read_text() + "broken\n")
    seen: list[tuple[int, int]] = []

    Pipeline(store, embedder).run(source, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_limits_count_what_they_leave_out(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """Two lines are not read, and one of those read is too old."""
    days = ["2024-03-01", "2023-01-01", "2024-03-02", "2024-03-03"]
    source = write(lines, *({"title": f"T {day}", "date": day} for day in days))

    report = Pipeline(store, embedder).run(source, limits=Limits(limit=2, since=datetime(2024, 1, 1, tzinfo=UTC)))

    assert (report.new, report.left_out) == (1, 3)


def test_warnings_name_their_release(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """A date that cannot be read does not stop a release, and is told with its line."""
    report = Pipeline(store, embedder).run(write(lines, {"title": "T", "date": "soon"}))

    assert report.new == 1
    assert report.warnings[0].startswith(f"{lines}:1: field date: cannot read")


def test_a_store_of_another_model_is_refused(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """A broken machine is an exception, not a failed release."""
    Pipeline(store, embedder).run(write(lines, {"title": "A"}))
    store.model = "another"

    with pytest.raises(ModelMismatchError, match="communique rebuild"):
        Pipeline(store, embedder).run(write(lines, {"title": "B"}))


def test_the_time_of_an_ingestion_is_remembered(store: PassageStore, embedder: WordEmbedder, lines: Path) -> None:
    """Also of one that found nothing new; not of a dry run."""
    source = write(lines, {"title": "A"})
    Pipeline(store, embedder).run(source, dry_run=True)
    dry = store.status().last_ingest

    Pipeline(store, embedder).run(source)

    assert dry is None
    assert store.status().last_ingest is not None


def test_files_of_one_name_in_two_folders_stay_two_releases(
    store: PassageStore, embedder: WordEmbedder, tmp_path: Path
) -> None:
    """Names with spaces and accents on the way."""
    for folder in ("Communiqués 2023", "Communiqués 2024"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "réunion.md").write_text(f"# {folder}\n\nDes mots.", encoding="utf-8")

    report = Pipeline(store, embedder).run(Source(str(tmp_path / "in")))

    assert counts(report) == (2, 0, 0, 0)
    assert {release.title for release in store.records.releases()} == {"Communiqués 2023", "Communiqués 2024"}
