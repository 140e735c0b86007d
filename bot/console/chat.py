"""A conversation on a terminal: what is typed, and the words around the answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.text import Text

from bot.console.releases import described
from bot.console.stream import on_stderr, on_stdout, one_line
from bot.instructions import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answer import Answer

_PROMPT = "› "


def typed_lines() -> Iterator[str]:
    """What a person types, a line at a time, until the input ends or Ctrl-C; blank lines are left out.

    A line that does not come from a terminal is printed, so that the answers can be told apart.
    """
    if sys.stdin.isatty():
        yield from filter(str.strip, _typed())
        return
    for line in sys.stdin:
        if line.strip():
            yield line.strip()


def _typed() -> Iterator[str]:
    import readline  # noqa: F401 - the arrow keys bring back what was typed before

    while True:
        try:
            yield input(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            on_stderr().print()
            return


def print_greeting() -> None:
    """What one can do here."""
    print_remark("Ask about the releases. /sources shows what was quoted last, /reset begins anew, /quit ends.")


def print_asked(question: str) -> None:
    """A question that was not typed on this terminal, so that its answer can be told from the others."""
    on_stdout().print(Text(f"{_PROMPT}{question}", style="bold"))


def print_sources(last: Answer | None) -> None:
    """The releases that the last answer quotes, each once."""
    out = on_stdout()
    releases = {one.release.id: one.release for one in last.citations}.values() if last else ()
    for release in releases:
        out.print(Text(headline(release.title), style="bold"))
        out.print(Text(f"   {described(release)}", style="dim"))
    if not releases:
        print_remark("nothing has been quoted yet")


def print_remark(sentence: str) -> None:
    """Something that is no answer."""
    on_stderr().print(Text(one_line(sentence)))
