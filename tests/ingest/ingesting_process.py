"""A process of its own that ingests from a newsroom, and is there to be killed."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from tests.ingest.follower import Follower

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path


def ingest(home: Path, location: str) -> None:
    """One run, in small batches, so that a run is fetching, embedding and writing by turns."""
    from ingest import pipeline

    pipeline._BATCH = 12
    with Follower(home) as follower:
        follower.run(location)


def start_ingesting(home: Path, location: str) -> BaseProcess:
    """The running process."""
    context = multiprocessing.get_context("forkserver")
    preloaded = ["tests.ingest.ingesting_process", "ingest.following", "ingest.parse.html", "chromadb"]
    context.set_forkserver_preload(preloaded)
    process = context.Process(target=ingest, args=(home, location), daemon=True)
    process.start()
    return process
