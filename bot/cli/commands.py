"""What holds for the words of every command: text that can be stored, and numbers that a store can count to."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TEXT = re.compile("[\ud800-\udfff]")  # what stands for bytes that are not UTF-8
_MAY_BE_PATHS = frozenset({"sources", "names", "source"})


class Command(TyperCommand):
    """A command that is refused words in another encoding, as misuse; a path is taken whatever its bytes are."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer brings its own copy of click
        """Read the arguments, and look through what they gave."""
        rest = super().parse_args(ctx, args)
        for param in () if ctx.resilient_parsing else self.params:
            for value in _values(ctx.params.get(param.name)):
                if fault := _fault(value, may_be_path=param.name in _MAY_BE_PATHS):
                    raise typer.BadParameter(fault, ctx=ctx, param=param)  # type: ignore[arg-type]
        return rest


def all_of(app: typer.Typer, kind: type[Command]) -> None:
    """Make every command of an application, and of those within it, one of this kind."""
    for command in app.registered_commands:
        command.cls = kind
    for group in app.registered_groups:
        if group.typer_instance:
            all_of(group.typer_instance, kind)


def _values(value: object) -> Iterator[object]:
    if isinstance(value, Iterable) and not isinstance(value, str):
        yield from value
    else:
        yield value


def _fault(value: object, *, may_be_path: bool) -> str | None:
    if isinstance(value, int) and value > sys.maxsize:
        return "is more than can be counted to; write a smaller number"
    if not isinstance(value, str) or not _NO_TEXT.search(value) or (may_be_path and os.path.lexists(value)):
        return None
    mend = "set the terminal to UTF-8, or check the path" if may_be_path else "set the terminal to UTF-8"
    return f"{value!r} holds bytes that are not UTF-8; {mend}"
