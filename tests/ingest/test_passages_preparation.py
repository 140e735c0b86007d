from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.errors import IngestError
from ingest.parse.workers import Bounds, Workers
from ingest.passages import Fresh, Preparation, split_release
from ingest.report import Change
from tests.fakes import a_release
from tests.ingest import annotators
from vectorstore.retrieval.full_text import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vectorstore.types import Release

SIZE = 40


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(Bounds(seconds=1.0, memory=512), at_once=1)
    yield workers
    workers.close()


def many() -> list[Release]:
    """More than are sent at once, each with two passages and a date."""
    day = datetime(2024, 5, 2, tzinfo=UTC)
    text = "The committed ministers met in Bern. They signed two texts there."
    return [a_release(f"r{n}", text, title=f"Meeting {n}", published=day) for n in range(20)]


def fresh(releases: list[Release]) -> Iterator[Fresh]:
    for release in releases:
        yield Fresh(release, Change.NEW, None)


def test_releases_come_in_order_with_all_that_they_need(workers: Workers) -> None:
    """What another process has made is what would be made here."""
    prepared = list(Preparation(workers, size=SIZE, annotate=annotators.shout).ahead(fresh(many())))

    assert [one.fresh.release for one in prepared] == many()
    for one, release in zip(prepared, many(), strict=True):
        assert one.release.annotations == release.title.upper()
        assert one.passages == split_release(release, size=SIZE)
        assert one.words == fields_of(release, one.passages)
        assert len(one.passages) == 2


def test_without_annotations_a_release_stays_as_it_is(workers: Workers) -> None:
    """None is not written over what it says."""
    [prepared] = Preparation(workers, size=SIZE, annotate=None).ahead(fresh(many()[:1]))

    assert prepared.release == many()[0]


def test_another_process_does_the_work(workers: Workers) -> None:
    """This one has others to keep meanwhile."""
    prepared = Preparation(workers, size=SIZE, annotate=annotators.process).ahead(fresh(many()))

    assert annotators.process(many()[0]) not in {one.release.annotations for one in prepared}


def test_what_takes_a_worker_too_long_is_prepared_here(workers: Workers) -> None:
    """It was read, so that it is no failure; those beside it are none the worse for it."""
    prepared = list(Preparation(workers, size=SIZE, annotate=annotators.hang_elsewhere).ahead(fresh(many()[:3])))

    assert [one.release.annotations for one in prepared] == ["here", "at once", "at once"]


def test_what_was_read_before_an_end_is_prepared(workers: Workers) -> None:
    """Only then is the reason raised."""

    def ended() -> Iterator[Fresh]:
        yield from fresh(many()[:9])
        raise IngestError("a source", "was ended")

    prepared = Preparation(workers, size=SIZE, annotate=None).ahead(ended())

    assert [next(prepared).fresh.release.id for _ in range(9)] == [f"r{n}" for n in range(9)]
    with pytest.raises(IngestError, match="was ended"):
        next(prepared)
