"""`communique settings`: shown, checked, and printed as an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings.display import example

if TYPE_CHECKING:
    import pytest

    from tests.bot.cli.conftest import Cli


def test_settings_are_shown_with_their_origin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a line each; the file that was read is named on stderr."""
    (cli.folder / "communique.toml").write_text("[search]\npassages = 7\n")
    monkeypatch.setenv("COMMUNIQUE_DISCORD__TOKEN", "hush")

    shown = cli.run("settings", "show")

    rows = {line.split()[0]: line.split()[1:] for line in shown.stdout.splitlines()}
    assert rows["search.passages"] == ["7", "communique.toml"]
    assert rows["discord.token"] == ['"********"', "COMMUNIQUE_DISCORD__TOKEN"]
    assert "hush" not in shown.output
    assert "read communique.toml" in shown.stderr


def test_settings_are_shown_as_json(cli: Cli) -> None:
    """With the file, None where there is none."""
    payload = cli.json("settings", "show")

    assert payload["file"] is None
    assert payload["settings"][0] == {
        "name": "home",
        "value": str(cli.folder / "home"),
        "origin": "option",
        "where": "--home",
    }


def test_a_check_names_every_fault(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the file and of the environment, on stdout; exit code 1."""
    (cli.folder / "communique.toml").write_text("[search]\npasages = 7\n")
    monkeypatch.setenv("COMMUNIQUE_SERACH__PASSAGES", "4")

    checked = cli.run("settings", "check")

    assert checked.exit_code == 1
    assert checked.stdout.splitlines() == [
        "COMMUNIQUE_SERACH__PASSAGES: no such setting; the nearest is COMMUNIQUE_SEARCH__PASSAGES",
        "search.pasages: no such setting; the nearest is search.passages",
    ]
    assert cli.json("settings", "check")["faults"][1]["nearest"] == "search.passages"


def test_settings_without_a_fault_pass(cli: Cli) -> None:
    """Exit code 0, and nothing on stdout."""
    checked = cli.run("settings", "check")

    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "no fault" in checked.stderr


def test_the_example_is_printed_and_passes_the_check(cli: Cli) -> None:
    """It can be written to a file as it is."""
    printed = cli.run("settings", "example").stdout
    (cli.folder / "communique.toml").write_text(printed, encoding="utf-8")

    assert printed == example()
    assert cli.run("settings", "check").exit_code == 0
