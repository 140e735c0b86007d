"""`communique eval`: its table, its JSON, and a file that is no list of questions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Cli


def questions(cli: Cli) -> Path:
    path = cli.folder / "questions.jsonl"
    asked = [
        {"id": "en-1", "question": "What did Allies give to Ukraine?", "language": "en", "relevant": ["aid.en"]},
        {
            "id": "fr-1",
            "question": "Combien d'avions pour Chypre ?",
            "language": "fr",
            "passage_contains": ["sept avions"],
        },
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in asked), encoding="utf-8")
    return path


def test_the_figures_stand_by_language(stocked: Cli) -> None:
    """One process, one JSON object; what failed is named."""
    told = stocked.json("eval", questions(stocked), "--search-only")

    assert (told["questions"], told["hit@1"], told["failures"]) == (2, 0.5, ["fr-1"])
    assert {language: one["hit@1"] for language, one in told["per_language"].items()} == {"en": 1.0, "fr": 0.0}
    assert told["quotes_verbatim"] is None


def test_answers_are_measured_too(stocked: Cli) -> None:
    """Without `--search-only` every quote is checked."""
    assert stocked.json("eval", questions(stocked))["quotes_verbatim"] == 1


def test_the_table_has_a_column_for_each_language(stocked: Cli) -> None:
    """Off a terminal it is neither wrapped nor coloured."""
    result = stocked.run("eval", questions(stocked), "--search-only")

    rows = {row.split()[0]: row.split()[1:] for row in result.stdout.splitlines() if row.strip()}
    assert rows["all"] == ["en", "fr"]
    assert rows["hit@1"] == ["0.5", "1", "0"]
    assert "\x1b" not in result.stdout
    assert "1 question failed; --json names each" in result.stderr


def test_a_measure_that_is_too_low_fails(stocked: Cli) -> None:
    """Exit code 1 for a pipeline, and a line that says which; the figures are printed all the same."""
    low = stocked.run("eval", questions(stocked), "--search-only", "--fail-under", "0.9", "--fail-under", "hit@1=0.5")
    unmeasured = stocked.run("eval", questions(stocked), "--search-only", "--fail-under", "quotes_verbatim=1")
    fine = stocked.run("eval", questions(stocked), "--search-only", "--fail-under", "hit@5=0.5")

    assert (low.exit_code, unmeasured.exit_code, fine.exit_code) == (1, 1, 0)
    assert "failed: hit@5 is 0.5, and is to be 0.9 at least" in low.stderr
    assert "hit@1 is" not in low.stderr
    assert "hit@5" in low.stdout
    assert "failed: quotes_verbatim could not be measured, and is to be 1 at least" in unmeasured.stderr


@pytest.mark.parametrize(
    ("bound", "told"), [("hit@5=much", "'much' is no number"), ("speed=1", "'speed' is no measure; there are hit@1,")]
)
def test_a_bound_that_is_none_is_misuse(stocked: Cli, bound: str, told: str) -> None:
    """Before a question is asked."""
    result = stocked.run("eval", "nowhere.jsonl", "--fail-under", bound)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_broken_file_is_one_sentence_with_its_line(stocked: Cli) -> None:
    """Exit code 1, nothing on stdout."""
    path = questions(stocked)
    path.write_text(path.read_text() + "{broken\n")

    result = stocked.run("eval", path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"questions: {path}:3: is no question" in result.stderr


def test_a_file_that_is_not_there_is_told(stocked: Cli) -> None:
    """The path stands in the sentence."""
    result = stocked.run("eval", "nowhere.jsonl")

    assert result.exit_code == 1
    assert "nowhere.jsonl: cannot be read" in result.stderr
