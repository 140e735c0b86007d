"""What `results.json` holds, and what makes another commit."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks.results import Circumstances, Results, Section, commit_of, machine

if TYPE_CHECKING:
    from pathlib import Path

NOW = Circumstances("abc1234", "a machine", {"Python": "3.11.7"})
SECTION = Section("", "python -m m", "2026-11-30", 1.5, "abc1234", "a machine", 0, "Ça va.", [[{"a": "1"}]])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of a program."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "program.py").write_text("one\n")
    git(tmp_path, "init", "--quiet")
    committed(tmp_path)
    return tmp_path


def git(root: Path, *words: str) -> None:
    """Run git in a folder, with no settings but these."""
    who = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True)


def committed(root: Path) -> None:
    """Commit all that there is."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "More")


def test_results_come_back_as_they_were_kept(tmp_path: Path) -> None:
    """With the circumstances of the last run."""
    kept = Results(NOW).with_section("retrieval", SECTION)

    kept.save(tmp_path / "results.json")

    assert Results.read(tmp_path / "results.json") == kept
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_run_adds_to_what_there_is(tmp_path: Path) -> None:
    """Under its own circumstances; without a file it begins with nothing."""
    path, later = tmp_path / "results.json", Circumstances("def5678", "a machine")
    assert Results.load(path, NOW) == Results(NOW)
    Results(NOW, {"retrieval": SECTION}).save(path)

    Results.load(path, later).with_section("titles", SECTION).save(path)

    assert Results.read(path) == Results(later, {"retrieval": SECTION, "titles": SECTION})


def test_a_commit_of_results_alone_is_no_other_commit(repository: Path) -> None:
    """What a run wrote may be committed, and the run goes on."""
    before = commit_of(repository)
    (repository / "benchmarks" / "results.json").write_text("{}")
    (repository / "benchmarks" / "growth.png").write_bytes(b"")
    committed(repository)
    (repository / "benchmarks" / "RESULTS.md").write_text("# Results\n")
    assert commit_of(repository) == before

    (repository / "program.py").write_text("two\n")
    committed(repository)

    assert commit_of(repository) != before


def test_changes_that_are_not_committed_are_another_commit(repository: Path) -> None:
    """Each change one of its own."""
    before = commit_of(repository)
    (repository / "program.py").write_text("two\n")
    first = commit_of(repository)
    (repository / "program.py").write_text("three\n")

    assert first.startswith(f"{before}+")
    assert commit_of(repository) not in {before, first}


def test_outside_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is possible there too."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert commit_of(tmp_path) == "unknown"


def test_the_machine_is_named_by_its_cores() -> None:
    """And its memory, if it can be known."""
    assert " cores" in machine()
