"""`communique open`: a citation of the last answer, or a release, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

LINK = "https://example.org/aid#:~:text=Allies%20gave%2020.9%20billion%20euros%20to%20Ukraine."


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was given."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda link: opened.append(link) or True)
    return opened


def test_a_citation_of_the_last_answer_is_opened_at_its_quote(stocked: Cli, browser: list[str]) -> None:
    """The first, where none is named; the address is printed too. The home holds no word of it."""
    stocked.run("ask", "How much did Allies give to Ukraine?")

    opened = stocked.run("open")

    assert (opened.stdout, browser) == (f"{LINK}\n", [LINK])
    assert "20.9" not in (stocked.folder / "home" / "last.json").read_text()


def test_a_conversation_is_remembered_too(stocked: Cli, browser: list[str]) -> None:
    """Its last answer."""
    stocked.run("chat", typed="How much did Allies give to Ukraine?\nthanks\n")

    assert stocked.run("open", "1").stdout == f"{LINK}\n"


def test_a_release_is_opened_by_its_id(stocked: Cli, browser: list[str]) -> None:
    """At its beginning; with `--print` nothing is opened."""
    assert stocked.run("open", "aid.en").stdout == "https://example.org/aid\n"
    stocked.run("open", "aid.en", "--print")

    assert browser == ["https://example.org/aid"]


def test_a_release_without_an_address_opens_on_the_web_server(
    stocked: Cli, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `ask` links to: what it has just shown can be opened."""
    monkeypatch.setenv("COMMUNIQUE_WEB__ADDRESS", "https://news.example.org")

    assert stocked.run("open", "aide.fr").stdout == "https://news.example.org/releases/aide.fr?version=1\n"


def test_without_a_browser_the_address_is_printed(stocked: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that there is none."""
    monkeypatch.setattr("webbrowser.open", lambda _: False)

    opened = stocked.run("open", "aid.en")

    assert (opened.exit_code, opened.stdout) == (0, "https://example.org/aid\n")
    assert "there is no browser here" in opened.stderr


def test_what_cannot_be_opened_is_told(stocked: Cli, browser: list[str]) -> None:
    """A citation that is not there, a release without an address, one that was taken down since."""
    assert "citation: 1: the last answer has none" in stocked.run("open").stderr
    stocked.run("ask", "How much did Allies give to Ukraine?")

    assert "citation: 7: the last answer has 1; name one" in stocked.run("open", "7").stderr
    assert "release: aide.fr: has no web address" in stocked.run("open", "aide.fr").stderr
    stocked.run("releases", "remove", "aid.en", "--yes")
    assert "citation: 1: the last answer has none" in stocked.run("open", "1").stderr
    assert browser == []
