"""What a run measures, keeps and measures again."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.benchmark import Benchmark, Figure, Topic
from benchmarks.results import Circumstances
from benchmarks.run import TOPICS, Bench

if TYPE_CHECKING:
    from pathlib import Path

HERE = Circumstances("abc1234", "a quiet machine, 2 cores", {"Python": "3.11.7"})
FOUND = Figure("found", "found", {"way": "ours"}, "way", count="of")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Two benchmarks that take no time, with their results in a temporary folder."""
    topics = tuple(Topic(title, (step(tmp_path, title.lower()),)) for title in ("First", "Second"))
    return Bench(topics, tmp_path / "data", tmp_path, tmp_path / "cache", HERE)


def step(folder: Path, name: str, arguments: str = "") -> Benchmark:
    """A benchmark that appends its arguments to the file of its name whenever it is run."""

    class Named(Benchmark):
        def command(self, data: Path, cache: Path, size: str = "normal") -> list[str]:
            words = Benchmark("steps", (), self.arguments, self.quick, self.full, "tests.benchmarks")
            return words.command(data, cache, size)  # type: ignore[arg-type]

        def shows(self) -> str:
            return Benchmark("steps", (), package="tests.benchmarks").shows()

    return Named(name, (FOUND,), f"{folder / name}.runs {arguments}", quick=f"{folder / name}.runs quick")


def runs(folder: Path, name: str) -> list[str]:
    """With which arguments a benchmark was run, each time."""
    path = folder / f"{name}.runs"
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def sections(folder: Path) -> dict[str, dict[str, object]]:
    """What `results.json` holds."""
    found: dict[str, dict[str, object]] = json.loads((folder / "results.json").read_text("utf-8"))["sections"]
    return found


def test_what_a_benchmark_printed_is_kept_whole(bench: Bench, tmp_path: Path) -> None:
    """Its tables and its prose, with the command, the commit and the machine."""
    assert bench.run() == []

    first = sections(tmp_path)["first"]
    assert first["tables"] == [
        [{"way": way, "found": f, "of": "40"} for way, f in (("ours", "0.9"), ("a", "0.7"), ("b", "0.8"))]
    ]
    assert (first["text"], first["exit"], first["commit"], first["machine"]) == (
        "Some prose.",
        0,
        HERE.commit,
        HERE.machine,
    )
    assert str(first["command"]).startswith("python -m tests.benchmarks.steps ")
    assert first["shows"] == "A benchmark that takes no time, for tests of runs. It counts how often it was run."


def test_the_page_is_drawn_from_what_was_kept(bench: Bench, tmp_path: Path) -> None:
    """Drawn again without a run it is the same."""
    bench.run()
    drawn = (tmp_path / "RESULTS.md").read_text("utf-8")
    (tmp_path / "RESULTS.md").unlink()

    bench.draw()

    assert (tmp_path / "RESULTS.md").read_text("utf-8") == drawn
    assert "| found | 0.9 | 0.8 (b) | 40 |" in drawn


def test_a_run_that_was_stopped_goes_on(bench: Bench, tmp_path: Path) -> None:
    """What is measured at this commit is not measured again; the rest is."""
    bench.run(["first"])

    bench.run()

    assert (len(runs(tmp_path, "first")), len(runs(tmp_path, "second"))) == (1, 1)


def test_a_run_may_begin_again(bench: Bench, tmp_path: Path) -> None:
    """Whatever was measured."""
    bench.run()

    bench.run(again=True)

    assert len(runs(tmp_path, "first")) == 2


@pytest.mark.parametrize("changed", [{"commit": "def5678"}, {"machine": "another, 4 cores"}])
def test_another_commit_or_machine_is_measured_again(bench: Bench, tmp_path: Path, changed: dict[str, str]) -> None:
    """Sections of two commits are not mixed."""
    bench.run()

    dataclasses.replace(bench, now=dataclasses.replace(HERE, **changed)).run()

    assert len(runs(tmp_path, "first")) == len(runs(tmp_path, "second")) == 2


def test_other_arguments_are_measured_again(bench: Bench, tmp_path: Path) -> None:
    """A sample is not taken for a whole set."""
    bench.run()
    other = dataclasses.replace(bench, topics=(Topic("First", (step(tmp_path, "first", "more"),)),))

    other.run()

    assert runs(tmp_path, "first") == ["", "more"]


def test_one_that_fails_is_named_and_the_others_go_on(bench: Bench, tmp_path: Path) -> None:
    """It is measured again by the next run."""
    failing = Topic("Zero", (step(tmp_path, "zero", "fail"),))
    both = dataclasses.replace(bench, topics=(failing, *bench.topics))

    assert both.run() == ["zero: failed with exit code 3"]
    both.run()

    assert (len(runs(tmp_path, "zero")), len(runs(tmp_path, "first"))) == (2, 1)
    assert sections(tmp_path)["zero"]["exit"] == 3
    assert "nothing is there" in str(sections(tmp_path)["zero"]["text"])
    assert "**failed with exit code 3**" in (tmp_path / "RESULTS.md").read_text("utf-8")


def test_a_figure_that_is_not_printed_is_named(bench: Bench, tmp_path: Path) -> None:
    """The page would lack it."""
    lost = dataclasses.replace(
        step(tmp_path, "first"), figures=(dataclasses.replace(FOUND, says="lost", column="cost"),)
    )

    assert dataclasses.replace(bench, topics=(Topic("First", (lost,)),)).run() == [
        "first: no figure for the page: lost"
    ]


def test_a_quick_run_writes_nothing(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints, by the arguments of quick runs."""
    assert dataclasses.replace(bench, size="quick").run() == []

    assert runs(tmp_path, "first") == ["quick"]
    assert not (tmp_path / "results.json").exists()
    assert "| ours | 0.9 | 40 |" in capsys.readouterr().out


def test_stores_are_kept_while_a_run_lasts(bench: Bench, tmp_path: Path) -> None:
    """For the benchmarks that ask them, and for a run that goes on; not after it."""
    store = tmp_path / "cache" / "sets"
    bench.run(["first"])
    store.touch()

    bench.run(["second"])
    assert store.exists()

    bench.run()
    assert not store.exists()


def test_stores_of_another_commit_are_thrown_away(bench: Bench, tmp_path: Path) -> None:
    """They were made by another program."""
    bench.run(["first"])
    (tmp_path / "cache" / "sets").touch()

    dataclasses.replace(bench, now=dataclasses.replace(HERE, commit="def5678")).run(["first"])

    assert not (tmp_path / "cache" / "sets").exists()


def test_stores_that_were_being_filled_are_thrown_away(bench: Bench, tmp_path: Path) -> None:
    """A benchmark that was stopped or failed may have left half of one."""
    failing = dataclasses.replace(bench, topics=(Topic("Zero", (step(tmp_path, "zero", "fail"),)),))
    failing.run()
    (tmp_path / "cache" / "half").touch()

    failing.run()

    assert not (tmp_path / "cache" / "half").exists()


def test_every_benchmark_is_there_and_says_what_it_shows() -> None:
    """By the name that it is run by, each once; without loading it."""
    benchmarks = [one for topic in TOPICS for one in topic.benchmarks]

    assert len({one.module for one in benchmarks}) == len(benchmarks)
    assert [one.module for one in benchmarks if len(one.shows().split()) < 5 or not one.figures] == []
