"""A folder to work in goes with the process, or with the next one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.operations.backup import scratch_folder

ROOT = Path(__file__).parents[3]
_WORKS = """
import sys, time
from pathlib import Path
from bot.operations.backup import scratch_folder
with scratch_folder(Path(sys.argv[1]), ".work-", ("part",)) as folder:
    (folder / "part").touch()
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def worker(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that works in a folder of its own."""
    command = [sys.executable, "-c", _WORKS, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def folder_of(worker: subprocess.Popen[str]) -> Path:
    assert worker.stdout is not None
    return Path(worker.stdout.readline().strip())


def made_in(tmp_path: Path) -> list[Path]:
    """What there is after another process had a folder here."""
    with scratch_folder(tmp_path, ".work-", ("part",)):
        pass
    return list(tmp_path.iterdir())


def test_it_is_private_and_goes_in_the_end_whatever_happens(tmp_path: Path) -> None:
    """With all that is in it."""

    def fail_in_one() -> None:
        with scratch_folder(tmp_path, ".work-", ("part",)) as folder:
            (folder / "part").touch()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            raise ValueError("no")

    before = os.umask(0)
    try:
        with pytest.raises(ValueError, match="no"):
            fail_in_one()
    finally:
        os.umask(before)

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path, worker: subprocess.Popen[str]) -> None:
    """While it lives its folder stays."""
    folder = folder_of(worker)

    assert made_in(tmp_path) == [folder]
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert made_in(tmp_path) == []


@pytest.mark.parametrize("content", ["letter.txt", "part-of-mine/letter.txt"])
def test_a_folder_of_somebody_else_stays(tmp_path: Path, content: str) -> None:
    """Whatever it is called: `.work-` may be a name that people use."""
    other = tmp_path / ".work-2024" / "letters" / content
    other.parent.mkdir(parents=True)
    other.touch()

    assert made_in(tmp_path) == [tmp_path / ".work-2024"]
    assert other.exists()


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    """It may lead anywhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "part").touch()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / ".work-link").symlink_to(tmp_path / "elsewhere")

    made_in(tmp_path / "here")

    assert (tmp_path / "elsewhere" / "part").exists()
