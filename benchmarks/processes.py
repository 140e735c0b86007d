"""`communique` in a process of its own: what it printed, and what it took."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMUNIQUE = (sys.executable, "-c", "from bot.cli import app; app()")


@dataclass(frozen=True, slots=True)
class Run:
    """One process with those that it started: what it printed, seconds on the clock and on the processor, MiB at most.

    Memory is the proportional set size of all of them together: what they share counts once.
    """

    report: dict[str, Any]
    seconds: float
    cpu_seconds: float
    memory_mib: float


def run(home: Path, *arguments: str, kill_after: float | None = None, settings: Mapping[str, str] | None = None) -> Run:
    """Run `communique` to its end, or kill it with SIGKILL after some seconds; `settings` are environment variables."""
    began, used = time.monotonic(), _seconds_of_children()
    command = [*COMMUNIQUE, "--home", str(home), *arguments]
    environment = os.environ | (settings or {})
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    memory = 0.0
    while process.poll() is None:
        memory = max(memory, _memory_of(process))
        if kill_after is not None and time.monotonic() - began > kill_after:
            process.kill()
        time.sleep(0.1)
    printed = process.stdout.read() if process.stdout else ""
    process.wait()
    cpu = _seconds_of_children() - used
    return Run(json.loads(printed) if printed else {}, time.monotonic() - began, cpu, memory)


def _memory_of(process: psutil.Process) -> float:
    together = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # it has just ended
                info = one.memory_full_info()
                together += getattr(info, "pss", info.rss) / 2**20
    return together


def _seconds_of_children() -> float:
    """What the processes have used that this one has started and seen end, with those that they have seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def mebibytes(folder: Path) -> float:
    """What a folder takes on disk, in MiB; links count nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 2**20
