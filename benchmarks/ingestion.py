"""Ingestion of whole archives: time, memory, a kill in the middle, and a second run.

    python -m benchmarks.ingestion --data ../shared/data

ingests the Swiss releases, both languages in one run, with `communique` in processes of its own, and prints a Markdown
table. A last row says what all-MiniLM-L6-v2 costs in place of the built-in model, on the first releases of each
language.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.processes import mebibytes, run
from benchmarks.retrieval import BASELINE
from datasets.command import parser_of, reads_shared_data
from datasets.files import SWISS, shared_file

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 150  # releases of each language for all-MiniLM-L6-v2, which embeds some 20 passages a second on two cores


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
    files = [str(shared_file(data, name)) for name in SWISS.values()]
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
    took = ("seconds", "CPU seconds", "peak memory, MiB")
    print(tables.head("run", "new", "unchanged", "failed", "passages written", *took))
    rows = {
        "first": first,
        "second": again,
        f"after {kills} × SIGKILL": resumed,
        f"{BASELINE}, {FEW} of each language": network,
    }
    for name, one in rows.items():
        report = one.report
        counts = (report["new"], report["unchanged"], len(report["failed"]), report["passages"])
        figures = (f"{figure:.0f}" for figure in (one.seconds, one.cpu_seconds, one.memory_mib))
        print(tables.row(name, *counts, *figures))
    same = "the same" if contents(whole) == contents(killed) else "NOT the same"
    print(f"\nThe killed and resumed store holds {same} releases and passages as the undisturbed one; ", end="")
    print(f"its vectors {'agree' if status.report['consistent'] else 'DO NOT AGREE'} with its catalogue.")
    print(f"On disk: {mebibytes(whole):.0f} MiB.")


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.ingestion", "Measure ingestion.")
    parser.add_argument("--kills", type=int, default=2, help="how often the third run is killed before it may finish")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        measure(options.data, Path(folder), options.kills)
    return 0


if __name__ == "__main__":
    sys.exit(main())
