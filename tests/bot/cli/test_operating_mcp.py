"""`communique mcp` where it cannot serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.bot.cli.conftest import Cli


def test_without_the_sdk_one_line_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1."""
    monkeypatch.setattr("bot.cli.operating.find_spec", lambda _: None)

    run = cli.run("mcp")

    assert run.exit_code == 1
    assert run.stderr.splitlines() == [
        "communique: mcp: needs the protocol's SDK, which is not installed; run pip install '.[mcp]' in the "
        "folder of the source"
    ]
