"""How a command names the shared data, and how it ends if a file of it is absent."""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from datasets.files import MissingDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Main: TypeAlias = "Callable[[Sequence[str] | None], int]"


def parser_of(module: str, description: str) -> argparse.ArgumentParser:
    """A parser for `python -m module`, with `--data`."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    return parser


def reads_shared_data(main: Main) -> Callable[..., int]:
    """A command that prints one line and ends with exit code 1 if a file of the shared data is absent."""

    @functools.wraps(main)
    def command(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments)
        except MissingDataError as exc:
            print(exc, file=sys.stderr)
            return 1

    return command
