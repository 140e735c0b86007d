"""`communique migrate`: a home with two releases moves to real servers and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chroma_server import chroma_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.cli.conftest import Cli
    from tests.postgres_server import Server


pytestmark = pytest.mark.embedded  # it starts from a home


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def served(stocked: Cli, postgres: Server, chroma: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home with two releases, and settings that name servers."""
    monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", postgres.new_store().url)
    monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA", chroma)
    return stocked


def test_a_home_moves_to_servers_and_answers_from_there(served: Cli) -> None:
    """The table counts both ends; what to do next is told beside it."""
    result = served.run("migrate")

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()[1:5]] == [
        [name, "2", "2"] for name in ("releases", "versions", "passages", "vectors")
    ]
    assert "moved: from " in result.stdout
    assert "next: keep store.catalogue and store.chroma in the settings" in result.stderr
    assert served.json("status")["catalogue"].startswith("postgresql://")
    assert served.json("search", "Ukraine")[0]["release"]["id"] == "aid.en"


def test_a_store_comes_back_into_another_home(served: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON, with every table counted; without the settings it answers from the home."""
    served.run("migrate")
    other = served.folder / "other"
    _, part = served.json("--home", other, "migrate", "--back")["parts"]

    assert list(part) == ["part", "source", "target", "begun", "counts"]
    assert (part["part"], part["begun"], part["counts"]["vectors"]) == ("store", "anew", {"source": 2, "target": 2})
    assert part["target"] == str(other / "catalogue.sqlite3")
    monkeypatch.delenv("COMMUNIQUE_STORE__CATALOGUE")
    monkeypatch.delenv("COMMUNIQUE_STORE__CHROMA")
    assert served.json("--home", other, "search", "Ukraine")[0]["release"]["id"] == "aid.en"
    assert served.json("--home", other, "status")["consistent"]


def test_moving_twice_is_refused(served: Cli) -> None:
    """Exit code 1 and one sentence; nothing on stdout."""
    served.run("migrate")
    result = served.run("migrate")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "holds a store already" in result.stderr


def test_settings_without_servers_are_told(stocked: Cli) -> None:
    """And which ones to set."""
    result = stocked.run("migrate", "--back")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no servers are named; set store.catalogue and store.chroma" in result.stderr
