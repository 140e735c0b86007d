"""`communique export`: what is written where, and within which bounds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.types import Answer
from bot.wiring import opened

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Cli


def keep_two(cli: Cli) -> None:
    """Two answers, one in each language, as Discord keeps them."""
    with opened(cli.folder / "home") as built:
        for language in ("en", "fr"):
            answer = Answer(f"In {language}?", "?", "Yes.", language, (), None, 0.9, "m", datetime.now(UTC), {})
            built.ledger.answers.keep(answer, before=None, index_version=1)


def written(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_releases_go_to_stdout_newest_first(stocked: Cli) -> None:
    """As Markdown, where nothing else is said."""
    exported = stocked.run("export", "releases")

    titles = [line for line in exported.stdout.splitlines() if line.startswith("#")]
    assert titles == ["# Releases", r"## Aid \[bold\] for Ukraine", "## Une aide pour Chypre"]


def test_a_file_says_its_format(stocked: Cli) -> None:
    """By its suffix; the bounds are those of a search; where it lies is told."""
    assert stocked.run("export", "releases", "fr.jsonl", "--language", "fr").stderr == "fr.jsonl: written\n"
    assert stocked.run("export", "releases", "all.html").exit_code == 0

    assert [line["id"] for line in written(stocked.folder / "fr.jsonl")] == ["aide.fr"]
    assert "<h2><a href=" in (stocked.folder / "all.html").read_text(encoding="utf-8")


def test_a_publisher_is_meant_in_capitals_or_not(stocked: Cli) -> None:
    """As everywhere else."""
    stocked.run("export", "releases", "nato.jsonl", "--publisher", "nato")

    assert [line["id"] for line in written(stocked.folder / "nato.jsonl")] == ["aid.en"]


def test_answers_are_exported_within_their_bounds(stocked: Cli) -> None:
    """By language and by the day of asking."""
    keep_two(stocked)

    stocked.run("export", "answers", "all.jsonl")
    stocked.run("export", "answers", "fr.jsonl", "--language", "fr", "--since", "2020-01-01")
    stocked.run("export", "answers", "old.jsonl", "--until", "2020-01-01")
    stocked.run("export", "answers", "nato.jsonl", "--publisher", "NATO")

    asked = [line["question"] for line in written(stocked.folder / "all.jsonl")]
    assert asked == ["In en?", "In fr?"]
    assert [line["question"] for line in written(stocked.folder / "fr.jsonl")] == ["In fr?"]
    assert written(stocked.folder / "old.jsonl") == written(stocked.folder / "nato.jsonl") == []


def test_the_last_answer_is_saved(stocked: Cli) -> None:
    """To stdout, to a file, or into a folder under the name of its question."""
    stocked.run("ask", "How much did Allies give to Ukraine?")

    printed = stocked.run("export", "answer")
    assert stocked.run("export", "answer", "given.jsonl").exit_code == 0
    assert stocked.run("export", "answer", ".").stderr == "how-much-did-allies-give-to-ukraine.md: written\n"

    assert printed.stdout.startswith("# How much did Allies give to Ukraine?\n\n*Asked on ")
    assert "\n> Allies gave 20.9 billion euros to Ukraine.\n" in printed.stdout
    assert "[Aid \\[bold\\] for Ukraine](<https://example.org/aid#:~:text=" in printed.stdout
    named = stocked.folder / "how-much-did-allies-give-to-ukraine.md"
    assert named.read_text(encoding="utf-8") == printed.stdout
    assert written(stocked.folder / "given.jsonl")[0]["question"] == "How much did Allies give to Ukraine?"


def test_an_answer_that_is_gone_is_told(stocked: Cli) -> None:
    """None was given yet, or its release was taken down."""
    assert "answer: none is remembered" in stocked.run("export", "answer").stderr
    stocked.run("ask", "How much did Allies give to Ukraine?")

    stocked.run("releases", "remove", "aid.en", "--yes")

    gone = stocked.run("export", "answer")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert not (stocked.folder / "home" / "last.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("releases", "x.txt"), 2, "x.txt does not say it; name markdown, html or jsonl"),
        (("releases", "--format", "pdf"), 2, "'pdf' is none"),
        (("releases", "releases", "--format", "html"), 2, "releases already exists; name another file"),
        (("answers", "nowhere/x.md"), 2, "nowhere/x.md cannot be written (No such file or directory)"),
    ],
)
def test_what_cannot_be_written_is_told(stocked: Cli, words: tuple[str, ...], code: int, sentence: str) -> None:
    """Nothing that is there is written over."""
    exported = stocked.run("export", *words)

    assert exported.exit_code == code
    assert sentence in " ".join(exported.stderr.split())


def test_a_file_that_cannot_be_finished_is_removed(stocked: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an export would pass for a whole one."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.documents.full_release_payload", fail)

    exported = stocked.run("export", "releases", "x.jsonl")

    assert "export: x.jsonl: cannot be written (No space left on device)" in exported.stderr
    assert not (stocked.folder / "x.jsonl").exists()
