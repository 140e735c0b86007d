"""Options that several commands share, and what they become."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from datetime import datetime

    from vectorstore.types import Filter

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Languages = Annotated[
    list[str] | None, typer.Option("--language", "-l", help="Only releases in this language, as in `fr`; repeatable.")
]
Publishers = Annotated[
    list[str] | None, typer.Option("--publisher", help="Only releases of this publisher; repeatable.")
]
Since = Annotated[str | None, typer.Option(help="Only releases published on this day or later, as in 2024-10-17.")]
Until = Annotated[str | None, typer.Option(help="Only releases published on this day or earlier.")]

AsOf = Annotated[str | None, typer.Option(help="Answer as if it were this day.")]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Language model that writes the answer, as in openai:gpt-5-mini or ollama:mistral; `none` for no model.",
    ),
]


def read_filter(
    languages: list[str] | None, publishers: list[str] | None, since: str | None, until: str | None
) -> Filter:
    """The filter that options ask for; misuse where one of them cannot be read."""
    from bot.operations.filters import filter_of

    codes = [read_language("--language", language) for language in languages or ()]
    first, last = read_moment("--since", since), read_moment("--until", until)
    return filter_of([code for code in codes if code], publishers or (), since=first, until=last)


def read_language(option: str, text: str | None) -> str | None:
    """A language code in lower case without its region (`fr-CH` gives `fr`); misuse where it is none."""
    if text is None:
        return None
    from bot.operations.filters import language_of

    with _misuse_of(option):
        return language_of(text)


def read_moment(option: str, text: str | None) -> datetime | None:
    """A moment in UTC from a date as people write it; misuse where it is none."""
    if text is None:
        return None
    from bot.operations.filters import moment_of

    with _misuse_of(option):
        return moment_of(text)


@contextlib.contextmanager
def _misuse_of(option: str) -> Iterator[None]:
    try:
        yield
    except ValueError as exc:
        raise typer.BadParameter(str(exc), param_hint=option) from exc


class Terminated(KeyboardInterrupt):
    """SIGTERM: the command ends in good order, as with Ctrl-C, and takes no more input."""


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
        return "is too large; write a smaller number"
    if not isinstance(value, str) or not _NO_TEXT.search(value) or (may_be_path and os.path.lexists(value)):
        return None
    fix = "set the terminal to UTF-8, or check the path" if may_be_path else "set the terminal to UTF-8"
    return f"{value!r} holds bytes that are not UTF-8; {fix}"
