"""Eight processes ask while one ingests, for some minutes: errors, losses, and whether memory stays flat.

    python -m benchmarks.load --data ../shared/data [--minutes 10 --standing 4000]

The store holds some releases before it begins. Each asker opens it once and asks without pause, from when all are
ready; the writer ingests files of twenty releases, one after the other. Prints what was asked and answered, every
error, and the askers' memory after each tenth of the time. A minute or two is enough for errors; whether memory stays
flat shows in ten.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing as mp
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks import tables
from benchmarks.processes import run
from bot.settings import load_settings
from bot.wiring import Built
from datasets.command import parser_of, reads_shared_data
from datasets.files import NEWSWIRE, shared_file, text_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

ASKERS, BATCH = 8, 20


def ask(home: Path, titles: list[str], minutes: float, ready: Barrier, results: Queue[dict[str, Any]]) -> None:
    """Ask for so long, from when all are ready; report the milliseconds and the errors."""
    built = Built(load_settings(home))
    built.answerer.invoke(titles[0])
    ready.wait()
    end = time.time() + 60 * minutes
    spent: list[float] = []
    errors: list[str] = []
    wrong = 0
    number = 0
    while number == 0 or time.time() < end:
        question = f"What did they announce about {titles[number % len(titles)]}?"
        number += 1
        began = time.perf_counter()
        try:
            answer = built.answerer.invoke(question)
            wrong += sum(one.release.text[one.start : one.end] != one.quote for one in answer.citations)
        except Exception as exc:  # noqa: BLE001 - every error is what this looks for
            errors.append(f"{type(exc).__name__}: {exc}")
        spent.append((time.perf_counter() - began) * 1000)
    built.close()
    results.put({"asked": number, "errors": errors, "wrong": wrong, "median": statistics.median(spent)})


def watch(processes: Sequence[int], minutes: float, memory: list[float]) -> None:
    """Write down what the processes hold together, in MiB, at the end of each tenth of the time."""
    for _ in range(10):
        time.sleep(minutes * 6)
        with contextlib.suppress(psutil.NoSuchProcess):  # the last tenth ends as they do
            memory.append(sum(psutil.Process(one).memory_info().rss for one in processes) / 2**20)


def batches(data: Path, folder: Path, standing: int) -> tuple[list[Path], list[str]]:
    """A file of the releases that stand there before, files of twenty each after it, and all titles."""
    files, titles = [], []
    known = list(text_lines(shared_file(data, NEWSWIRE)))
    for start, stop in itertools.pairwise([0, *range(standing, len(known), BATCH), len(known)]):
        some = known[start:stop]
        titles += [" ".join(json.loads(line)["title"].split()[:8]) for line in some]
        files.append(folder / f"{start}.jsonl")
        files[-1].write_text("".join(some), encoding="utf-8")
    return files, titles


def ingested(home: Path, files: Sequence[Path], end: float) -> tuple[int, list[str]]:
    """Ingest one file after the other, from the second on, until the end; how many lie behind it, and what failed."""
    done = 1
    failed: list[str] = []
    while time.time() < end and done < len(files):
        report = run(home, "ingest", str(files[done]), "--json").report
        failed += [one["error"] for one in report["failed"]]
        wanted = len(files[done].read_text("utf-8").strip("\n").split("\n"))
        if report["new"] != wanted:
            failed.append(f"{report['new']} new of {wanted}")
        done += 1
    return done, failed


def measure(data: Path, minutes: float, standing: int, work: Path) -> int:
    """Print what came of it; 1 if anything went wrong."""
    files, titles = batches(data, work, standing)
    home = work / "home"
    run(home, "ingest", str(files[0]), "--json")
    context = mp.get_context("spawn")
    reports: Queue[dict[str, Any]] = context.Queue()
    ready = context.Barrier(ASKERS + 1, timeout=300)
    askers = [
        context.Process(target=ask, args=(home, titles[n::ASKERS], minutes, ready, reports), daemon=True)
        for n in range(ASKERS)
    ]
    for asker in askers:
        asker.start()
    ready.wait()
    end = time.time() + 60 * minutes
    memory: list[float] = []
    threading.Thread(target=watch, args=([one.pid or 0 for one in askers], minutes, memory), daemon=True).start()
    done, failed = ingested(home, files, end)
    results = [reports.get(timeout=120) for _ in askers]
    for asker in askers:
        asker.join()
    status = run(home, "status", "--json").report
    lost = standing + (done - 1) * BATCH - status["releases"] if done < len(files) else 0
    asked = f"{sum(one['asked'] for one in results):,} questions in {minutes:g} minutes"
    errors = [error for one in results for error in one["errors"]]
    print(tables.head("what", "count", "of"))
    print(tables.row("failed ingestions", len(failed), f"{done} runs"))
    print(tables.row("releases lost", lost, f"{status['releases']:,}"))
    print(tables.row("errors", len(errors), asked))
    print(tables.row("quotes not verbatim", sum(one["wrong"] for one in results), f"the answers to {asked}"))
    median = statistics.median(one["median"] for one in results)
    print(tables.row("ms of an answer, at the median", f"{median:.0f}", f"{ASKERS} processes at once"))
    report_rest(status, memory, [*failed, *errors])
    return int(bool(errors or failed or lost or not status["consistent"]))


def report_rest(status: dict[str, Any], memory: Sequence[float], failures: Sequence[str]) -> None:
    """Print what the store holds, what the askers held together, and each failure with how often it came."""
    print(f"\n{status['passages']:,} passages; vectors and catalogue agree: {status['consistent']}.")
    print(f"MiB of the askers together, tenth by tenth: {', '.join(f'{one:.0f}' for one in memory)}.")
    for failure in sorted(set(failures)):
        print(f"- {failures.count(failure)} × {failure}")


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code is 1 if anything went wrong."""
    parser = parser_of("benchmarks.load", "Ask and ingest at once.")
    parser.add_argument("--minutes", type=float, default=1.5)
    parser.add_argument("--standing", type=int, default=400, help="releases in the store before it begins")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        return measure(options.data, options.minutes, options.standing, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
