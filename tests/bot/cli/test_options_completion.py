"""What a shell is offered after a few letters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot.cli import app

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

ROOT = Path(__file__).parents[3]


def offered(cli: Cli, *words: str, shell: str = "bash") -> list[str]:
    """The last word as bash would complete it."""
    line = " ".join(["communique", "--home", str(cli.folder / "home"), *words])
    told = {
        "_COMMUNIQUE_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    shown = CliRunner().invoke(app, [], env=told, prog_name="communique").stdout
    return [one for one in shown.splitlines() if one]


@pytest.mark.embedded
def test_what_is_stored_is_offered(stocked: Cli) -> None:
    """Ids of releases, publishers, languages and sources, those that begin so."""
    stocked.run("releases", "remove", "aide.fr", "--yes")

    assert offered(stocked, "releases", "show", "ai") == ["aid.en"]
    assert offered(stocked, "releases", "allow", "a") == ["aide.fr"]
    assert offered(stocked, "ask", "--publisher", "N") == ["NATO"]
    assert offered(stocked, "search", "-l", "e") == ["en"]
    assert offered(stocked, "sources", "pause", "/") == [str(stocked.folder / "releases")]


@pytest.mark.embedded
def test_sources_of_the_settings_are_offered_by_name(stocked: Cli) -> None:
    """Before they were ever read; and by their locations."""
    (stocked.folder / "communique.toml").write_text("[[sources]]\nname = 'News'\nlocation = 'https://example.org/'\n")

    assert offered(stocked, "watch", "N") == ["News"]
    assert offered(stocked, "ingest", "https") == ["https://example.org/"]


@pytest.mark.embedded
def test_a_blank_in_a_name_is_written_as_bash_needs_it(stocked: Cli) -> None:
    """Else it would end the word."""
    stocked.write_lines("more.jsonl", {"id": "c", "title": "A visit", "body": "He came.", "publisher": "North Sea"})
    stocked.run("ingest", "releases")

    assert offered(stocked, "ask", "--publisher", "No") == ["North\\ Sea"]


def test_without_a_store_nothing_is_offered_and_nothing_said(cli: Cli) -> None:
    """Nor where its file is none."""
    assert offered(cli, "releases", "show", "a") == []

    (cli.folder / "home").mkdir()
    (cli.folder / "home" / "catalogue.sqlite3").write_text("no database")

    assert offered(cli, "releases", "show", "a") == []


def test_completing_loads_no_heavy_library(tmp_path: Path) -> None:
    """It answers at each press of a key."""
    heavy = ("torch", "chromadb", "langchain_core", "numpy", "rich", "vectorstore")
    told = (
        "import sys\n"
        "from bot.cli import app\n"
        "try:\n    app(prog_name='communique')\n"
        f"finally:\n    print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    line = f"communique --home {tmp_path} releases show a"
    asked = {"_COMMUNIQUE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "5"}

    run = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=os.environ | asked, capture_output=True, text=True, check=False
    )

    assert run.stderr == "[]\n"
