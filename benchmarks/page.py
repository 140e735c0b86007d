"""The page of results, `RESULTS.md`: drawn from `results.json` alone, and short enough to be read in five minutes.

A summary first, then a table for each topic: our figure, the best of those beside it, and of how many. Under it the
command of each benchmark, with its date and what it shows. All that a benchmark printed is in `results.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.benchmark import Benchmark, Figure, Topic
    from benchmarks.results import Results, Section

LINES = 250
"""The page is no longer than this."""

_HEAD = """# Results

What Communiqué finds, answers, refuses and takes, beside what a newcomer would use in its place. `make bench` writes
this page from `results.json`, which holds every table in full; no line is written by hand. Baselines run in the same
process on the same data. Samples are fixed, and as large as the last column says; a share has half the width of its
95 % interval behind it. Times are of one machine: compare them with those beside them, not with another machine's."""


def page(results: Results, topics: Sequence[Topic]) -> str:
    """The whole page, in Markdown."""
    parts = [_head(results, topics), *(part for topic in topics if (part := _topic(results, topic)))]
    return "\n\n".join(parts) + "\n"


def _head(results: Results, topics: Sequence[Topic]) -> str:
    benchmarks = [one for topic in topics for one in topic.benchmarks]
    sections = {one.module: results.sections[one.module] for one in benchmarks if one.module in results.sections}
    now = results.now
    same = [one for one in sections.values() if not _mark(results, one)]
    dates = sorted({one.date for one in same})
    when = f" on {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""
    took = f" in {sum(one.seconds for one in same) / 60:.0f} minutes" if same else ""
    counted = f"{len(same)} of {len(benchmarks)} benchmarks were run at commit `{results.commit}`{when}{took}"
    others = "; the others are marked" if len(same) < len(sections) else ""
    absent = [one.module for one in benchmarks if one.module not in sections]
    lines = [_HEAD, "", f"{counted}{others}. Machine: {now.machine}; {_versions(results)}."]
    if absent:
        lines += ["", f"Not measured yet: {', '.join(absent)}."]
    short = [
        (one, benchmark)
        for topic in topics
        for benchmark in topic.benchmarks
        for one in benchmark.figures
        if one.in_short
    ]
    if short:
        lines += ["", "## In short", "", *_table(results, short)]
    return "\n".join(lines)


def _versions(results: Results) -> str:
    return ", ".join(f"{name} {version}" for name, version in results.now.versions.items())


def _topic(results: Results, topic: Topic) -> str:
    measured = [one for one in topic.benchmarks if one.module in results.sections]
    if not measured:
        return ""
    lines = [f"## {topic.title}", "", *([topic.reads, ""] if topic.reads else [])]
    lines += [*_table(results, [(one, by) for by in measured for one in by.figures]), ""]
    if topic.plot:
        lines += [f"![{topic.title}]({topic.plot})", ""]
    lines += [_command(results, results.sections[one.module]) for one in measured]
    return "\n".join(lines)


def _table(results: Results, figures: Sequence[tuple[Figure, Benchmark]]) -> Iterator[str]:
    yield tables.head("", "Communiqué", "the best beside it", "of")
    for figure, benchmark in figures:
        section = results.sections.get(benchmark.module)
        found = figure.picked(section.tables) if section else None
        mark = " †" if section and _mark(results, section) else ""
        if found is None:
            yield tables.row(figure.says, "not measured", "", "")
        else:
            beside = f"{found.beside} ({found.name})" if found.beside else "–"
            yield tables.row(figure.says, found.ours + mark, beside, found.count)


def _command(results: Results, section: Section) -> str:
    marks = [f"† {mark}" for mark in _mark(results, section)]
    if section.exit:
        marks.append(f"**failed with exit code {section.exit}**")
    noted = f" {'; '.join(marks)}." if marks else ""
    took = f", {section.seconds:.0f} s" if section.seconds else ""
    return f"- `{section.command}` ({section.date}{took}): {section.shows}{noted}"


def _mark(results: Results, section: Section) -> list[str]:
    """In what a section's circumstances differ from those of most, or of the last run."""
    marks = []
    if section.commit != results.commit:
        marks.append(f"measured at commit `{section.commit}`" if section.commit else "measured at an earlier commit")
    if section.machine != results.now.machine:
        marks.append(f"on another machine: {section.machine or 'not noted'}")
    return marks
