"""`communique` in a process of its own: what it printed, and what it took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from pathlib import Path

COMMUNIQUE = (sys.executable, "-c", "from bot.cli import app; app()")


@dataclass(frozen=True, slots=True)
class Run:
    """One process: what it printed, seconds on the clock and on the processor, and its largest memory in MiB."""

    report: dict[str, Any]
    seconds: float
    cpu_seconds: float
    memory_mib: float


def run(home: Path, *arguments: str, kill_after: float | None = None) -> Run:
    """Run `communique` to its end, or kill it with SIGKILL after some seconds."""
    began = time.monotonic()
    command = [*COMMUNIQUE, "--home", str(home), *arguments]
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    memory = cpu = 0.0
    while process.poll() is None:
        try:
            memory = max(memory, process.memory_info().rss / 2**20)
            cpu = sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            break
        if kill_after is not None and time.monotonic() - began > kill_after:
            process.kill()
        time.sleep(0.05)
    printed = process.stdout.read() if process.stdout else ""
    return Run(json.loads(printed) if printed else {}, time.monotonic() - began, cpu, memory)


def mebibytes(folder: Path) -> float:
    """What a folder takes on disk, in MiB; links count nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 2**20
