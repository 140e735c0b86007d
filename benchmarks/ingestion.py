"""Ingestion of whole archives: time, memory, a kill in the middle, and a second run.

    python -m benchmarks.ingestion --data ../shared/data

ingests the Swiss releases, both languages in one run, with `communique` in processes of its own, and prints a Markdown
table. A last row says what all-MiniLM-L6-v2 costs in place of the built-in model, on the first releases of each
language.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.retrieval import BASELINE

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = ("releases/swiss_2018-2022.fr.jsonl.gz", "releases/swiss_2018-2022.en.jsonl.gz")
FEW = 150  # releases of each language for all-MiniLM-L6-v2, which embeds some 20 passages a second on two cores
COMMUNIQUE = (sys.executable, "-c", "from bot.cli import app; app()")


@dataclass(frozen=True, slots=True)
class Run:
    """One process: what it printed, seconds on the clock and on the processor, and its largest memory in MiB."""

    report: dict[str, Any]
    seconds: float
    cpu_seconds: float
    memory_mib: float


def run(home: Path, *arguments: str, kill_after: float | None = None) -> Run:
    """Run `communique` to its end, or kill it with SIGKILL after some seconds."""
    began = time.monotonic()
    command = [*COMMUNIQUE, "--home", str(home), *arguments]
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    memory = cpu = 0.0
    while process.poll() is None:
        try:
            memory = max(memory, process.memory_info().rss / 2**20)
            cpu = sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            break
        if kill_after is not None and time.monotonic() - began > kill_after:
            process.kill()
        time.sleep(0.05)
    printed = process.stdout.read() if process.stdout else ""
    return Run(json.loads(printed) if printed else {}, time.monotonic() - began, cpu, memory)


def contents(home: Path) -> list[tuple[str, str, int]]:
    """What a store holds, whichever way it came there: each release's id, its hash, and how many passages it has."""
    import sqlite3

    with sqlite3.connect(home / "catalogue.sqlite3") as catalogue:
        query = (
            "SELECT v.release_id, v.content_hash, count(p.number) FROM versions v "
            "JOIN passages p ON p.version = v.number WHERE v.current GROUP BY v.number ORDER BY 1"
        )
        return catalogue.execute(query).fetchall()


def measure(data: Path, work: Path, kills: int) -> None:
    """Print the table."""
    files = [str(data / name) for name in FILES]
    whole, killed = work / "whole", work / "killed"
    first = run(whole, "ingest", *files, "--json")
    again = run(whole, "ingest", *files, "--json")
    chance = random.Random(3)
    for _ in range(kills):
        run(killed, "ingest", *files, kill_after=first.seconds * chance.uniform(0.1, 0.5))
    resumed = run(killed, "ingest", *files, "--json")
    status = run(killed, "status", "--json")
    os.environ["COMMUNIQUE_EMBEDDER__MODEL"] = BASELINE
    network = run(work / "network", "ingest", *files, "--limit", str(FEW), "--json")
    print("| run | new | unchanged | failed | passages written | seconds | CPU seconds | peak memory, MiB |")
    print("|---|---|---|---|---|---|---|---|")
    rows = {
        "first": first,
        "second": again,
        f"after {kills} × SIGKILL": resumed,
        f"{BASELINE}, {FEW} of each language": network,
    }
    for name, one in rows.items():
        told = [one.report[key] for key in ("new", "unchanged")] + [len(one.report["failed"]), one.report["passages"]]
        figures = f"{one.seconds:.0f} | {one.cpu_seconds:.0f} | {one.memory_mib:.0f}"
        print(f"| {name} | {' | '.join(map(str, told))} | {figures} |")
    same = "the same" if contents(whole) == contents(killed) else "NOT the same"
    print(f"\nThe killed and resumed store holds {same} releases and passages as the undisturbed one; ", end="")
    print(f"its vectors {'agree' if status.report['consistent'] else 'DO NOT AGREE'} with its catalogue.")
    size = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file()) / 2**20
    print(f"On disk: {size:.0f} MiB.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code is 1 where the data is absent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingestion", description="Measure ingestion.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the releases")
    parser.add_argument("--kills", type=int, default=2, help="how often the third run is killed before it may finish")
    options = parser.parse_args(arguments)
    missing = [name for name in FILES if not (options.data / name).is_file()]
    if missing:
        print(f"{options.data}: lacks {', '.join(missing)}; name the data folder with --data", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        measure(options.data, Path(folder), options.kills)
    return 0


if __name__ == "__main__":
    sys.exit(main())
