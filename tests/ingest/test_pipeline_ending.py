"""A run that is ended from another thread ends in good order, and the next goes on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.errors import SourceError
from ingest.sources import Limits
from ingest.types import Source
from tests.ingest.follower import causes, counts, pages_asked_for

if TYPE_CHECKING:
    from ingest.pipeline import Pipeline
    from ingest.report import IngestReport
    from tests.ingest.follower import Follower
    from tests.newsroom.site import Newsroom


def ended_after(pipeline: Pipeline, site: Newsroom, pages: int, reason: BaseException) -> IngestReport:
    """A run that is ended once so many pages were dealt with."""

    def progress(done: int, total: int) -> None:
        if done == pages:
            pipeline.end(reason)

    try:
        return pipeline.run(Source(site.sitemap, allow_private=True), progress=progress)
    finally:
        pipeline.close()


def test_it_is_told_as_one_failure_of_the_source(site: Newsroom, follower: Follower) -> None:
    """The pages that it did not come to are none; those that were read are kept, few as they are."""
    report = ended_after(follower.pipeline(), site, 3, SourceError(site.sitemap, "took too long"))

    assert causes(report) == {site.sitemap: "took too long"}
    assert report.new == follower.store.records.count_releases() == 3
    [health] = follower.store.records.health()
    assert health.outcome == "3 new, 0 changed, 0 unchanged, 1 failed"


def test_one_that_read_nothing_has_failed(site: Newsroom, follower: Follower) -> None:
    """`status` knows why."""
    pipeline = follower.pipeline()
    pipeline.end(SourceError(site.sitemap, "took too long"))
    pipeline.run(Source(site.sitemap, allow_private=True))

    [health] = follower.store.records.health()
    assert (health.failures, health.error) == (1, "took too long")


def test_an_interrupt_is_raised_and_nothing_is_noted(site: Newsroom, follower: Follower) -> None:
    """As with Ctrl-C: the next run makes good what is missing."""
    with pytest.raises(KeyboardInterrupt):
        ended_after(follower.pipeline(), site, 1, KeyboardInterrupt())

    assert follower.store.records.health() == []
    assert counts(follower.run(site.sitemap)) == (10, 0, 0, 0)


@pytest.mark.parametrize("reason", [SourceError("list", "took too long"), KeyboardInterrupt()])
def test_one_that_was_ended_before_it_began_asks_for_no_page(
    site: Newsroom, follower: Follower, reason: BaseException
) -> None:
    """The end may come before there is anything to end."""
    pipeline = follower.pipeline()
    pipeline.end(reason)
    try:
        report = pipeline.run(Source(site.sitemap, allow_private=True))
    except KeyboardInterrupt:
        report = None

    assert pages_asked_for(site) == []
    assert report is None or causes(report) == {"list": "took too long"}


def test_the_next_run_begins_with_what_it_did_not_come_to(site: Newsroom, follower: Follower) -> None:
    """A long list that is ended every time is read to its end all the same."""
    follower.run(site.sitemap, limits=Limits(limit=4))
    read, asked = {visit.address for visit in follower.store.records.visits(site.sitemap)}, len(site.requests)
    pipeline = follower.pipeline()

    pipeline.run(Source(site.sitemap, allow_private=True), resumed=True)
    pipeline.close()

    again = [number for number, request in enumerate(site.requests[asked:]) if site.address + request.path in read]
    assert len(again) == len(read) == 4
    assert again[0] >= len(site.releases) - len(read)
