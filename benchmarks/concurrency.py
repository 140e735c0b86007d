"""Two processes on one store: one ingests releases while the other asks without pause, and nothing may be lost.

    python -m benchmarks.concurrency --data ../shared/data

The asker is opened before the first release comes in and never reopened. Each answer's quotes are compared with the
store; in the end every release must be there, and every tenth is looked for under its own title, by the process that
was open all along.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.processes import COMMUNIQUE
from bot.settings import load_settings
from bot.wiring import Built
from datasets.command import parser_of, reads_shared_data
from datasets.files import NEWSWIRE, shared_file
from datasets.releases import newswire

if TYPE_CHECKING:
    from collections.abc import Sequence


def measure(data: Path, work: Path, releases: int) -> bool:
    """Print what happened; True if nothing was lost and nothing failed."""
    titles = {release.id: release.title for release in itertools.islice(newswire(data), releases)}
    home = work / "home"
    built = Built(load_settings(home))
    questions = itertools.cycle(titles.values())
    built.answerer.invoke("Is anything there yet?")
    file = str(shared_file(data, NEWSWIRE))
    command = [*COMMUNIQUE, "--home", str(home), "ingest", file, "--limit", str(releases), "--json"]
    began = time.monotonic()
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    asked = quotes = wrong = growth = last = 0
    while writer.poll() is None:
        answer = built.answerer.invoke(next(questions))
        asked += 1
        quotes += len(answer.citations)
        wrong += sum(one.release.text[one.start : one.end] != one.quote for one in answer.citations)
        stored = built.store.records.count_releases()
        growth += stored > last
        last = stored
    report = json.loads(writer.stdout.read()) if writer.stdout else {}
    spent = time.monotonic() - began
    lost = [name for name in titles if built.store.records.get(name) is None]
    sought = list(titles.items())[::10]
    missed = [name for name, title in sought if name not in _found(built, title)]
    consistent = built.store.status().consistent
    built.close()
    print(tables.head("what", "count", "of"))
    print(tables.row("releases lost", len(lost), f"{report['new']} in {spent:.0f} s"))
    print(tables.row("releases that failed", len(report["failed"]), report["new"]))
    print(tables.row("quotes not verbatim", wrong, f"{quotes} in {asked} answers"))
    print(tables.row("not found under their own title", len(missed), len(sought)))
    print(tables.row("times the open reader saw the store grow", growth, asked))
    print(f"\nVectors and catalogue agree: {consistent}.")
    return not (lost or missed or wrong) and consistent


def _found(built: Built, title: str) -> set[str]:
    return {hit.release.id for hit in built.retriever.find(title, limit=50)}


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code is 1 if something was lost."""
    parser = parser_of("benchmarks.concurrency", "Write and ask at once.")
    parser.add_argument("--releases", type=int, default=600, help="how many are ingested")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        return 0 if measure(options.data, Path(folder), options.releases) else 1


if __name__ == "__main__":
    sys.exit(main())
