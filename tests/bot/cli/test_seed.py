"""The main job on one real release: ingest it, ask about it, and check every quote against what is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.shared_data import shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
TITLE = (
    "La réunion des ministres de la Défense des pays de l’OTAN s’ouvre sur des discussions consacrées à l’Ukraine et à "
    "l’Indo-Pacifique"
)
QUESTIONS = {
    "Combien d'euros d'aide les Alliés ont-ils fournis à l'Ukraine au premier semestre ?": "20,9 milliards d’euros",
    "Où se trouve le nouveau commandement de l'OTAN ?": "Wiesbaden",
    "Qui présidait la réunion ?": "Mark Rutte",
    "Quels pays de l'Indo-Pacifique participaient pour la première fois ?": "Japon",
    "Quelle somme les Alliés se sont-ils engagés à consacrer à l'Ukraine ?": "40 milliards",
}

pytestmark = pytest.mark.data


@pytest.fixture
def seed() -> Path:
    return shared("seed/otan-2024-10-17.fr.txt")


def check_answers(run: Callable[..., Any]) -> None:
    """Every question brings its sentence, and every quote stands where it says."""
    for question, expected in QUESTIONS.items():
        answer = run("ask", question)
        assert answer["answered"], question
        quotes = [" ".join(citation["quote"].split()) for citation in answer["citations"]]
        assert any(expected in quote for quote in quotes), (question, quotes)
        for citation in answer["citations"]:
            text = run("releases", "show", citation["release"]["id"])["text"]
            assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_the_seed_becomes_the_release_that_readers_see(cli: Cli, seed: Path) -> None:
    """Title, dates, language and paragraphs, and nothing of the page around them."""
    report = cli.json("ingest", seed)

    release = cli.json("releases", "show", seed.resolve())
    assert (report["new"], report["failed"], report["warnings"]) == (1, [], [])
    assert (" ".join(release["title"].split()), release["language"]) == (TITLE, "fr")
    assert release["published"].startswith("2024-10-1")
    assert release["text"].count("\n\n") == 8
    assert "View of the room" not in release["text"]
    assert "Mis à jour" not in release["text"]


def test_the_seed_answers_its_questions(cli: Cli, seed: Path) -> None:
    """With vectors that know nothing but words."""
    cli.run("ingest", seed)

    check_answers(cli.json)


@pytest.mark.long
def test_the_seed_answers_its_questions_with_the_real_model(tmp_path: Path, seed: Path) -> None:
    """The installed command, process by process, as people run it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMUNIQUE_")}

    def run(*words: str) -> Any:
        call = [sys.executable, "-c", "from bot.cli import app; app()", "--home", str(tmp_path), *words, "--json"]
        done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return json.loads(done.stdout)

    first, second = run("ingest", str(seed)), run("ingest", str(seed))

    assert (first["new"], second["new"], second["unchanged"], second["passages"]) == (1, 0, 1, 0)
    check_answers(run)
