"""Every benchmark, one after the other, into `benchmarks/results.json` and the page drawn from it, `RESULTS.md`.

    make bench DATA=../shared/data
    make bench BENCH="--only retrieval questions"
    make bench-quick DATA=../shared/data

Each runs in a process of its own; one that fails is named, and the others go on. A whole run takes 35 to 90 minutes on
two cores, on fixed samples; `--full` takes whole sets, hours. It goes on where it was stopped: what was measured at
this commit, on this machine and with the same arguments is kept, unless `--again` measures it once more. `--only` runs
some benchmarks, each again; the page marks those of another commit. Stores that several of them ask lie in
`build/bench` while the run lasts. `--quick` takes small samples, some minutes, prints what comes of it and writes
nothing. `--draw` runs nothing and draws the page. The exit code is 1 if a benchmark failed, or printed no such figure
as the page wants.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.benchmark import topics_of
from benchmarks.page import page
from benchmarks.results import Circumstances, Results, Section, printed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from benchmarks.benchmark import Benchmark, Size, Topic

HERE = Path(__file__).parent
ROOT = HERE.parent
TOPICS = topics_of(HERE / "contents.toml")
_COMMIT, _UNFINISHED = "commit", "unfinished"
"""Files beside the stores: by which commit they were made; that a benchmark was stopped which may have filled one."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A run of benchmarks: what, on which data, and where its results and its stores are kept."""

    topics: Sequence[Topic]
    data: Path
    folder: Path  # of results.json and RESULTS.md
    cache: Path  # of the stores
    now: Circumstances
    size: Size = "normal"

    def run(self, only: Collection[str] = (), *, again: bool = False) -> list[str]:
        """Run the benchmarks, those in `only` or all; returns what failed, a line for each."""
        chosen = [one for topic in self.topics for one in topic.benchmarks if not only or one.module in only]
        failures: list[str] = []
        for number, benchmark in enumerate(chosen, 1):
            known = self._results().sections.get(benchmark.module)
            command = " ".join(self._command(benchmark))
            if known and known.is_of(self.now, command) and not (again or only or self.size == "quick"):
                print(f"{number} of {len(chosen)}: {benchmark.module}, kept from {known.date}", flush=True)
                section = known
            else:
                print(f"{number} of {len(chosen)}: {benchmark.module} …", flush=True)
                section = self._measured(benchmark)
                self._keep(benchmark, section)
            failures += _failures(benchmark, section)
        if not (failures or only):
            shutil.rmtree(self.cache, ignore_errors=True)
        return failures

    def draw(self) -> None:
        """Draw the page from the results there are."""
        drawn = page(Results.read(self.folder / "results.json"), self.topics)
        (self.folder / "RESULTS.md").write_text(drawn, encoding="utf-8")

    def _keep(self, benchmark: Benchmark, section: Section) -> None:
        if self.size != "quick":
            self._results().with_section(benchmark.module, section).save(self.folder / "results.json")
            self.draw()

    def _results(self) -> Results:
        # Read each time: another run may have measured something meanwhile.
        return Results.load(self.folder / "results.json", self.now)

    def _command(self, benchmark: Benchmark) -> list[str]:
        return benchmark.command(self.data, self.cache, self.size)

    def _measured(self, benchmark: Benchmark) -> Section:
        command, stores = self._command(benchmark), self._stores()
        (stores / _UNFINISHED).touch()
        began = time.monotonic()
        done = subprocess.run([sys.executable, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
        if not done.returncode:
            (stores / _UNFINISHED).unlink()
        said = done.stdout.strip() if not done.returncode else f"{done.stdout.strip()}\n\n{done.stderr.strip()[-2000:]}"
        print(f"{said}\n\n{seconds:.0f} s\n", flush=True)
        text, found = printed(said)
        date = time.strftime("%Y-%m-%d")
        circumstances = (self.now.commit, self.now.machine, done.returncode)
        return Section(benchmark.shows(), " ".join(command), date, round(seconds, 1), *circumstances, text, found)

    def _stores(self) -> Path:
        """The folder of the stores: emptied if they are of another commit, or were not filled to the end."""
        commit = self.cache / _COMMIT
        of = commit.read_text(encoding="utf-8") if commit.is_file() else ""
        if of != self.now.commit or (self.cache / _UNFINISHED).exists():
            shutil.rmtree(self.cache, ignore_errors=True)
        self.cache.mkdir(parents=True, exist_ok=True)
        commit.write_text(self.now.commit, encoding="utf-8")
        return self.cache


def _failures(benchmark: Benchmark, section: Section) -> list[str]:
    if section.exit:
        return [f"{benchmark.module}: failed with exit code {section.exit}"]
    return [f"{benchmark.module}: no figure for the page: {figure}" for figure in benchmark.missing(section.tables)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks, and write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Run every benchmark.")
    names = [one.module for topic in TOPICS for one in topic.benchmarks]
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds the shared data")
    parser.add_argument("--only", nargs="+", choices=names, default=[], help="run these only, each again")
    parser.add_argument("--again", action="store_true", help="measure what was measured at this commit once more")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", dest="size", action="store_const", const="quick", help="small samples, only printed")
    sizes.add_argument("--full", dest="size", action="store_const", const="full", help="whole sets: some hours")
    parser.add_argument("--draw", action="store_true", help="run nothing: draw the page from results.json")
    options = parser.parse_args(arguments)
    bench = Bench(TOPICS, options.data, HERE, Path("build/bench"), Circumstances.here(ROOT), options.size or "normal")
    if options.draw:
        bench.draw()
        return 0
    failures = bench.run(options.only, again=options.again)
    for failure in failures:
        print(failure, file=sys.stderr)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
