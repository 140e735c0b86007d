"""Arguments and lines that are not UTF-8, as a terminal set to Latin-1 sends them, and numbers beyond counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot.cli import app

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

ODD = "caf\udce9"  # what Python makes of b"caf\xe9"
TEXTS = (
    ("ask", f"When does {ODD} open?"), ("search", ODD), ("ask", "Q", "--publisher", ODD), ("ask", "Q", "--model", ODD),
    ("releases", "show", ODD), ("releases", "history", ODD), ("releases", "remove", ODD), ("releases", "allow", ODD),
    ("ingest", "releases", "--publisher", ODD), ("ingest", "releases", "--field", f"body={ODD}"),
    ("ingest", ODD), ("ingest", f"http://127.0.0.1:1/{ODD}", "--allow-private"), ("watch", "--once", ODD),
    ("sources", "pause", ODD), ("sources", "forget", ODD), ("chat", "--language", ODD),
)  # fmt: skip


@pytest.mark.parametrize("words", TEXTS, ids=lambda words: "-".join(words[:2]).encode("ascii", "replace").decode())
def test_words_in_another_encoding_are_misuse(
    stocked: Cli, caplog: pytest.LogCaptureFixture, words: tuple[str, ...]
) -> None:
    """One sentence says how to mend it; nothing else is told, and nothing is searched for."""
    result = stocked.run(*words)

    assert (result.exit_code, result.stdout, caplog.text) == (2, "", "")
    assert "holds bytes that are not UTF-8; set the terminal to UTF-8" in result.stderr


def test_a_file_is_read_whatever_it_is_called(stocked: Cli) -> None:
    """Its name stands in the store with the odd bytes written as numbers; so it is paused, shown and forgotten."""
    stocked.write(f"{ODD}/{ODD}.md", "A visit", "The President came to Rome.")
    folder = f"releases/{ODD}"

    report = stocked.json("ingest", folder)
    paused = stocked.run("sources", "pause", folder)

    assert (report["new"], report["failed"]) == (1, [])
    assert paused.exit_code == 0
    assert stocked.json("search", "President Rome", "-k", "1")[0]["release"]["id"].endswith(r"/caf\xe9/caf\xe9.md")
    assert stocked.run("sources", "forget", folder).exit_code == 0


@pytest.mark.embedded
def test_a_backup_may_be_called_anything(stocked: Cli) -> None:
    """Paths are the system's, not text."""
    assert stocked.run("backup", f"{ODD}.tar.gz").exit_code == 0

    result = stocked.run("--home", "second", "restore", f"{ODD}.tar.gz")

    assert result.exit_code == 0
    assert (stocked.folder / "second" / "catalogue.sqlite3").exists()


def test_a_home_that_chroma_cannot_open_is_refused(stocked: Cli) -> None:
    """Before anything is written there."""
    result = stocked.run("--home", ODD, "ingest", "releases")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "settings: --home: holds a NUL, or bytes that are not UTF-8; call it something else" in result.stderr
    assert not (stocked.folder / ODD).exists()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_line_in_another_encoding_does_not_end_a_conversation(stocked: Cli, options: list[str]) -> None:
    """It is told, and the next question is answered."""
    lines = b"When does caf\xe9 open?\n/caf\xe9\nWhere did the meeting take place?\n"
    words = ["--home", str(stocked.folder / "home"), "chat", *options]

    result = CliRunner().invoke(app, words, input=lines)

    assert result.exit_code == 0
    assert "question: holds bytes that are not UTF-8" in result.stderr
    assert "Brussels" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("releases", "list", "-n"),
        ("releases", "events", "--after"),
        ("releases", "show", "aid.en", "--version"),
        ("ingest", "releases", "--limit"),
    ],
)
def test_a_number_beyond_counting_is_misuse(stocked: Cli, words: tuple[str, ...]) -> None:
    """No store holds so many."""
    result = stocked.run(*words, "9" * 23)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is too large; write a smaller number" in result.stderr


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(" * 5_000, "("])
def test_a_pattern_that_is_none_is_misuse(cli: Cli, pattern: str) -> None:
    """Whatever the engine has against it."""
    result = cli.run("ingest", "releases", "--links", pattern)

    assert result.exit_code == 2
    assert "is no regular expression (" in result.stderr


def test_a_name_too_long_for_a_file_is_misuse(stocked: Cli) -> None:
    """The system's word for it is told."""
    result = stocked.run("feedback", "export", f"{'a' * 5_000}.csv")

    assert result.exit_code == 2
    assert "cannot be written (File name too long)" in result.stderr
