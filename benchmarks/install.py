"""What an installation costs: packages and their size on disk, beside what a tutorial asks for.

    python -m benchmarks.install [--fresh]

Counted are the packages of the environment at hand that each way needs, directly or not: the project as `pip install .`
takes it; the same with sentence-transformers, which other models than the built-in one need; and what a tutorial asks
for. With `--fresh` each is installed in a virtual environment of its own, with the versions of the lock files: that
takes a network and some minutes, and says how long. Downloads count where pip has not kept them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks import tables
from benchmarks.processes import mebibytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).parents[1]
TUTORIAL = (
    "langchain",
    "langchain-chroma",
    "langchain-huggingface",
    "langchain-text-splitters",
    "sentence-transformers",
)
_UNLIKE = "huggingface-hub"  # langchain-huggingface wants another than the lock file has


def printed(*words: str) -> list[str]:
    """What `deploy/requirements.py` prints."""
    command = [sys.executable, "deploy/requirements.py", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def needed(wanted: Iterable[str]) -> tuple[dict[str, Distribution], set[str]]:
    """The packages of this environment that requirements lead to, by name, and the names of those that are absent."""
    found: dict[str, Distribution] = {}
    absent: set[str] = set()
    queue = [Requirement(one) for one in wanted]
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        requirement = queue.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            absent.add(name)
            continue
        queue += _requirements(found[name], extras)
    return found, absent


def _requirements(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for line in package.requires or ():
        requirement = Requirement(line)
        if not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def size(packages: Iterable[Distribution]) -> float:
    """What packages take on disk, in MiB, each file once; files that are gone count nothing."""
    paths = {Path(str(file.locate())) for package in packages for file in package.files or ()}
    return sum(path.stat().st_size for path in paths if path.is_file()) / 2**20


def install(wanted: Sequence[str], *, unlike: str | None = None) -> tuple[float, float, int]:
    """Seconds, MiB on disk, and the number of packages; `unlike` is one whose version in the lock file does not hold.

    Raises CalledProcessError where pip fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        versions = printed("--versions")
        lock = Path(folder) / "lock.txt"
        lock.write_text(
            "\n".join(one for one in versions if not unlike or not one.startswith(unlike)), encoding="utf-8"
        )
        locked = ["-c", str(lock), "-c", str(ROOT / "benchmarks" / "requirements.txt")]
        subprocess.run([*pip, "install", "--quiet", *locked, *wanted], check=True, stdout=subprocess.DEVNULL)
        spent = time.perf_counter() - began
        listed = subprocess.run([*pip, "list", "--format", "freeze"], check=True, capture_output=True, text=True)
        return spent, mebibytes(Path(folder)), len(listed.stdout.splitlines())


def counted(ways: dict[str, list[str]]) -> None:
    """Print the table of this environment."""
    print(tables.head("needed", "MiB", "packages"))
    gone: set[str] = set()
    for name, wanted in ways.items():
        packages, absent = needed(wanted)
        gone |= absent
        print(tables.row(name, f"{size(packages.values()):.0f}", len(packages)))
    if gone:
        print(f"\nNot in this environment, and not counted: {', '.join(sorted(gone))}.")


def fresh(ways: dict[str, list[str]]) -> None:
    """Print the table of fresh environments. Raises CalledProcessError where pip fails."""
    print(tables.head("needed", "seconds", "MiB", "packages"), flush=True)
    for name, wanted in ways.items():
        spent, held, count = install(wanted, unlike=_UNLIKE if tuple(wanted) == TUTORIAL else None)
        print(tables.row(name, f"{spent:.0f}", f"{held:.0f}", count), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where something could not be installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.install", description="What an installation costs.")
    parser.add_argument("--fresh", action="store_true", help="install each in an environment of its own")
    options = parser.parse_args(arguments)
    ways = {
        "Communiqué": printed(),
        "Communiqué with sentence-transformers": printed("--extras", "sentence-transformers"),
        "a tutorial's pipeline": list(TUTORIAL),
    }
    try:
        (fresh if options.fresh else counted)(ways)
    except subprocess.CalledProcessError as exc:
        print(f"pip ended with {exc.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
