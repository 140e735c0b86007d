"""Reports add up, and say in a line what was done."""

from __future__ import annotations

from ingest.report import Change, IngestReport, SourceTally, added_up
from ingest.sources import Failure

BROKEN = Failure("https://x.test/1", "the server failed (500)")


def test_every_number_is_added_up() -> None:
    """Over two sources, whose own reports stay in the parts."""
    one = IngestReport(new=1, unchanged=2, requests=5, not_modified=2, beyond_limit=3, seconds=1.5, source="one")
    two = IngestReport(new=2, withdrawn=1, requests=7, before_since=4, failed=(BROKEN,), seconds=0.5, source="two")

    both = added_up([one, two])

    assert (both.new, both.unchanged, both.withdrawn, both.requests, both.not_modified) == (3, 2, 1, 12, 2)
    assert (both.left_out, both.seconds, both.failed, both.parts) == (7, 2.0, (BROKEN,), (one, two))


def test_a_warning_of_two_sources_is_told_once() -> None:
    """In the order in which it came first."""
    parts = [IngestReport(warnings=("b", "a")), IngestReport(warnings=("a", "c"))]

    assert added_up(parts).warnings == ("b", "a", "c")


def test_the_outcome_is_a_line() -> None:
    """It speaks of withdrawn releases only where there are any."""
    plain, withdrawn = IngestReport(new=1, failed=(BROKEN,)), IngestReport(unchanged=4, withdrawn=2)

    assert plain.outcome == "1 new, 0 changed, 0 unchanged, 1 failed"
    assert withdrawn.outcome == "0 new, 0 changed, 4 unchanged, 2 withdrawn, 0 failed"


def test_a_stopped_tally_keeps_its_time() -> None:
    """The report is asked for again later, when other sources have run."""
    tally = SourceTally("one", overlong=2)
    tally.changes[Change.NEW] += 1
    tally.stop()

    assert tally.report() == tally.report()
    assert tally.report().new == 1
    assert "2 passages are longer than the embedding model reads" in tally.report().warnings[0]
