"""What commands print, each noun in its file; here where: results on stdout, as text or JSON, the rest on stderr.

And what all of them say alike: a release in a line, a number with its noun.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from bot.language.prompt_injection import plain, printable
from bot.redaction import redacted, shareable
from vectorstore.types import dated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import ConsoleOptions, RenderableType

    from vectorstore.types import StoredRelease

_ENDLESS = 100_000  # columns, more than any line has
_MEASURE = 96  # columns that a line takes at the most: the eye loses its way back in a longer one
_SHOWN = 20  # a terminal shows so many lines of a kind; `--json` has them all


class SafeConsole(Console):
    """A console on which a release cannot move the cursor, colour the screen or turn the writing round.

    It leaves it to the edge to say what a closed pipe means; rich would end with exit code 1.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is printed, without the control and invisible characters of its texts."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


def on_stdout() -> Console:
    """Where results go."""
    return _console_on(sys.stdout)


def on_stderr() -> Console:
    """Where remarks and progress go."""
    return _console_on(sys.stderr)


def print_hung(out: Console, text: Text | str, indent: int = 0, *, lead: Text | str = "", style: str = "") -> None:
    """A text whose lines all begin `indent` columns in; `lead` stands before the first of them.

    On a terminal it is broken at blanks, not at no-break ones; elsewhere only where it is broken itself.
    """
    before = lead.ljust(indent) if isinstance(lead, str) and lead else lead
    whole = Text.assemble(before, text, style=style)
    width = out.width if out.soft_wrap else min(out.width, _MEASURE)
    margin = "" if lead else " " * indent
    for paragraph in whole.split("\n", allow_blank=True):
        for line in paragraph.divide(_breaks(paragraph.plain, width - len(margin), width - indent)):
            line.rstrip()
            out.print(Text(margin if line.plain else "").append_text(line), soft_wrap=True)
            margin = " " * indent


def _breaks(text: str, first: int, others: int) -> list[int]:
    """Where in a text new lines begin that have so many columns; a longer word is left to the terminal."""
    breaks, left, at = [], first, 0
    for word in text.split(" "):
        size = cell_len(plain(word))
        if size > left and at:
            breaks.append(at)
            left = others
        left -= size + 1
        at += len(word) + 1
    return breaks


def print_json(payload: object, *, on_a_line: bool = False) -> None:
    """A result as JSON; `on_a_line` where others follow, which is passed on at once."""
    text = json.dumps(payload, ensure_ascii=not spells_all(), indent=None if on_a_line else 2)
    sys.stdout.write(printable(text) + "\n")
    if on_a_line:
        sys.stdout.flush()


def one_line(text: str) -> str:
    """A text of whatever origin as a line of a terminal: an argument, a title, an error. Nothing in it is a secret."""
    return " ".join(redacted(plain(text)).replace("\t", " ").splitlines())


def described(release: StoredRelease, *, updated: bool = True, address: bool = True) -> str:
    """Publisher, dates, language and address of a release, where known, update and address if wanted."""
    changed = f"updated {release.updated:%Y-%m-%d %H:%M} UTC" if release.updated and updated else None
    withdrawn = f"found withdrawn on {release.withdrawn:%Y-%m-%d}" if release.withdrawn else None
    place = shareable(release.url) if address else None
    parts = (release.publisher, dated(release.published), changed, withdrawn, release.language, place)
    return one_line(" · ".join(part for part in parts if part))


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 address", "2 addresses"; `many` is `one` with an s unless it is given."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def spells_all() -> bool:
    """Whether stdout can hold every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def print_some(err: Console, kind: str, lines: Sequence[str]) -> None:
    """The first lines of a kind, each led by it, and how many more there are."""
    for line in lines[:_SHOWN]:
        err.print(f"{kind}: {one_line(line)}", soft_wrap=True)
    if len(lines) > _SHOWN:
        err.print(f"{kind}: {len(lines) - _SHOWN} more; --json prints them all")


def _console_on(stream: TextIO) -> Console:
    # Square brackets are text, as in [[sources]]. What goes into a file or a pipe is not wrapped: a quote must stay as
    # it is, and a path in one piece.
    as_it_is = partial(SafeConsole, file=stream, markup=False, highlight=False)
    return as_it_is() if stream.isatty() else as_it_is(soft_wrap=True, width=_ENDLESS)
