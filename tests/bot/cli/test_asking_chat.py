"""`communique chat`: what is typed line by line, and what comes back."""

from __future__ import annotations

import json
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bot.answering.pipeline import Answerer
from bot.cli.rendering import answers

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli


@pytest.fixture
def home(cli: Cli) -> Cli:
    """Two accessions and a sum."""
    cli.write_lines(
        "three.jsonl",
        *(
            {
                "id": name.lower(),
                "title": f"{name} joins NATO",
                "body": f"{name} joined NATO on {day}. The flag of {name} was raised in Brussels.",
                "date": date,
                "language": "en",
            }
            for name, day, date in (("Sweden", "7 March 2024", "2024-03-07"), ("Finland", "4 April 2023", "2023-04-04"))
        ),
    )
    assert cli.run("ingest", "releases").exit_code == 0
    return cli


def chatted(home: Cli, *lines: str) -> str:
    """All that a chat prints when these lines are typed."""
    result = home.run("chat", typed="\n".join(lines) + "\n")
    assert result.exit_code == 0
    return result.stdout


def test_a_question_leans_on_the_one_before(home: Cli) -> None:
    """The country changes, what is asked of it stays; what it was read with is told."""
    shown = chatted(home, "When did Sweden join NATO?", "And Finland?")

    assert "“Sweden joined NATO on 7 March 2024.” [1]" in shown
    assert "“Finland joined NATO on 4 April 2023.” [1]" in shown
    assert "↪ When did Sweden join NATO? → And Finland?" in shown


def test_each_answer_is_an_object_on_a_line_with_json(home: Cli) -> None:
    """A program can talk with it line by line."""
    result = home.run("chat", "--json", typed="When did Sweden join NATO?\nand Finland?\n")

    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["question"], second["question"]) == ("When did Sweden join NATO?", "and Finland?")
    assert second["standalone_question"] == "When did Sweden join NATO? → and Finland?"
    assert second["citations"][0]["release"]["id"] == "finland"


def test_a_reset_forgets_what_was_said(home: Cli) -> None:
    """By command or in words; what leans on nothing is asked as it is."""
    for reset in ("/reset", "forget that"):
        shown = chatted(home, "When did Sweden join NATO?", reset, "And Finland?")

        assert "↪" not in shown


def test_the_sources_of_the_last_answer_are_shown(home: Cli) -> None:
    """Each release once; before any answer there are none."""
    shown = chatted(home, "/sources", "When did Sweden join NATO?", "/sources")

    assert shown.count("Sweden joins NATO") == 2
    assert shown.index("› When did") < shown.index("Sweden joins NATO")


def test_sigterm_in_the_middle_of_an_answer_ends_it(home: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it ends whatever goes on until it is stopped: with exit code 0."""

    def stop(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Answerer, "stream", stop)

    assert "2024" not in chatted(home, "When did Sweden join NATO?", "And Finland?")


def test_a_command_on_a_terminal_may_have_blanks_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a line of a file may."""
    lines = iter([" ", " /quit "])

    def typed(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))

    assert [*answers.typed_lines()] == ["/quit"]


def test_quit_ends_and_blank_lines_ask_nothing(home: Cli) -> None:
    """As does the end of the input."""
    assert chatted(home, "", "   ", "/quit", "When did Sweden join NATO?") == ""


def test_a_slash_before_another_word_is_told(home: Cli) -> None:
    """Rather than searched for."""
    result = home.run("chat", typed="/hlep\n")

    assert "/hlep is not a command; there are /sources, /reset, /help and /quit" in result.stderr


def test_help_lists_what_can_be_typed(home: Cli) -> None:
    """A line for each, on stderr, and it is no question."""
    result = home.run("chat", typed="/help\n")

    assert [line.split()[0] for line in result.stderr.splitlines()] == ["/sources", "/reset", "/help", "/quit"]
    assert result.stdout == ""


def test_the_sources_of_a_refusal_are_those_that_came_nearest(home: Cli) -> None:
    """Which are called so, as nothing was quoted."""
    result = home.run("chat", typed="Who won the football championship?\n/sources\n")

    assert "nothing is quoted; these releases came nearest" in result.stderr
    assert result.stdout.count("joins NATO") == 4


def test_thanks_are_answered_and_forgotten(home: Cli) -> None:
    """The question after them still leans on the one before."""
    shown = chatted(home, "When did Sweden join NATO?", "thanks!", "and Finland?")

    assert "You’re welcome" in shown
    assert "“Finland joined NATO on 4 April 2023.” [1]" in shown


def test_an_empty_home_says_how_to_begin(cli: Cli) -> None:
    """The chat goes on all the same."""
    result = cli.run("chat", typed="Who?\n")

    assert "ingest releases first" in result.stderr
    assert result.exit_code == 0
