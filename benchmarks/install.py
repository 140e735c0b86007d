"""What an installation costs: its time, and its size on disk.

    python -m benchmarks.install

Each is made in a fresh virtual environment with the versions of requirements.lock: the project as `pip install .` takes
it; the same with sentence-transformers, which other models than the built-in one need; and what a tutorial asks for.
Downloads count where pip has not kept them, so the second of two runs is faster.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from benchmarks import tables
from benchmarks.processes import mebibytes

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


def install(wanted: list[str], *, unlike: str | None = None) -> tuple[float, float, int]:
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


def main() -> int:
    """Print the table; the exit code is 1 where something could not be installed."""
    print(tables.head("installed", "seconds", "MiB", "packages"), flush=True)
    ways = {
        "Communiqué": printed(),
        "Communiqué with sentence-transformers": printed("--extras", "sentence-transformers"),
        "a tutorial's pipeline": list(TUTORIAL),
    }
    for name, wanted in ways.items():
        try:
            spent, size, count = install(wanted, unlike=_UNLIKE if tuple(wanted) == TUTORIAL else None)
        except subprocess.CalledProcessError as exc:
            print(f"{name}: pip ended with {exc.returncode}", file=sys.stderr)
            return 1
        print(tables.row(name, f"{spent:.0f}", f"{size:.0f}", count), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
