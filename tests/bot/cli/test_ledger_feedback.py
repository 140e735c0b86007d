"""`communique feedback`: what people said, listed and exported."""

from __future__ import annotations

import contextlib
import csv
import errno
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.types import Answer, Citation
from bot.state.ledger import Ledger, ServerDatabase
from bot.state.tables import BOT
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Cli
    from tests.postgres_server import Server

QUOTE = "Sweden joined NATO on 7 March 2024."


@pytest.fixture
def answer(cli: Cli) -> Answer:
    embedder = WordEmbedder()
    with PassageStore((cli.folder / "home"), model=embedder.name) as store:
        keep(store, a_release("sweden", QUOTE, title="Sweden joins"), embedder)
        release = store.records.get("sweden")
    assert release is not None
    citation = Citation("1", QUOTE, 0, len(QUOTE), release)
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return Answer("When?", "When did Sweden join?", f"{QUOTE} [1]", "en", (citation,), None, 1.0, "x", moment, {})


@pytest.fixture
def said(cli: Cli, answer: Answer) -> Ledger:
    ledger = Ledger((cli.folder / "home") / "discord.sqlite3")
    identity = ledger.answers.keep(answer, before=None, index_version=7)
    ledger.feedback.say(identity, 1, good=True)
    ledger.feedback.say(identity, 2, good=False, reasons=("out_of_date",), comment="=HYPERLINK(1)")
    return ledger


@pytest.mark.usefixtures("said")
def test_it_is_listed_with_question_passages_and_index(cli: Cli) -> None:
    """Newest first."""
    told = json.loads(cli.run("feedback", "list", "--json").stdout)

    assert [one["verdict"] for one in told] == ["bad", "good"]
    assert told[0]["reasons"] == ["out_of_date"]
    assert told[0]["question"] == "When?"
    assert told[0]["passages"][0] | {"quote": QUOTE, "id": "sweden", "version": 1} == told[0]["passages"][0]
    assert told[0]["index_version"] == 7
    plain = cli.run("feedback", "list", "--verdict", "bad").stdout
    assert "- When?" in plain
    assert "out of date — =HYPERLINK(1)" in plain
    assert "+ When?" not in plain


@pytest.mark.usefixtures("said")
def test_it_is_read_from_the_server_that_the_settings_name(
    cli: Cli, answer: Answer, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from a file that is left over in the home; no store need be there."""
    address = postgres.new_store()
    monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", address.url)
    monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA", "http://127.0.0.1:9")
    assert json.loads(cli.run("feedback", "list", "--json").stdout) == []

    with contextlib.closing(ServerDatabase(PostgresServer(address, BOT))) as server:
        ledger = Ledger(cli.folder / "unused", server)
        ledger.feedback.say(ledger.answers.keep(answer, before=None, index_version=7), 3, good=True)

    assert [one["person"] for one in json.loads(cli.run("feedback", "list", "--json").stdout)] == ["3"]


@pytest.mark.usefixtures("said")
def test_it_is_exported_as_lines_and_as_a_table(cli: Cli, tmp_path: Path) -> None:
    """A spreadsheet runs nothing that somebody wrote."""
    lines, table = tmp_path / "said.jsonl", tmp_path / "said.csv"

    assert cli.run("feedback", "export", str(lines)).exit_code == 0
    assert cli.run("feedback", "export", str(table), "--verdict", "bad").exit_code == 0

    assert len(lines.read_text().splitlines()) == 2
    (row,) = csv.DictReader(table.read_text().splitlines(keepends=True))
    assert row["comment"] == "'=HYPERLINK(1)"
    assert row["passages"] == f"{QUOTE} (sweden)"


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize(
    ("name", "told"),
    [("said.xlsx", "neither .jsonl nor .csv"), ("there.csv", "already exists"), ("no/a.csv", "cannot be")],
)
def test_a_wrong_file_is_told(cli: Cli, tmp_path: Path, name: str, told: str) -> None:
    """And nothing is written over."""
    (tmp_path / "there.csv").write_text("mine")

    result = cli.run("feedback", "export", str(tmp_path / name))

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert (tmp_path / "there.csv").read_text() == "mine"


@pytest.mark.usefixtures("said")
def test_a_full_disk_is_a_failure_and_no_misuse(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every other export; nothing half-written stays."""

    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("csv.writer", fill)
    result = cli.run("feedback", "export", str(tmp_path / "a.csv"))

    assert result.exit_code == 1
    assert "cannot be written (No space left on device)" in result.stderr
    assert not (tmp_path / "a.csv").exists()


def test_without_feedback_it_says_so(cli: Cli) -> None:
    """On stderr, and that is no failure."""
    result = cli.run("feedback", "list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no feedback" in result.stderr


def test_a_ledger_that_cannot_be_read_is_told(cli: Cli) -> None:
    """With its path."""
    (cli.folder / "home").mkdir(parents=True, exist_ok=True)
    ((cli.folder / "home") / "discord.sqlite3").write_text("this is no database " * 100)

    result = cli.run("feedback", "list")

    assert result.exit_code == 1
    assert "ledger: " in result.stderr
