"""The frame of the command line: help, speed, completion, unforeseen failures, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from tests.bot.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
COMMUNIQUE = [sys.executable, "-c", "from bot.cli import app; app()"]


def commands(group: click.Command | None = None, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command of the app, as the words that call it."""
    inner = getattr(group or typer.main.get_command(app), "commands", None)
    if not inner:
        yield path
    for name, command in (inner or {}).items():
        yield from commands(command, *path, name)


each_command = pytest.mark.parametrize("words", list(commands()), ids=" ".join)


@each_command
def test_every_command_shows_an_example_of_itself(words: tuple[str, ...]) -> None:
    """`--help` holds a call that can be copied, of that very command."""
    result = CliRunner().invoke(app, [*words, "--help"])

    told = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert re.search(rf"Example: (COMMUNIQUE_\S+ )?communique {' '.join(words)}\b", told)


@each_command
def test_every_command_stands_in_the_list_of_commands(words: tuple[str, ...]) -> None:
    """The table of docs/commands.md names it."""
    rows = [
        line for line in (ROOT / "docs/commands.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    table = "\n".join(rows)

    named = rf"`communique (?:{' '.join(words)}\b|{words[0]} [\w|\\]*\b{words[-1]}\b)"
    assert re.search(named, table)


def test_help_loads_no_heavy_library() -> None:
    """The command line answers at once: what takes long to import is imported where it is needed."""
    heavy = ("torch", "chromadb", "langchain", "langchain_core", "numpy", "pydantic", "sentence_transformers", "rich")
    told = f"import bot.cli, sys; print([name for name in {heavy} if name in sys.modules])"

    run = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(("shell", "mark"), [("bash", "complete -o default -F"), ("zsh", "#compdef")])
def test_completion_can_be_shown(shell: str, mark: str) -> None:
    """For the shell that is in use."""
    told = f"import shellingham; shellingham.detect_shell = lambda *_: ({shell!r}, '/bin/{shell}'); {COMMUNIQUE[-1]}"
    words = [sys.executable, "-c", told, "--show-completion"]

    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)

    assert mark in run.stdout


def test_an_unknown_command_is_misuse(cli: Cli) -> None:
    """Exit code 2, and nothing on stdout."""
    result = cli.run("inges")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "inges" in result.stderr


def test_the_version_is_told() -> None:
    """`--version` needs no command."""
    assert re.fullmatch(r"communique \d+\.\d+\.\d+\S*\n", CliRunner().invoke(app, ["--version"]).stdout)


def test_an_unforeseen_failure_is_one_sentence_after_its_traceback(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """People get a sentence and exit code 1; the log has what is needed to mend it."""

    def fail(home: Path | None) -> None:
        raise ZeroDivisionError("by a test")

    monkeypatch.setattr("bot.wiring.opened", fail)

    result = cli.run("status")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "communique: unexpected failure: ZeroDivisionError: by a test" in result.stderr
    assert "ZeroDivisionError" in caplog.text


def test_broken_settings_are_one_sentence(cli: Cli) -> None:
    """Exit code 1, the file and the setting named."""
    (cli.folder / "communique.toml").write_text("[search]\npasages = 3\n")

    result = cli.run("status")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "settings: communique.toml: search.pasages: no such setting" in result.stderr


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The command in a process of its own, with the fake model, on the home in `folder`."""
    told = (
        "import bot.wiring, time\n"
        "from tests.bot.cli.conftest import Model\n"
        "class Slow(Model):\n"
        "    def embed_passages(self, texts):\n"
        "        time.sleep(30 if Model.passages > 500 else 0.3)\n"  # a signal ends the sleep
        "        return super().embed_passages(texts)\n"
        "bot.wiring.embedder_named = Slow\n"
        "from bot.cli import app\n"
        "app()\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMUNIQUE_")}
    return subprocess.Popen(
        [sys.executable, "-c", told, "--home", str(folder / "home"), *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_ingestion_in_good_order(cli: Cli, sign: signal.Signals) -> None:
    """It says what was done; the store is whole; the next run does the rest."""
    releases = ({"id": str(number), "title": "T", "body": f"Body {number}."} for number in range(2_000))
    source = str(cli.write_lines("many.jsonl", *releases))
    with started(cli.folder, "ingest", source) as process:
        deadline = time.monotonic() + 60
        while cli.json("status")["releases"] == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(sign)
        stdout, stderr = process.communicate(timeout=60)

    done = int(stdout.split()[0])
    report = cli.json("ingest", source)
    assert process.returncode == 128 + sign
    assert "stopped; what was written is kept" in stderr
    assert 0 < done < 2_000
    assert (report["new"], report["unchanged"]) == (2_000 - done, done)
    assert cli.json("status")["consistent"]


@pytest.mark.long
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_away_is_no_failure(stocked: Cli, options: list[str]) -> None:
    """`communique releases list | head -1` ends without a complaint."""
    with started(stocked.folder, "releases", "list", *options) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        complaint = process.stderr.read()

    assert (process.returncode, complaint) == (0, "")


@pytest.mark.long
def test_a_terminal_without_french_letters_is_no_failure(stocked: Cli) -> None:
    """What cannot be shown is written as a code."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    words = [*COMMUNIQUE, "--home", str(stocked.folder / "home"), "releases", "show", "aide.fr", "--json"]

    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert "Chypre" in json.loads(run.stdout)["text"]


CONTROLS = "x\x1b[2J\x9b31m\u202ey\u2066\u200bz\x07"
COMMANDS = (
    ("ask", "--as-of", CONTROLS, "Q"), ("ask", "Q", "--language", CONTROLS), ("ask", "Q", CONTROLS),
    ("ask", f"--{CONTROLS}", "Q"), ("ask", "Q", "--passages", CONTROLS), ("ask", "Q", "--model", f"{CONTROLS}:y"),
    ("search", "Q", "-k", CONTROLS), ("search", "Q", "--publisher", CONTROLS, "--since", CONTROLS),
    ("ingest", CONTROLS), ("ingest", f"https://{CONTROLS}.invalid/"), ("ingest", f"http://127.0.0.1:1/{CONTROLS}"),
    ("ingest", "releases", "--links", f"({CONTROLS}"), ("ingest", "releases", "--ray", CONTROLS),
    ("ingest", "releases", "--field", CONTROLS), ("watch", "--once", CONTROLS), ("releases", "show", CONTROLS),
    ("releases", "history", CONTROLS), ("releases", "remove", CONTROLS), ("releases", CONTROLS),
    ("feedback", "export", CONTROLS), ("feedback", "export", f"/nowhere/{CONTROLS}.csv"),
    ("feedback", "list", "--verdict", CONTROLS), ("backup", f"/nowhere/{CONTROLS}"), ("restore", CONTROLS),
    ("eval", CONTROLS), ("discord", CONTROLS), ("status", CONTROLS), (CONTROLS,), (f"--{CONTROLS}", "status"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0] if words[0].isalnum() else "frame")
def test_an_argument_cannot_speak_to_the_terminal(cli: Cli, words: tuple[str, ...]) -> None:
    """What is said of it holds nothing that moves the cursor or turns the writing round."""
    result = cli.run(*words)

    assert all(one.isprintable() for one in result.output.replace("\n", ""))


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "http://me:word@127.0.0.1:1/feed.xml"),
        ("ingest", "--json", "http://me:word@127.0.0.1:1/feed.xml"),
        ("releases", "show", "https://me:word@a.example/"),
        ("watch", "--once", "http://me:word@127.0.0.1:1/"),
        ("ask", "Q", "--as-of", "https://me:word@a.example/"),
    ],
)
def test_no_password_is_told(cli: Cli, words: tuple[str, ...]) -> None:
    """In an error, a report, or what is known of a source afterwards."""
    shown = [cli.run(*words).output, cli.run("status").output, cli.run("status", "--json").output]

    assert not any("word@" in one for one in shown)


def test_a_catalogue_that_is_away_is_named_without_its_password(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that is written in a way in which it cannot be read."""
    for password in ("secret%40word", "se/cr@et"):
        monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", f"postgresql://me:{password}@127.0.0.1:1/news")

        result = cli.run("--verbose", "status")

        assert result.exit_code == 1
        assert not any(part in result.output for part in ("secret", "se/cr", "cr@et", "et@127"))
