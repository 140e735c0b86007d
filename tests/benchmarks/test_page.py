"""The page of results."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from benchmarks.benchmark import Benchmark, Figure, Topic
from benchmarks.page import LINES, page
from benchmarks.results import Circumstances, Results, Section
from benchmarks.run import TOPICS

NOW = Circumstances("abc1234", "a quiet machine, 2 cores", {"Python": "3.11.7", "numpy": "2.4.6"})
FIGURE = Figure("found", "found", {"way": "ours"}, "way", count="of", in_short=True)
TOPIC = Topic("Finding", (Benchmark("retrieval", (FIGURE,)),), reads="More is better.", plot="growth.png")
SECTION = Section(
    shows="How much is found.",
    command="python -m benchmarks.retrieval",
    date="2026-11-30",
    seconds=120.0,
    commit=NOW.commit,
    machine=NOW.machine,
    exit=0,
    text="",
    tables=[[{"way": "ours", "found": "0.9", "of": "40"}, {"way": "a", "found": "0.8", "of": "40"}]],
)


def drawn(**changed: object) -> str:
    """A page of one section."""
    section = dataclasses.replace(SECTION, **changed)  # type: ignore[arg-type]
    return page(Results(NOW, {"retrieval": section}), [TOPIC])


def test_it_says_what_was_measured_where_and_how_long() -> None:
    """At the top, for all."""
    head = drawn().partition("##")[0]

    assert "1 of 1 benchmarks were run at commit `abc1234` on 2026-11-30 in 2 minutes." in head
    assert "Machine: a quiet machine, 2 cores; Python 3.11.7, numpy 2.4.6." in head


def test_a_figure_stands_in_short_and_in_its_topic() -> None:
    """With the best beside it, and the command that printed it under its table."""
    text = drawn()

    assert text.count("| found | 0.9 | 0.8 (a) | 40 |") == 2
    assert text.index("## In short") < text.index("## Finding\n\nMore is better.\n\n|") < text.index("![Fin")
    assert "- `python -m benchmarks.retrieval` (2026-11-30, 120 s): How much is found." in text
    assert "†" not in text


@pytest.mark.parametrize(
    ("changed", "mark"),
    [
        ({"commit": "def5678"}, "† measured at commit `def5678`."),
        ({"commit": ""}, "† measured at an earlier commit."),
        ({"machine": "another"}, "† on another machine: another."),
    ],
)
def test_what_is_of_another_commit_or_machine_is_marked(changed: dict[str, str], mark: str) -> None:
    """Each of its figures too, and the head counts it out."""
    text = drawn(**changed)

    assert mark in text
    assert text.count("| found | 0.9 † |") == 2
    assert "0 of 1 benchmarks were run at commit `abc1234`; the others are marked." in text


def test_a_few_that_are_measured_again_do_not_mark_the_rest() -> None:
    """The page is of the commit at which most were measured."""
    topic = Topic("Finding", tuple(Benchmark(name, (FIGURE,)) for name in ("retrieval", "titles", "spelling")))
    old = dataclasses.replace(SECTION, commit="def5678")

    text = page(Results(NOW, {"retrieval": old, "titles": old, "spelling": SECTION}), [topic])

    assert "2 of 3 benchmarks were run at commit `def5678`" in text
    assert text.count("measured at commit `abc1234`") == 1


def test_what_was_not_measured_is_named() -> None:
    """Neither silence nor a nought."""
    text = page(Results(NOW), [TOPIC])

    assert "Not measured yet: retrieval." in text
    assert "| found | not measured |" in text


def test_the_page_of_all_benchmarks_is_short() -> None:
    """With every figure measured and every section marked."""
    benchmarks = [one for topic in TOPICS for one in topic.benchmarks]
    sections = {one.module: of(one) for one in benchmarks}

    text = page(Results(NOW, sections), TOPICS)

    assert "not measured" not in text
    assert all(figure.says in text for one in benchmarks for figure in one.figures)
    assert len(text.splitlines()) <= LINES


def test_the_page_in_the_repository_is_drawn_by_the_program() -> None:
    """From the results beside it, by hand in no line; `python -m benchmarks.run --draw` draws it again."""
    folder = Path(__file__).parents[2] / "benchmarks"

    assert (folder / "RESULTS.md").read_text("utf-8") == page(Results.read(folder / "results.json"), TOPICS)


def of(benchmark: Benchmark) -> Section:
    """A section that has every figure of a benchmark, of another commit."""
    columns = ("column", "other", "by", "count")
    tables = [
        [{**dict.fromkeys([getattr(one, name) for name in columns] + list(one.same), "0.5"), **one.where}]
        for one in benchmark.figures
    ]
    return dataclasses.replace(SECTION, shows=benchmark.shows(), tables=tables, commit="def5678")
