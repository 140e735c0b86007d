"""The package `communique` and the command, in a folder whose files are called as the packages are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import communique
from bot.answering.analysis import Ask
from bot.answering.types import Answer
from bot.wiring import opened
from vectorstore.types import Filter

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which somebody keeps a bot of their own, and two releases."""
    for name in ("bot.py", "ingest.py", "vectorstore/__init__.py", "discord.py", "typer.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"raise SystemExit('not ours: {name}')\n", encoding="utf-8")
    (tmp_path / "release.md").write_text("# Aid for Ukraine\n\nAllies gave 20.9 billion euros.\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What this Python does there; our packages lie on its path behind that folder, as where they are installed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_thin_name_gives_what_the_parts_define() -> None:
    """The very same objects."""
    assert (communique.opened, communique.Ask, communique.Filter, communique.Answer) == (opened, Ask, Filter, Answer)
    assert set(communique.__all__) <= set(dir(communique))


def test_another_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'communique' has no attribute 'answer'"):
        _ = communique.answer


def test_importing_it_loads_no_library(folder: Path) -> None:
    """What a name needs is imported when the name is first used."""
    heavy = {"chromadb", "pydantic", "numpy", "langchain_core"}

    done = run(folder, "-c", f"import communique, sys; print(sorted({heavy} & set(sys.modules)))")

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_module_runs_ours_with_the_processes_that_it_starts(folder: Path) -> None:
    """`python -m communique` puts the current folder first on the path; a file is read by a process of its own."""
    done = run(folder, "-m", "communique", "--home", "home", "ingest", "release.md", "--dry-run", "--json")

    assert '"new": 1' in done.stdout, done.stderr


def test_a_script_that_is_called_bot_finds_ours(folder: Path) -> None:
    """Its own folder is first on the path, and in a process that it starts."""
    (folder / "typer.py").unlink()
    (folder / "bot.py").write_text(
        "from communique import Filter, opened\n"
        "if __name__ == '__main__':\n"
        "    with opened(None) as press:\n"
        "        print(press.workers.call('x', Filter, ('fr',)).languages, opened.__module__)\n",
        encoding="utf-8",
    )

    done = run(folder, "bot.py")

    assert done.stdout == "('fr',) bot.wiring\n", done.stderr


def test_a_module_that_took_a_name_before_is_named(folder: Path) -> None:
    """With what to do about it."""
    (folder / "bot.py").write_text("", encoding="utf-8")

    done = run(folder, "-c", "import bot, communique")

    assert "bot.py is imported already: import communique before it, or rename it" in done.stderr
