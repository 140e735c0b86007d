"""The command line's frame: its commands."""

from __future__ import annotations

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
from bot.cli.edge import Edge
from bot.cli.options import Command, all_of, communique

app = typer.Typer(
    name="communique",
    cls=Edge,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Answers questions about press releases, in French and English, with passages quoted word for word.",
)


app.callback()(communique)
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
