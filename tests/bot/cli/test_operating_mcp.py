"""`communique mcp` where it cannot serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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


@pytest.mark.parametrize("option", [("--port", "8750"), ("--host", "127.0.0.1")])
def test_an_address_without_http_is_misuse(cli: Cli, option: tuple[str, str]) -> None:
    """Rather than to wait on stdin for nobody."""
    run = cli.run("mcp", *option)

    assert run.exit_code == 2
    assert f"{option[0]}: only --http listens anywhere; add it" in run.stderr
