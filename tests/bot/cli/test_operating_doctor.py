"""`communique doctor`: a line for every part, and an exit code for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

NAMES = ["settings", "permissions", "disk", "store", "model", "network", "language model", "discord token"]


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own tests load the real one."""
    monkeypatch.setattr("bot.answering.reader.OnnxReader.supports", lambda *_: 1.0)


def test_a_store_that_is_well_passes(stocked: Cli) -> None:
    """Every part is looked at, in this order."""
    payload = stocked.json("doctor")
    lines = stocked.run("doctor").stdout.splitlines()

    assert payload["healthy"]
    assert [check["name"] for check in payload["checks"]] == NAMES
    assert {check["state"] for check in payload["checks"]} <= {"ok", "warn"}
    assert lines[3] == "ok    store: 2 releases, 2 passages; catalogue and vectors agree"


def test_looking_makes_no_store(cli: Cli) -> None:
    """A home that is not there yet is a warning, with what to do."""
    looked = cli.run("doctor")

    assert looked.exit_code == 0
    assert "warn  store: nothing is stored; `communique ingest FOLDER`" in looked.stdout
    assert not (cli.folder / "home" / "catalogue.sqlite3").exists()


def test_vectors_of_another_model_are_told(stocked: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what mends it."""
    monkeypatch.setenv("COMMUNIQUE_EMBEDDER__MODEL", "another")

    looked = stocked.run("doctor")

    assert looked.exit_code == 1
    assert any(line.startswith("fail  model: ") and "communique rebuild" in line for line in looked.stdout.splitlines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[search]\npasages = 4\n", "search.pasages: no such setting; the nearest is search.passages;"),
        ("[search", "communique.toml: cannot be read ("),
    ],
)
def test_impossible_settings_are_all_that_is_looked_at(cli: Cli, text: str, said: str) -> None:
    """Nothing else can be built; exit code 1."""
    (cli.folder / "communique.toml").write_text(text)

    looked = cli.run("doctor")

    assert looked.exit_code == 1
    assert looked.stdout.startswith(f"fail  settings: {said}")
    assert len(looked.stdout.splitlines()) == 1


def test_an_empty_token_is_none(cli: Cli) -> None:
    """Whoever is not on Discord need not take the line out."""
    (cli.folder / "communique.toml").write_text('[discord]\ntoken = ""\n')

    token = next(check for check in cli.json("doctor")["checks"] if check["name"] == "discord token")

    assert token["state"] == "ok"


def test_a_token_that_cannot_be_read_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other parts are looked at all the same."""
    monkeypatch.setenv("COMMUNIQUE_DISCORD__TOKEN_FILE", str(cli.folder / "nowhere"))

    payload = cli.json("doctor")

    assert [check["name"] for check in payload["checks"] if check["state"] == "fail"] == ["discord token"]
    assert cli.run("doctor").exit_code == 1
