"""`communique discord`: what an operator is told when something is missing or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.settings import DiscordSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Cli


@pytest.mark.parametrize("command", ["run", "sync", "invite"])
def test_a_missing_token_is_one_sentence_that_says_where_it_goes(cli: Cli, command: str) -> None:
    """Before anything is asked of Discord."""
    result = cli.run("discord", command)

    assert result.exit_code == 1
    assert "discord: no token; put it into COMMUNIQUE_DISCORD__TOKEN" in result.stderr


def test_a_token_file_is_read_and_its_spaces_are_not(tmp_path: Path) -> None:
    """Editors end files with a line break."""
    file = tmp_path / "token"
    file.write_text("abc.def\n")

    token = DiscordSettings(token=None, token_file=file).read_token()

    assert token.get_secret_value() == "abc.def"
    assert "abc" not in str(token)


def test_a_token_file_that_is_not_there_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the path that was looked at."""
    monkeypatch.setenv("COMMUNIQUE_DISCORD__TOKEN_FILE", "nowhere/token")

    result = cli.run("discord", "run")

    assert result.exit_code == 1
    assert "nowhere/token: cannot be read" in result.stderr
