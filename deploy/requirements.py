"""Prints what an image installs: the dependencies of pyproject.toml, by default without sentence-transformers.

    python deploy/requirements.py --sentence-transformers no --extras openai,mistral

Versions come from requirements.lock, as pip's constraints.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
HEAVY = "sentence-transformers"  # brings PyTorch; the built-in model needs neither


def wanted(project: dict[str, dict[str, object]], *, heavy: bool, extras: list[str]) -> list[str]:
    """Requirements of the project and of some of its extras. Raises KeyError for an extra that there is not."""
    base, optional = project["dependencies"], project["optional-dependencies"]
    assert isinstance(base, list)
    assert isinstance(optional, dict)
    chosen = [one for one in base if heavy or re.split(r"[<>=!~\[ ]", one)[0] != HEAVY]
    return chosen + [one for extra in extras for one in optional[extra]]


def main() -> int:
    """The exit code is 1 for an extra that there is not."""
    parser = argparse.ArgumentParser(description="Print what an image installs.")
    parser.add_argument("--sentence-transformers", choices=["yes", "no"], default="no")
    parser.add_argument("--extras", default="", help="separated by commas")
    options = parser.parse_args()
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = [one.strip() for one in options.extras.split(",") if one.strip()]
    try:
        print("\n".join(wanted(project, heavy=options.sentence_transformers == "yes", extras=extras)))
    except KeyError as exc:
        print(f"no extra {exc}; there are {', '.join(project['optional-dependencies'])}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
