"""`communique questions`: what could not be answered is kept where that is wanted, listed, and asked again."""

from __future__ import annotations

import csv
import errno
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.state.ledger import Ledger

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

TELEPHONE = "Who invented the telephone?"
BELL = "Alexander Graham Bell invented the telephone in 1876."


@pytest.fixture
def keeping(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home in which a release lies, and questions without an answer are kept."""
    monkeypatch.setenv("COMMUNIQUE_QUESTIONS__KEEP", "true")
    cli.run("ingest", cli.write("sweden.md", "Sweden joins NATO", "Sweden joined NATO on 7 March 2024."))
    return cli


def test_nothing_is_kept_unless_it_is_wanted(cli: Cli) -> None:
    """And the list says how to keep them."""
    cli.run("ingest", cli.write("sweden.md", "Sweden joins NATO", "Sweden joined NATO on 7 March 2024."))
    cli.run("ask", TELEPHONE)

    listed = cli.run("questions", "list")

    assert listed.stdout == ""
    assert "set questions.keep = true" in listed.stderr
    assert (
        not (cli.folder / "home" / "discord.sqlite3").exists()
        or not Ledger(cli.folder / "home" / "discord.sqlite3").questions.all()
    )


def test_what_is_refused_is_kept_and_listed(keeping: Cli) -> None:
    """With its bounds and the reason, counted; what is answered is not, nor what an evaluation asks."""
    for question in (TELEPHONE, "who invented the telephone?", "When did Sweden join NATO?"):
        keeping.run("ask", question)
    keeping.run("ask", "--publisher", "sweden", "Who is the mayor of Geneva?")
    (keeping.folder / "set.jsonl").write_text('{"question": "What is 7 times 8?", "answerable": false}\n')
    keeping.run("eval", keeping.folder / "set.jsonl")

    told = keeping.json("questions", "list")

    assert {one["question"]: one["times"] for one in told}[TELEPHONE] == 2
    assert not any("Sweden" in one["question"] or "times 8" in one["question"] for one in told)
    telephone = next(one for one in told if one["question"] == TELEPHONE)
    assert telephone["answered"] is None
    assert telephone["wordings"][0]["language"] == "en"
    assert "no sentence answers this question" in telephone["wordings"][0]["reason"]
    assert "2×" in keeping.run("questions", "list").stdout


def test_a_release_that_comes_later_answers_it(keeping: Cli) -> None:
    """The list says which, and where; once it is taken down the question is open again."""
    keeping.run("ask", TELEPHONE)
    ingested = keeping.run("ingest", keeping.write("bell.md", "The telephone", BELL))

    (told,) = keeping.json("questions", "list", "--only", "answered")

    assert "1 kept question can be answered now" in ingested.stderr
    assert told["answered"]["quote"] == BELL
    assert told["answered"]["release"]["title"] == "The telephone"
    assert f"“{BELL}”" in keeping.run("questions", "list").stdout
    keeping.run("releases", "remove", told["answered"]["release"]["id"], "--yes")
    assert keeping.json("questions", "list", "--only", "answered") == []
    assert [one["question"] for one in keeping.json("questions", "list", "--only", "open")] == [TELEPHONE]


def test_questions_are_exported_and_forgotten(keeping: Cli) -> None:
    """A formula is no formula any more; without who asked, for that is nowhere."""
    keeping.run("ask", "=HYPERLINK(1) who invented the telephone, asks jean@example.org or 06 12 34 56 78?")
    table, lines = keeping.folder / "questions.csv", keeping.folder / "questions.jsonl"

    assert keeping.run("questions", "export", table).exit_code == 0
    assert keeping.run("questions", "export", lines).exit_code == 0

    (row,) = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    assert row["question"] == "'=HYPERLINK(1) who invented the telephone, asks … or …?"
    (told,) = map(json.loads, lines.read_text(encoding="utf-8").splitlines())
    assert told["wordings"][0]["id"] == row["id"]
    assert keeping.run("questions", "export", table).exit_code == 2
    assert keeping.run("questions", "forget").exit_code == 2
    assert "forgotten: 1 question" in keeping.run("questions", "forget", row["id"]).stderr
    assert keeping.run("questions", "forget", row["id"]).exit_code == 1
    assert keeping.json("questions", "list") == []


@pytest.mark.parametrize(("zone", "days", "count"), [("Pacific/Kiritimati", 0, 1), ("Etc/GMT+12", 1, 0)])
def test_a_day_is_one_of_the_time_zone_in_the_settings(
    keeping: Cli, monkeypatch: pytest.MonkeyPatch, zone: str, days: int, count: int
) -> None:
    """At the ends of the world: at any hour, today is another day than in UTC in one of them."""
    monkeypatch.setenv("COMMUNIQUE_ANSWERS__TIME_ZONE", zone)
    keeping.run("ask", TELEPHONE)
    day = (datetime.now(ZoneInfo(zone)) + timedelta(days=days)).date()

    assert len(keeping.json("questions", "list", "--since", day.isoformat())) == count


def test_a_full_disk_leaves_no_half_of_a_file(keeping: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a failure and no misuse."""
    keeping.run("ask", TELEPHONE)

    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("csv.writer", fill)
    exported = keeping.run("questions", "export", keeping.folder / "questions.csv")

    assert exported.exit_code == 1
    assert "cannot be written (No space left on device)" in " ".join(exported.stderr.split())
    assert not (keeping.folder / "questions.csv").exists()


def test_the_note_tells_of_the_week(keeping: Cli) -> None:
    """What was asked in vain."""
    keeping.run("ask", TELEPHONE)

    note = keeping.run("questions", "note").stdout

    assert note.startswith("in the last seven days: 1 question without an answer\n")
    assert TELEPHONE in note


def test_what_is_too_old_is_gone_when_it_is_looked_at(keeping: Cli) -> None:
    """Also where no bot runs that would delete it."""
    keeping.run("ask", TELEPHONE)
    ledger = Ledger(keeping.folder / "home" / "discord.sqlite3")
    with ledger.database.transaction() as connection:
        connection.execute("UPDATE main.questions SET last = '2020-01-01T00:00:00.000000+00:00'")

    assert keeping.json("questions", "list") == []
    assert ledger.questions.all() == []
