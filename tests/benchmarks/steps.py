"""A benchmark that takes no time, for tests of runs. It counts how often it was run.

Only its first paragraph stands on the page.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(counter: Path, *words: str) -> int:
    """Print a table, or fail if it is asked to."""
    with counter.open("a", encoding="utf-8") as runs:
        runs.write(" ".join(words) + "\n")
    if "fail" in words:
        print("nothing is there", file=sys.stderr)  # noqa: T201
        return 3
    print("Some prose.\n\n| way | found | of |\n|---|---|---|\n| ours | 0.9 | 40 |\n| a | 0.7 | 40 |\n| b | 0.8 | 40 |")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
