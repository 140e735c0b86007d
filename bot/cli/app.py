"""The command line's frame: its commands, and what holds for all of them."""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli import (
    asking,
    examining,
    exporting,
    feedback,
    ingesting,
    questions,
    releases,
    serving,
    starting,
    storing,
)
from bot.cli.edge import Edge, LogFormat, Terminated, set_up_logs
from bot.cli.options import Command, Home, LogLines, Verbose, all_of

if TYPE_CHECKING:
    from types import FrameType

app = typer.Typer(
    name="communique",
    cls=Edge,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Answers questions about press releases, in French and English, with passages quoted word for word.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"communique {version('communique')}")
        raise typer.Exit


@app.callback()
def communique(
    ctx: typer.Context,
    home: Home = None,
    verbose: Verbose = False,
    log_format: LogLines = LogFormat.TEXT,
    _version: Annotated[
        bool | None, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = None,
) -> None:
    """Set what applies to every command."""
    ctx.obj = home
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no « is no reason to fail
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # nor is one line in another encoding to end a conversation
    set_up_logs(log_format, verbose=verbose)
    signal.signal(signal.SIGTERM, _interrupt)
    os.umask(0o077)  # what Chroma and tantivy make is for its owner alone, as all else in a home; so are backups


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM ends a command as Ctrl-C does: in good order."""
    raise Terminated


app.command()(starting.init)
app.command()(ingesting.ingest)
app.command()(ingesting.watch)
app.command()(asking.ask)
app.command()(asking.chat)
app.command()(asking.search)
app.command()(asking.timeline)
app.command(name="open")(asking.open_citation)
app.add_typer(releases.app, name="releases")
app.add_typer(ingesting.sources, name="sources")
app.add_typer(serving.discord, name="discord")
app.command()(serving.mcp)
app.command()(serving.serve)
app.add_typer(feedback.app, name="feedback")
app.add_typer(questions.app, name="questions")
app.add_typer(exporting.app, name="export")
app.command()(storing.status)
app.command()(storing.rebuild)
app.command()(storing.migrate)
app.command()(storing.backup)
app.command()(storing.restore)
app.command(name="eval")(asking.evaluate)
app.add_typer(examining.settings, name="settings")
app.command()(examining.doctor)
all_of(app, Command)
