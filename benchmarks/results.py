"""What was measured, as `results.json` keeps it: a section for each benchmark, with all that it printed.

A section says by which command it came about, when, at which commit and on which machine, so that one of another commit
is never taken for one of this.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import tables

if TYPE_CHECKING:
    from benchmarks.tables import Table

PACKAGES = (
    "bm25s",
    "chromadb",
    "langchain-core",
    "numpy",
    "onnxruntime",
    "sentence-transformers",
    "tantivy",
    "torch",
    "trafilatura",
)
WRITTEN = ("benchmarks/RESULTS.md", "benchmarks/results.json", "benchmarks/*.png")
"""What a run writes itself: no change of it makes another commit."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The commit that was measured, the machine, and the versions of what it stands on."""

    commit: str
    machine: str
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def here(cls, root: Path) -> Circumstances:
        """Of the repository at `root`, on this machine."""
        versions = {"Python": platform.python_version()}
        for name in PACKAGES:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue
        return cls(commit_of(root), machine(), versions)


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark printed, and how it came about; `exit` is its exit code, `shows` says how to read it."""

    shows: str
    command: str
    date: str
    seconds: float
    commit: str
    machine: str
    exit: int
    text: str
    tables: list[Table]

    def is_of(self, now: Circumstances, command: str) -> bool:
        """Whether it need not be measured again."""
        return (self.exit, self.commit, self.machine, self.command) == (0, now.commit, now.machine, command)


@dataclass(frozen=True, slots=True)
class Results:
    """The sections by the names of their benchmarks, and the circumstances of the last run."""

    now: Circumstances
    sections: dict[str, Section] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, now: Circumstances) -> Results:
        """Those of a file, to which a run under these circumstances adds; none if there is no file."""
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"sections": {}}
        return cls(now, {name: Section(**one) for name, one in known["sections"].items()})

    @classmethod
    def read(cls, path: Path) -> Results:
        """Those of a file, with the circumstances that it names."""
        known = json.loads(path.read_text(encoding="utf-8"))
        return cls.load(path, Circumstances(**{name: known[name] for name in ("commit", "machine", "versions")}))

    @property
    def commit(self) -> str:
        """The commit at which most of several sections were measured; if there is none, that of the last run."""
        commits = Counter(section.commit for section in self.sections.values())
        commit, count = commits.most_common(1)[0] if commits else ("", 0)
        return commit if 1 < count > len(self.sections) / 2 else self.now.commit

    def with_section(self, name: str, section: Section) -> Results:
        """The same, with a section in place of what there was of it."""
        return replace(self, sections=self.sections | {name: section})

    def save(self, path: Path) -> None:
        """Write them to a file; whoever reads it meanwhile finds the old one or the new one, whole."""
        held = asdict(self.now) | {"sections": {name: asdict(one) for name, one in self.sections.items()}}
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        aside.replace(path)


def printed(text: str) -> tuple[str, list[Table]]:
    """The prose and the tables of what a benchmark printed."""
    return tables.prose(text), tables.read(text)


def commit_of(root: Path) -> str:
    """The last commit that changed more than results; behind a `+` a hash of what is not committed, if there is any.

    `unknown` outside a repository.
    """
    but = [f":(exclude){path}" for path in WRITTEN]
    try:
        commit = _git(root, "log", "-1", "--format=%h", "--", ".", *but).strip()
        changes = _git(root, "diff", "HEAD", "--", ".", *but)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+{hashlib.sha256(changes.encode()).hexdigest()[:7]}" if changes else commit


def machine() -> str:
    """Processor, cores and memory."""
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    named = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.is_file() else None
    held = re.search(r"MemTotal:\s*(\d+)", meminfo.read_text(encoding="utf-8")) if meminfo.is_file() else None
    memory = f", {round(int(held[1]) / 2**20)} GiB" if held else ""
    return f"{named[1].strip() if named else platform.processor()}, {os.cpu_count() or 1} cores{memory}"


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True).stdout
