"""What a first question costs: `communique ask` in a fresh process, and two commands that read nothing beside it.

    python -m benchmarks.cold_start

runs on `samples/` and the default model, and prints the median of some processes each.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import tables
from benchmarks.processes import run

QUESTION = "Quelle somme les Alliés ont-ils promise à l'Ukraine à Washington ?"
TIMES = 5


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run(home, "ingest", "samples", "--json")
        print(tables.head("command", "seconds", "CPU seconds", "peak memory, MiB"))
        for name, arguments in {
            "ask": ("ask", QUESTION, "--json"),
            "search": ("search", QUESTION, "--json"),
            "releases list": ("releases", "list", "--json"),
        }.items():
            runs = [run(home, *arguments) for _ in range(TIMES)]
            seconds = statistics.median(one.seconds for one in runs)
            cpu = statistics.median(one.cpu_seconds for one in runs)
            print(tables.row(name, f"{seconds:.1f}", f"{cpu:.1f}", f"{max(one.memory_mib for one in runs):.0f}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
