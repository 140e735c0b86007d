"""`communique feedback`: what people thought of answers on Discord."""

from __future__ import annotations

import enum
import errno
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.options import AsJson, read_moment

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List and export people's feedback on answers.")


_NO_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}  # the name is wrong, not the disk


class Verdict(enum.Enum):
    """What a person pressed."""

    GOOD = "good"
    BAD = "bad"


Since = Annotated[str | None, typer.Option(help="Only feedback given on this day or later, as in 2026-11-24.")]
Only = Annotated[Verdict | None, typer.Option("--verdict", help="Only this verdict.")]


@app.command("list")
def list_feedback(
    ctx: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="How many to print.")] = 20,
    since: Since = None,
    verdict: Only = None,
) -> None:
    """List feedback, newest first, with the question and the passages of the answer.

    Example: communique feedback list --verdict bad
    """
    from bot.cli.rendering.ledger import print_feedback

    found = _said(ctx.obj, since, verdict)
    print_feedback(found[:limit], len(found), as_json=as_json)


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file that ends with .jsonl or .csv.")],
    since: Since = None,
    verdict: Only = None,
) -> None:
    """Write all feedback to a file: JSON lines, or a table for spreadsheets.

    Example: communique feedback export feedback.csv --since 2026-11-01
    """
    from bot.cli.rendering import one_line
    from bot.cli.rendering.ledger import EXPORTS, export_feedback
    from bot.errors import ExportError

    if file.suffix.lower() not in EXPORTS:
        raise typer.BadParameter(f"{file.name} ends with neither .jsonl nor .csv", param_hint="FILE")
    if os.path.lexists(file):
        raise typer.BadParameter(f"{file} already exists; name another file", param_hint="FILE")
    found = _said(ctx.obj, since, verdict)
    try:
        export_feedback(found, file)
    except OSError as exc:
        if exc.errno in _NO_PLACE:
            raise typer.BadParameter(f"{file} cannot be written ({exc.strerror})", param_hint="FILE") from exc
        raise ExportError(file, f"cannot be written ({exc.strerror or exc})") from exc
    typer.echo(one_line(f"{file}: {len(found)} written"), err=True)


def _said(home: Path | None, since: str | None, verdict: Verdict | None) -> list[dict[str, Any]]:
    from bot.wiring import opened

    good = None if verdict is None else verdict is Verdict.GOOD
    with opened(home) as built:
        first = read_moment("--since", since, built.zone)
        return [one.payload() for one in built.ledger.feedback.all(since=first, good=good)]
