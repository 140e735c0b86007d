"""How commands end: exit codes, streams that lead nowhere, and options of the whole program behind a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli, Model

ROOT = Path(__file__).parents[3]
FULL = Path("/dev/full")


def shell(line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """What a shell prints for a line in which `communique` is the program with this home."""
    program = f'communique() {{ "{sys.executable}" -c "from bot.cli import app; app()" --home "{home}" "$@"; }}; '
    return subprocess.run(["bash", "-c", program + line], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_or_closed_stdout_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 1, and no traceback; whether a command prints or an option of the program."""
    lines = ("status >/dev/full", "status --json >/dev/full", "--version >/dev/full", "status >&-")

    for line in lines:
        run = shell(f"communique {line}", tmp_path / "home")

        assert (run.returncode, run.stdout) == (1, ""), line
        assert run.stderr.startswith("communique: stdout: cannot be written ("), line
        assert run.stderr.count("\n") == 1, line


def test_a_closed_stdin_ends_a_conversation(tmp_path: Path) -> None:
    """As an empty one does; and a closed stderr loses remarks alone."""
    run = shell("communique chat <&- 2>&-", tmp_path / "home")

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_says_so_in_its_exit_code(
    stocked: Cli, monkeypatch: pytest.MonkeyPatch, model: type[Model], sign: signal.Signals, code: int
) -> None:
    """As shells count: 128 and the number of the signal."""

    def stop(*_: object) -> None:
        os.kill(os.getpid(), sign)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored
    monkeypatch.setattr(model, "embed_passages", stop)

    rebuilt = stocked.run("rebuild")
    stocked.write("new.md", "A visit", "The President came to Rome.")
    ingested = stocked.run("ingest", "releases")

    assert (rebuilt.exit_code, ingested.exit_code) == (code, code)
    assert rebuilt.stderr.startswith("communique: stopped; the store is whole")
    assert "stopped; what was written is kept" in ingested.stderr


def test_options_of_the_program_stand_behind_a_command_too(stocked: Cli) -> None:
    """The nearer one wins."""
    other = stocked.folder / "other"

    assert stocked.run("releases", "list", "--home", other).stdout == ""
    assert stocked.run("releases", "list", "-v", "--log", "json").stdout.startswith("Aid [bold] for Ukraine")
    shown = " ".join(stocked.run("ask", "--help").stdout.split())
    assert all(option in shown for option in ("--home DIR", "-v, --verbose", "--log <text|json>"))


def test_questions_need_no_quotation_marks(stocked: Cli) -> None:
    """Their words are joined, and what is asked is shown, so that nothing that a shell did to them goes unseen."""
    asked = stocked.run("ask", "Who", "gave", "euros", "to", "Ukraine?", "--language", "en")
    found = stocked.run("search", "avions", "Chypre", "-k", "1")

    assert asked.stderr == "asked: Who gave euros to Ukraine?\n"
    assert "20.9 billion euros" in asked.stdout
    assert found.stderr == "asked: avions Chypre\n"
    assert found.stdout.startswith("1. Une aide pour Chypre\n")


def test_a_forgotten_option_is_not_taken_for_a_word(stocked: Cli) -> None:
    """Nor is one that there is not, wherever it stands among the words."""
    result = stocked.run("ask", "Who", "gave", "--lang", "en", "euros?")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "No such option: --lang" in result.stderr


def test_a_question_without_a_command_says_how_it_is_asked(cli: Cli) -> None:
    """Ready to paste."""
    result = cli.run("When did Sweden join NATO?")

    assert (result.exit_code, result.stdout) == (2, "")
    assert 'communique ask "When did Sweden join NATO?"' in result.stderr


def test_a_group_without_a_command_shows_its_help_in_lines(cli: Cli) -> None:
    """Exit code 2."""
    result = cli.run("releases")

    assert result.exit_code == 2
    assert "\nCommands:\n  list " in result.output


def test_more_on_stderr_is_of_our_own(tmp_path: Path) -> None:
    """`-v` shows no library's lines, before a command or behind it."""
    (tmp_path / "a.txt").write_text("A harbour opens\n\nThe harbour of Oslo opened on 3 May 2024.\n")

    run = shell(f"communique ingest {tmp_path}/a.txt -v", tmp_path / "home")

    loggers = {line.split()[1].split(".")[0] for line in run.stderr.splitlines() if line.startswith(("DEBUG", "INFO"))}
    assert "bot" in loggers
    assert loggers <= {"bot", "ingest", "vectorstore"}


@pytest.mark.parametrize(("verbose", "is_told"), [(False, False), (True, True)])
def test_what_python_warns_of_is_no_business_of_a_reader(verbose: bool, is_told: bool) -> None:
    """A library's deprecation beside an answer helps nobody; `-v` shows it."""
    program = (
        "import warnings; from bot.cli.edge import LogFormat, set_up_logs;"
        f"set_up_logs(LogFormat.TEXT, verbose={verbose}); warnings.warn('odd lanes', RuntimeWarning)"
    )

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ("odd lanes" in run.stderr) is is_told
