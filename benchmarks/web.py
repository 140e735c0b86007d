"""Ingesting a newsroom of 300 releases over the loopback: what a run waits for, and where its own time goes.

    python -m benchmarks.web

The newsroom is that of the tests, in a process of its own; each answer comes after a set delay. A run is compared with
the same number of bare requests, as many at once, and nothing done with the answers: what the network alone costs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks import tables
from benchmarks.timing import shares
from ingest.fetch.cache import PageCache
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.politeness import FetchPolicy
from ingest.pipeline import Pipeline
from ingest.types import Source
from vectorstore.embedders import BUILT_IN, embedder_named
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.report import IngestReport

RELEASES = 300
DELAYS = (0, 50)  # milliseconds; a newsroom behind a content network answers in 20 to 300
AT_ONCE = 4
SITE = """
import sys, time
from tests.newsroom.site import Newsroom
with Newsroom(releases=int(sys.argv[1])) as site:
    site.latency = float(sys.argv[2])
    print(site.sitemap, flush=True)
    sys.stdin.read()
"""
STAGES = {
    "waiting for pages to be parsed": (("ingest/releases.py", "_taken"),),
    "listing": (("ingest/listing/discover.py", "entries_of"),),
    "waiting for passages, words and annotations": (("ingest/passages.py", "_taken"),),
    "embedding": (("embedders/subwords.py", "embed_passages"),),
    "catalogue": (("vectorstore/store.py", "replace_all"),),
    "vector index": (("vectorstore/store.py", "_publish"),),
    "twins": (("ingest/linking.py", "relate"),),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the newsroom: what it did, and what it took in seconds."""

    report: IngestReport
    seconds: float
    cpu_seconds: float


@contextmanager
def newsroom(delay: float) -> Iterator[str]:
    """A newsroom in a process of its own; gives the address of its sitemap."""
    command = [sys.executable, "-c", SITE, str(RELEASES), str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout is not None
        try:
            yield site.stdout.readline().strip()
        finally:
            site.terminate()


def ingest(home: Path, address: str) -> Run:
    """One run over the newsroom into the store at `home`."""
    embedder = embedder_named(BUILT_IN)
    policy = FetchPolicy(delay=0, at_once=AT_ONCE)
    store = PassageStore(home, model=embedder.name, model_languages=embedder.languages)
    cache = PageCache(home / "pages.sqlite3")
    embedder.embed_question("warm")
    began, cpu = time.perf_counter(), time.process_time()
    pipeline = Pipeline(store, embedder, new_fetcher=lambda: Fetcher(cache, policy))
    report = pipeline.run(Source(address, allow_private=True))
    pipeline.close()
    spent = time.perf_counter() - began, time.process_time() - cpu
    store.close()
    cache.close()
    return Run(report, *spent)


def bare(address: str, requests: int) -> float:
    """Seconds that as many requests take, as many at once, with nothing done to the answers."""
    with httpx.Client() as client, ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: client.get(address).content, range(requests)))
        return time.perf_counter() - began


def rows(delays: Sequence[int]) -> Iterator[str]:
    """A row for a first and a second run at each delay, in milliseconds."""
    for delay in delays:
        with newsroom(delay / 1000) as address, tempfile.TemporaryDirectory() as home:
            for name in ("first", "second"):
                run = ingest(Path(home), address)
                report = run.report
                network = bare(address.replace("sitemap.xml", "robots.txt"), report.requests)
                counts = (report.new, report.passages, report.requests, report.not_modified)
                seconds = (f"{one:.2f}" for one in (run.seconds, run.cpu_seconds, network))
                yield tables.row(f"{delay} ms", name, *counts, *seconds)


def stages() -> Iterator[str]:
    """Where the seconds of a first run without delay go, by a profile of its main thread."""
    with newsroom(0) as address, tempfile.TemporaryDirectory() as home:
        yield from shares(lambda: ingest(Path(home), address), STAGES, "the rest, waiting for pages among it")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--delays", type=int, nargs="+", default=DELAYS, help="milliseconds that each answer takes")
    options = parser.parse_args()
    print(f"{RELEASES} releases in two languages behind a sitemap index, {AT_ONCE} requests at once; seconds.\n")
    took = ("not modified", "seconds", "CPU", "bare requests")
    print(tables.head("each answer takes", "run", "new", "passages", "requests", *took))
    for row in rows(options.delays):
        print(row)
    print("\nA first run with no delay, profiled (a profile makes small functions slower than they are):\n")
    print(tables.head("stage", "seconds", "share"))
    for row in stages():
        print(row)


if __name__ == "__main__":
    main()
