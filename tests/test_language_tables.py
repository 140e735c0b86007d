"""The tables of French and English as tests read them, and that none is left unread."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.language_tables import PROPERTY, cases, read_rows, summary

TESTS = Path(__file__).parent


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ('{"text": "mai", "mnth": 5}', "unknown key: mnth (known: text, month, strict, fails)"),
        ('{"text": "mai"}', "missing key: month"),
        ('["mai", 5]', '["mai", 5]: not an object'),
        ('{"text": "mai", "month": 5, "fails": true}', 'fails: true: not a reason (write "fails": "why")'),
        ("", "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_a_wrong_row_is_an_error_that_names_file_and_line(tmp_path: Path, row: str, fault: str) -> None:
    """What is wrong, and which keys there are."""
    table = tmp_path / "months.jsonl"
    table.write_text(f'{{"text": "juin", "month": 6}}\n{row}\n', "utf-8")

    with pytest.raises(pytest.Collector.CollectError, match=re.escape(f"{table}:2: {fault}")):
        list(read_rows(table, ["text", "month"], {"strict": False}))


def test_a_row_has_the_values_of_its_keys_in_the_order_of_the_test(tmp_path: Path) -> None:
    """What it leaves out has its default."""
    table = tmp_path / "months.jsonl"
    table.write_text(
        '{"month": 6, "text": "juin"}\n{"text": "May", "month": 5, "strict": true, "fails": "a verb too"}\n'
    )

    first, second = read_rows(table, ["text", "month"], {"strict": False})

    assert (first.line, first.values, first.fails) == (1, ("juin", 6, False), None)
    assert (second.line, second.values, second.fails) == (2, ("May", 5, True), "a verb too")


def test_a_known_failure_that_passes_fails(tmp_path: Path) -> None:
    """So that the list stays true; a row is found by its line and its first words."""
    table = tmp_path / "months.jsonl"
    table.write_text('{"text": "l’été"}\n{"text": "March on", "fails": "a verb too"}\n', "utf-8")

    holds, fails = cases(table, ["text"])

    assert [case.id for case in (holds, fails)] == ["months.jsonl:1 l'ete", "months.jsonl:2 March on"]
    assert [mark.name for mark in holds.marks] == ["language_table"]
    assert fails.marks[-1] == pytest.mark.xfail(reason="a verb too", strict=True, raises=AssertionError)


def test_a_summary_counts_rows_and_not_tests() -> None:
    """A row that two tests read counts once, and holds if it does in both."""
    reports = [
        SimpleNamespace(user_properties=[(PROPERTY, ("a.jsonl", 1))], failed=False),
        SimpleNamespace(user_properties=[(PROPERTY, ("a.jsonl", 1))], failed=True),
        SimpleNamespace(user_properties=[(PROPERTY, ("a.jsonl", 2))], failed=False),
        SimpleNamespace(user_properties=[(PROPERTY, ("b.jsonl", 1))], failed=False),
        SimpleNamespace(user_properties=[(PROPERTY, ("b.jsonl", 2))], failed=False, wasxfail="why"),
        SimpleNamespace(user_properties=[], failed=True),
    ]

    assert summary(reports) == [  # type: ignore[arg-type]
        "    1 of   2 hold  a.jsonl, 1 FAIL",
        "    1 of   2 hold  b.jsonl, 1 known to fail",
    ]


def test_every_table_is_read_by_a_test_beside_it() -> None:
    """A row that nothing reads says nothing."""
    unread = [
        table.relative_to(TESTS).as_posix()
        for table in TESTS.rglob("*.jsonl")
        if not any(f'"{table.name}"' in test.read_text("utf-8") for test in table.parent.glob("test_*.py"))
    ]

    assert unread == []
