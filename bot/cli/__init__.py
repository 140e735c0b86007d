"""The command `communique`: its commands, in the order in which `--help` lists them."""

from __future__ import annotations

import typer

from bot.cli import asking, ingesting, ledger, operating, releases
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
app.command()(ingesting.init)
app.command()(ingesting.ingest)
app.command()(ingesting.watch)
app.command()(asking.ask)
app.command()(asking.chat)
app.command()(asking.search)
app.command()(asking.timeline)
app.command(name="open")(asking.open_citation)
app.add_typer(releases.app, name="releases")
app.add_typer(ingesting.sources, name="sources")
app.add_typer(operating.discord, name="discord")
app.command()(operating.mcp)
app.command()(operating.serve)
app.add_typer(ledger.feedback, name="feedback")
app.add_typer(ledger.questions, name="questions")
app.add_typer(ledger.export, name="export")
app.command()(operating.status)
app.command()(operating.rebuild)
app.command()(operating.migrate)
app.command()(operating.backup)
app.command()(operating.restore)
app.command(name="eval")(asking.evaluate)
app.add_typer(operating.settings, name="settings")
app.command()(operating.doctor)
all_of(app, Command)
