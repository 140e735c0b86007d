"""Prints what an image installs: the dependencies of pyproject.toml, with those of some extras.

    python deploy/requirements.py --extras openai,mistral
    python deploy/requirements.py --versions

With `--versions` the versions of the lock files instead, as constraints without hashes: pip refuses whatever has none
as soon as one has, and the extras hold packages that are in no lock file.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-models.lock")


def wanted(project: dict[str, dict[str, object]], extras: list[str]) -> list[str]:
    """Requirements of the project and of some of its extras. Raises KeyError for an extra that there is not."""
    base, optional = project["dependencies"], project["optional-dependencies"]
    assert isinstance(base, list)
    assert isinstance(optional, dict)
    return base + [one for extra in extras for one in optional[extra]]


def versions() -> list[str]:
    """One line for each package; of PyTorch any build will do."""
    locked = [line for lock in LOCKS for line in lock.read_text(encoding="utf-8").splitlines()]
    return [line.removesuffix(" \\").replace("+cpu", "") for line in locked if re.match(r"[\w.-]+==", line)]


def main() -> int:
    """The exit code is 1 for an extra that there is not."""
    parser = argparse.ArgumentParser(description="Print what an image installs.")
    parser.add_argument("--extras", default="", help="separated by commas")
    parser.add_argument("--versions", action="store_true", help="print the versions of the lock files instead")
    options = parser.parse_args()
    if options.versions:
        print("\n".join(versions()))
        return 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one.strip() for one in options.extras.split(",") if one.strip()]
    try:
        print("\n".join(wanted(project, extras)))
    except KeyError as exc:
        print(f"no extra {exc}; there are {', '.join(project['optional-dependencies'])}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
