"""A home with three releases, and a server of the protocol over it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.wiring import opened
from tests.optional import needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mcp.server.lowlevel import Server

    from bot.wiring import Built

QUOTE = "Sweden became a member of NATO on 7 March 2024."
RELEASES = (
    {
        "id": "sweden.en",
        "url": "https://example.org/sweden",
        "title": "Sweden joins",
        "body": f"{QUOTE} Its flag was raised in Brussels.",
        "date": "2024-03-07",
        "language": "en",
        "publisher": "NATO",
    },
    {
        "id": "finlande.fr",
        "url": "https://example.org/finlande",
        "title": "La Finlande devient membre",
        "body": "La Finlande est devenue membre de l'OTAN le 4 avril 2023.",
        "date": "2023-04-04",
        "language": "fr",
        "publisher": "OTAN",
    },
    {"id": "undated.en", "title": "A visit", "body": "Ministers visited a school in Riga.", "language": "en"},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a store that holds the releases."""
    needs("mcp")
    folder = tmp_path_factory.mktemp("assistants")
    (folder / "three.jsonl").write_text("\n".join(map(json.dumps, RELEASES)), encoding="utf-8")
    words = ["--home", str(folder / "home"), "ingest", str(folder / "three.jsonl")]
    assert CliRunner().invoke(app, words).exit_code == 0
    return folder / "home"


@pytest.fixture(scope="module")
def built(home: Path) -> Iterator[Built]:
    """The parts over that home."""
    with opened(home) as built:
        yield built


@pytest.fixture
def server(built: Built) -> Server:
    """What an assistant speaks with, in memory."""
    from bot.mcp.server import new_server

    return new_server(built)
