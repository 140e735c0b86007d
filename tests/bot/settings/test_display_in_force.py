"""Where each setting comes from, and that no secret is among what is shown."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from bot.settings import Settings, read_given
from bot.settings.display import in_force

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings.display import SettingInForce


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with nothing of ours in the environment."""
    for name in [name for name in os.environ if name.startswith("COMMUNIQUE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(*, home: Path | None = None, model: str | None = None) -> dict[str, SettingInForce]:
    """Every setting by its name."""
    return {one.name: one for one in in_force(read_given(home, model=model))}


def test_each_origin_wins_over_the_next(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Option, environment, file, default, each with its own name."""
    (here / "communique.toml").write_text('[search]\npassages = 7\n[model]\nname = "a:b"\n[fetch]\ndelay = 1\n')
    monkeypatch.setenv("COMMUNIQUE_SEARCH__PASSAGES", "8")

    settings = shown(model="ollama:c")

    origins = {name: (one.value, one.origin, one.where) for name, one in settings.items()}
    assert origins["model.name"] == ("ollama:c", "option", "--model")
    assert origins["search.passages"] == (8, "environment", "COMMUNIQUE_SEARCH__PASSAGES")
    assert origins["fetch.delay"] == (1.0, "file", "communique.toml")
    assert origins["search.per_release"] == (3, "default", None)


def test_the_home_says_who_named_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins over the variable."""
    monkeypatch.setenv("COMMUNIQUE_HOME", str(here / "a"))

    assert (shown()["home"].value, shown()["home"].where) == (str(here / "a"), "COMMUNIQUE_HOME")
    assert (shown(home=here / "b")["home"].value, shown(home=here / "b")["home"].where) == (str(here / "b"), "--home")


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("COMMUNIQUE_MODEL", '{"options": {"top_k": 4}}', "model.options"),
        ("COMMUNIQUE_MODEL__OPTIONS__TOP_K", "4", "model.options"),
        ("communique_search__passages", "4", "search.passages"),
    ],
)
def test_a_variable_is_named_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    """One of a whole section, or of a part of a setting, too."""
    monkeypatch.setenv(variable, value)

    assert (shown()[name].origin, shown()[name].where) == ("environment", variable)


def test_no_secret_is_shown(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a setting that is one, nor one inside another; what is not secret of an address stays."""
    monkeypatch.setenv("COMMUNIQUE_DISCORD__TOKEN", "hush-1")
    monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA_TOKEN", "hush-2")
    monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA", "http://chroma:8000")
    monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", "postgresql://news:hush-3@db/news")
    (here / "communique.toml").write_text(
        '[model]\nbase_url = "http://me:hush-4@host/v1"\noptions = { api_key = "hush-5", top_k = 4 }\n'
    )

    settings = shown()

    assert "hush" not in json.dumps([one.payload() for one in settings.values()])
    assert settings["discord.token"].value == "********"
    assert settings["store.catalogue"].value == "postgresql://news@db/news"
    assert settings["model.options"].value == {"api_key": "********", "top_k": 4}


def test_every_setting_is_shown_in_the_order_of_the_example() -> None:
    """Lengths of time as one writes them."""
    settings = shown()

    assert [*dict.fromkeys(name.partition(".")[0] for name in settings)] == list(Settings.model_fields)
    assert settings["watch.schedule"].value == "15m"
