"""Which figures of a benchmark's tables stand on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.benchmark import Benchmark, Figure, Picked, topics_of

if TYPE_CHECKING:
    from benchmarks.tables import Table

TABLES: list[Table] = [
    [{"stage": "words", "seconds": "3"}],
    [
        {"size": size, "way": way, "ms": ms}
        for size, ways in {
            "10": {"ours": "4.0 / 9.0", "bare": "2", "bad": "80"},
            "90": {"ours": "9", "bare": "3"},
        }.items()
        for way, ms in ways.items()
    ],
]


@pytest.mark.parametrize(
    ("figure", "picked"),
    [
        (Figure("", "ms", {"way": "ours"}), Picked("4.0 / 9.0", "", "", "")),
        (
            Figure("", "ms", {"way": "ours", "size": "10"}, "way", less_is_better=True),
            Picked("4.0 / 9.0", "2", "bare", ""),
        ),
        (Figure("", "ms", {"way": "ours", "size": "10"}, "way"), Picked("4.0 / 9.0", "80", "bad", "")),
        (Figure("", "ms", {"way": "ours", "size": "10"}, "way", ("bare",)), Picked("4.0 / 9.0", "2", "bare", "")),
        (
            Figure("", "ms", {"way": "ours"}, "way", same=("size",), last=True, count="size", unit="ms"),
            Picked("9 ms", "3 ms", "bare", "90"),
        ),
        (Figure("", "ms", {"way": "bare", "size": "90"}, other="size"), Picked("3", "90", "size", "")),
        (Figure("", "seconds"), Picked("3", "", "", "")),
        (Figure("", "ms", {"way": "theirs"}), None),
        (Figure("", "hours"), None),
    ],
)
def test_a_figure_is_picked_with_the_best_beside_it(figure: Figure, picked: Picked | None) -> None:
    """From whichever table has it."""
    assert figure.picked(TABLES) == picked


def test_arguments_name_the_data_and_the_stores() -> None:
    """Those of a size that has none are the usual ones."""
    benchmark = Benchmark("retrieval", (), "--data {data} --home {cache}/sets", quick="--few 2")
    data, cache = Path("some where"), Path("build/bench/abc")

    usual = ["python", "-m", "benchmarks.retrieval", "--data", "some where", "--home", "build/bench/abc/sets"]
    assert benchmark.command(data, cache) == benchmark.command(data, cache, "full") == usual
    assert benchmark.command(data, cache, "quick") == ["python", "-m", "benchmarks.retrieval", "--few", "2"]


def test_figures_take_what_they_have_in_common(tmp_path: Path) -> None:
    """Conditions are put together, other keys are replaced."""
    path = tmp_path / "contents.toml"
    path.write_text(
        '[[topics]]\ntitle = "Finding"\n[[topics.benchmarks]]\nmodule = "retrieval"\n'
        'figures = [{ says = "one", where = { set = "a" } }, { says = "two", column = "b", by = "" }]\n'
        '[topics.benchmarks.usual]\ncolumn = "a"\nwhere = { by = "ours" }\nby = "by"\nothers = ["x"]\n'
    )

    (topic,) = topics_of(path)

    assert topic.benchmarks[0].figures == (
        Figure("one", "a", {"by": "ours", "set": "a"}, "by", ("x",)),
        Figure("two", "b", {"by": "ours"}, "", ("x",)),
    )


def test_a_key_that_nothing_has_is_refused(tmp_path: Path) -> None:
    """A slip of the pen would lose a figure in silence."""
    path = tmp_path / "contents.toml"
    path.write_text('[[topics]]\ntitle = "F"\n[[topics.benchmarks]]\nmodule = "m"\nquik = ""\nfigures = []\n')

    with pytest.raises(TypeError, match="quik"):
        topics_of(path)
