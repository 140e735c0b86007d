"""Ingesting over a Ray cluster: one process, two nodes, and two nodes of which one is killed at a third of the way.

    python -m benchmarks.cluster --data ../shared/data

starts two nodes with a processor each on this machine, ingests the newswire set with `communique ingest --ray`, and
compares every passage and every vector with the store of one process. `--releases` takes a sample. The last rows are
of all-MiniLM-L6-v2, on a small one. Prints a Markdown table: seconds are those of the command, processor seconds and
memory its own and, behind the +, those of the nodes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks import tables
from benchmarks.processes import COMMUNIQUE
from benchmarks.retrieval import BASELINE
from datasets.command import parser_of, reads_shared_data
from datasets.files import NEWSWIRE, shared_file, text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEW = 60  # releases for all-MiniLM-L6-v2
_HOSTS = ("127.0.0.2", "127.0.0.3")  # Ray replaces 127.0.0.1 by an address that others can reach
_PORT = "9321"
_MEMORY = 80_000_000  # bytes for objects on each node


@dataclass(slots=True)
class Use:
    """Processor seconds and the largest memory in MiB of some processes and all that they start."""

    memory: float = 0.0
    _seconds: dict[tuple[int, float], float] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        """Of all of them together, also of those that have ended."""
        return sum(self._seconds.values())

    def look(self, *roots: int) -> None:
        """Take note of what they use now."""
        now = 0.0
        for root in roots:
            with contextlib.suppress(psutil.NoSuchProcess):
                first = psutil.Process(root)
                for one in (first, *first.children(recursive=True)):
                    now += self._note(one)
        self.memory = max(self.memory, now)

    def _note(self, one: psutil.Process) -> float:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._seconds[one.pid, one.create_time()] = sum(one.cpu_times()[:2])
            return float(one.memory_info().rss / 2**20)
        return 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """An ingestion: its report, seconds on the clock, and what the command and the nodes used."""

    report: dict[str, Any]
    seconds: float
    own: Use
    nodes: Use


@contextlib.contextmanager
def two_nodes(folder: Path) -> Iterator[list[int]]:
    """Two nodes, as `ray start` makes them; their processes."""
    head = ("--head", f"--port={_PORT}", f"--temp-dir={folder}", "--include-dashboard=false")
    started: list[subprocess.Popen[bytes]] = []
    try:
        for host, words in zip(_HOSTS, (head, (f"--address={_HOSTS[0]}:{_PORT}",)), strict=True):
            started.append(_start(host, folder, words))
        yield [one.pid for one in started]
    finally:
        for one in started:
            kill(one.pid)
            one.wait()


def _start(host: str, folder: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
    ray = str(Path(sys.executable).with_name("ray"))
    shared = (f"--node-ip-address={host}", f"--node-name={host}", "--num-cpus=1", f"--object-store-memory={_MEMORY}")
    log = folder / f"{host}.log"
    with log.open("wb") as out:
        command = [ray, "start", "--block", "--disable-usage-stats", *shared, *words]
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    until = time.monotonic() + 240
    while b"Ray runtime started" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"a node did not start: {log.read_text(encoding='utf-8')}")
        time.sleep(0.1)
    return process


def kill(root: int) -> None:
    """SIGKILL to a process and all that it has started, as a lost machine."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(root)
        for one in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def ingest(home: Path, file: Path, nodes: Sequence[int] = (), *, kill_at: int | None = None) -> Run:
    """Ingest a file, over the nodes where there are any; at `kill_at` stored releases the second is killed."""
    words = ["--home", str(home), "ingest", str(file), "--json"]
    if nodes:
        words += ["--ray", f"{_HOSTS[0]}:{_PORT}"]
    own, theirs, began = Use(), Use(), time.monotonic()
    process = subprocess.Popen([*COMMUNIQUE, *words], stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        own.look(process.pid)
        theirs.look(*nodes)
        if kill_at is not None and stored(home) >= kill_at:
            kill(nodes[1])
            kill_at = None
        time.sleep(0.25)  # to look at all the processes costs some milliseconds
    seconds = time.monotonic() - began
    printed = process.stdout.read() if process.stdout else ""
    return Run(json.loads(printed), seconds, own, theirs)


def stored(home: Path) -> int:
    """How many releases there are."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(_catalogue(home)) as catalogue:
        return int(catalogue.execute("SELECT count(*) FROM versions WHERE current").fetchone()[0])
    return 0


def contents(home: Path) -> list[tuple[str, str, str, bytes]]:
    """Every passage with its release's id and hash, its own id and its vector."""
    query = (
        "SELECT v.release_id, v.content_hash, p.id, e.vector FROM versions v "
        "JOIN passages p ON p.version = v.number JOIN vectors e ON e.passage = p.number WHERE v.current ORDER BY 1, 3"
    )
    with contextlib.closing(_catalogue(home)) as catalogue:
        return catalogue.execute(query).fetchall()


def _catalogue(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{home / 'catalogue.sqlite3'}?mode=ro", uri=True)


def sample_of(data: Path, count: int | None, file: Path) -> int:
    """Write the first releases as JSON lines; all if `count` is None. Returns how many there are."""
    lines = list(itertools.islice(text_lines(shared_file(data, NEWSWIRE)), count))
    file.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def compare(name: str, file: Path, count: int, work: Path) -> None:
    """Three rows of the table: one process, two nodes, two nodes of which one is killed."""
    alone = work / f"{name}-alone"
    row(f"{name}, one process", ingest(alone, file), alone, alone)
    for way, kill_at in {"two nodes": None, "two nodes, one killed at a third": count // 3}.items():
        home = work / f"{name}-{'whole' if kill_at is None else 'killed'}"
        with (
            tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder,
            two_nodes(Path(folder)) as nodes,
        ):
            one = ingest(home, file, nodes, kill_at=kill_at)
        row(f"{name}, {way}", one, home, alone)


def row(name: str, one: Run, home: Path, alone: Path) -> None:
    """One line of the table; the store in `home` beside the one that a single process made."""
    report = one.report
    counts = (f"{report['new']:,}", len(report["failed"]), f"{report['passages']:,}", f"{one.seconds:.0f}")
    used = (f"{one.own.cpu:.0f} + {one.nodes.cpu:.0f}", f"{one.own.memory:.0f} + {one.nodes.memory:.0f}")
    equal = "yes" if contents(home) == contents(alone) else "NO"
    print(tables.row(name, *counts, *used, equal), flush=True)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.cluster", "Measure ingestion over Ray.")
    parser.add_argument("--releases", type=int, help="the first so many; left out: all")
    parser.add_argument("--few", type=int, default=FEW, help=f"releases for {BASELINE}; 0 leaves it out")
    options = parser.parse_args(arguments)
    shared_file(options.data, NEWSWIRE)
    # A node that starts beside an ingestion, on the same two cores, may take longer than Ray's thirty seconds.
    patience = {"RAY_raylet_start_wait_time_s": "120"}
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", **patience}
    took = ("seconds", "CPU seconds", "peak MiB", "store equal")
    print(tables.head("model, way", "releases", "failed", "passages", *took))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "some.jsonl"
        compare("built-in", file, sample_of(options.data, options.releases, file), Path(folder))
        if options.few:
            os.environ["COMMUNIQUE_EMBEDDER__MODEL"] = BASELINE
            compare(BASELINE, file, sample_of(options.data, options.few, file), Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
