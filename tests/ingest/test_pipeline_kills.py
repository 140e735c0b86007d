"""Ingestion is killed for real, at any moment; the next run ends in the store of one that nobody disturbed."""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import Follower, contents, counts
from tests.ingest.ingesting_process import start_ingesting
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20
PER_HOME = 4  # so that runs are resumed several times
QUESTIONS = ("summit on maritime safety", "fonds pour les régions", "exercise with rescue services")


def undisturbed(home: Path, site: Newsroom) -> float:
    """Ingests in a process that is left alone; returns the seconds that it took, its start included."""
    began = time.monotonic()
    process = start_ingesting(home, site.sitemap)
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - began


def answers(home: Path) -> list[list[str]]:
    """What a few searches find, of a store whose halves agree."""
    with Follower(home) as follower:
        assert follower.store.status().consistent
        return [follower.found(question) for question in QUESTIONS]


@pytest.mark.long
def test_a_run_after_kills_ends_in_the_store_of_an_undisturbed_one(tmp_path: Path) -> None:
    """SIGKILL at twenty random moments, up to four on one store: fetching, embedding, writing, relating."""
    chance = random.Random(23)
    with Newsroom(releases=80, latency=0.005) as site:
        undisturbed(tmp_path / "first", site)  # the server of processes starts with it
        longest = undisturbed(tmp_path / "whole", site)
        homes, amounts, killed = [tmp_path / "home-0"], set(), 0
        while killed < KILLS:
            process = start_ingesting(homes[-1], site.sitemap)
            time.sleep(chance.uniform(0.03, 0.9 * longest))
            process.kill()
            process.join()
            killed += process.exitcode == -signal.SIGKILL
            amounts.add(_kept(homes[-1]))
            if process.exitcode == 0 or killed % PER_HOME == 0:  # it was quicker than death, or has suffered enough
                homes.append(tmp_path / f"home-{len(homes)}")
        for home in homes:
            undisturbed(home, site)

    assert len(amounts) > 4
    whole = contents(tmp_path / "whole")
    assert [contents(home) == whole for home in homes] == [True] * len(homes)
    assert [answers(home) for home in homes] == [answers(tmp_path / "whole")] * len(homes)


@pytest.mark.long
def test_a_correction_survives_a_kill(tmp_path: Path) -> None:
    """Killed while corrections come in, the next run gives each release one new version and one event for it."""
    chance = random.Random(7)
    with Newsroom(releases=40, latency=0.005) as site, Follower(tmp_path) as follower:
        follower.run(site.sitemap)
        for release in site.releases[:20]:
            site.correct(release.key, f"Corrected sentence number {release.number} in {release.language}.")
        for _ in range(4):
            process = start_ingesting(tmp_path, site.sitemap)
            time.sleep(chance.uniform(0.1, 0.6))
            process.kill()
            process.join()

        follower.run(site.sitemap)

        assert counts(follower.run(site.sitemap)) == (0, 0, 40, 0)
        versions = [len(follower.store.records.history(one.id)) for one in follower.store.records.releases()]
        assert (versions.count(2), versions.count(1)) == (20, 20)
        assert [kind for kind, _ in follower.kinds()].count("changed") == 20


@pytest.mark.long
def test_two_at_once_end_in_the_store_of_one(tmp_path: Path) -> None:
    """Two processes over one newsroom and one store: nothing twice, and no second version of anything."""
    with Newsroom(releases=40, latency=0.005) as site:
        both = [start_ingesting(tmp_path / "both", site.sitemap) for _ in range(2)]
        for process in both:
            process.join()
        undisturbed(tmp_path / "one", site)

    assert [process.exitcode for process in both] == [0, 0]
    assert contents(tmp_path / "both") == contents(tmp_path / "one")
    assert answers(tmp_path / "both") == answers(tmp_path / "one")


def _kept(home: Path) -> int:
    with Follower(home) as follower:
        return follower.store.records.count_releases()
