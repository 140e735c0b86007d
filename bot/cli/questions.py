"""`communique questions`: what could not be answered, and what can be by now."""

from __future__ import annotations

import enum
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import AsJson, read_moment

if TYPE_CHECKING:
    from bot.operations.questions import QuestionGroup
    from bot.wiring import Built

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, export and forget questions that could not be answered."
)

_WEEK = timedelta(days=7)


class Standing(enum.Enum):
    """Whether a release that came later answers a question."""

    OPEN = "open"
    ANSWERED = "answered"


Since = Annotated[str | None, typer.Option(help="Only questions asked on this day or later, as in 2026-11-24.")]
Only = Annotated[Standing | None, typer.Option("--only", help="Only those without an answer, or with one since.")]


@app.command("list")
def list_questions(
    ctx: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="How many groups to print.")] = 20,
    since: Since = None,
    only: Only = None,
) -> None:
    """List questions that could not be answered, those that want the same as one, the most asked first.

    They are kept if questions.keep is set, without who asked.

    Example: communique questions list --only open
    """
    from bot.cli.rendering.ledger import print_groups
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        groups = _groups(built, read_moment("--since", since), only)
        print_groups(groups[:limit], len(groups), built.store, as_json=as_json, kept=built.settings.questions.keep)


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file that ends with .jsonl or .csv.")],
    since: Since = None,
    only: Only = None,
) -> None:
    """Write all questions to a file: JSON lines, one a group, or a table for spreadsheets, one a wording.

    Example: communique questions export questions.csv --since 2026-11-01
    """
    from bot.cli.rendering import one_line
    from bot.cli.rendering.ledger import EXPORTS, export_groups
    from bot.wiring import opened

    if file.suffix.lower() not in EXPORTS:
        raise typer.BadParameter(f"{file.name} ends with neither .jsonl nor .csv", param_hint="FILE")
    if os.path.lexists(file):
        raise typer.BadParameter(f"{file} already exists; name another file", param_hint="FILE")
    with opened(ctx.obj) as built:
        groups = _groups(built, read_moment("--since", since), only)
        try:
            export_groups(groups, built.store, file)
        except OSError as exc:
            raise typer.BadParameter(f"{file} cannot be written ({exc.strerror})", param_hint="FILE") from exc
    typer.echo(one_line(f"{file}: {len(groups)} written"), err=True)


@app.command()
def forget(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Ids as `questions list` prints them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget every question.")] = False,
) -> None:
    """Forget questions, with who wanted to be told of an answer.

    Example: communique questions forget 3fb2a90c61d7e845
    """
    from bot.cli.rendering import counted
    from bot.wiring import opened

    if bool(ids) is everything:
        raise typer.BadParameter("name the questions by their ids, or use --all", param_hint="ID")
    with opened(ctx.obj) as built:
        questions = built.ledger.questions
        wanted = [one.id for one in questions.all()] if everything else list(dict.fromkeys(ids or ()))
        count = questions.forget(wanted)
    typer.echo(f"forgotten: {counted(count, 'question')}", err=True)
    if count < len(wanted):
        typer.echo(f"not kept: {len(wanted) - count}; `communique questions list` prints the ids", err=True)
        raise typer.Exit(1)


@app.command()
def note(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Print what could not be answered in the last seven days, and what has been answered in them.

    With questions.note_channel the bot posts it once a week on Discord.

    Example: communique questions note
    """
    from bot.cli.rendering.ledger import print_groups, print_note_head
    from bot.operations.questions import of_week
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        groups = of_week(_groups(built, None, None), datetime.now(UTC) - _WEEK)
        if not as_json:
            print_note_head(groups)
        print_groups(groups, len(groups), built.store, as_json=as_json, kept=built.settings.questions.keep)


def _groups(built: Built, since: datetime | None, only: Standing | None) -> list[QuestionGroup]:
    """The questions that are kept, in groups; those that are too old are deleted first."""
    from bot.operations.questions import grouped

    chosen = built.settings.questions
    built.ledger.questions.forget_old(timedelta(days=chosen.days))
    found = grouped(built.ledger.questions.all(since=since), built.embedder, likeness=chosen.likeness)
    return [group for group in found if only is None or bool(group.answered) is (only is Standing.ANSWERED)]
