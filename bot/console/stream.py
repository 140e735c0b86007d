"""Where commands print: results on stdout, as text or JSON; the rest on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENDLESS = 100_000  # columns, more than any line has
_SHOWN = 20  # a terminal shows so many lines of a kind; `--json` has them all


class PipedConsole(Console):
    """A console that leaves it to the edge to say what a closed pipe means; rich would end with exit code 1."""

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


def on_stdout() -> Console:
    """Where results go."""
    return _console_on(sys.stdout)


def on_stderr() -> Console:
    """Where remarks and progress go."""
    return _console_on(sys.stderr)


def print_json(payload: object) -> None:
    """A result as JSON."""
    sys.stdout.write(json.dumps(payload, ensure_ascii=not spells_all(), indent=2) + "\n")


def spells_all() -> bool:
    """Whether stdout can hold every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def print_some(err: Console, kind: str, lines: Sequence[str]) -> None:
    """The first lines of a kind, each led by it, and how many more there are."""
    for line in lines[:_SHOWN]:
        err.print(f"{kind}: {line}", highlight=False, markup=False, soft_wrap=True)
    if len(lines) > _SHOWN:
        err.print(f"{kind}: {len(lines) - _SHOWN} more; --json prints them all", highlight=False)


def _console_on(stream: TextIO) -> Console:
    # What goes into a file or a pipe is not wrapped: a quote must stay as it is, and a path in one piece.
    if stream.isatty():
        return PipedConsole(file=stream)
    return PipedConsole(file=stream, soft_wrap=True, width=_ENDLESS)
