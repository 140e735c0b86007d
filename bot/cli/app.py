"""The command line's frame: its commands, what holds for all of them, and what happens when one fails."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from bot.cli import (
    asking,
    examining,
    exporting,
    feedback,
    ingesting,
    mcp,
    opening,
    relaying,
    releases,
    serving,
    setting,
    storing,
)
from bot.cli.logs import LogFormat, set_up_logs
from bot.cli.options import Command, Terminated, all_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

log = logging.getLogger(__name__)


class Edge(TyperGroup):
    """Turns every failure into one sentence on stderr and an exit code; the traceback goes to the log."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - typer brings its own copy of click
        """Read the arguments. What is said of a wrong one holds it without what a terminal would obey."""
        with _told_safely():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer brings its own copy of click
        """Run a command. Exit codes: 0 fine, 1 failed, 2 misused."""
        from typer.exceptions import Abort, Exit, TyperException

        from bot.errors import BotError
        from ingest.errors import IngestError
        from vectorstore.errors import StoreError

        try:
            with _told_safely():
                outcome = super().invoke(ctx)
            sys.stdout.flush()  # a pipe that was closed is noticed here, not while Python shuts down
            return outcome
        except (BotError, IngestError, StoreError) as exc:
            log.debug("failed", exc_info=True)
            _fail(str(exc))
        except KeyboardInterrupt:
            _fail("stopped; the store is whole, and the same command may be run again")
        except BrokenPipeError:  # `communique search … | head`: nobody reads on, and that is no failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise Exit(0) from None
        except (TyperException, Exit, Abort):
            raise
        except Exception as exc:
            log.exception("unexpected failure")
            _fail(f"unexpected failure: {type(exc).__name__}: {exc}; please report it with the lines above")


@contextlib.contextmanager
def _told_safely() -> Iterator[None]:
    """Misuse is reported with the argument that was wrong: without control characters, and without a password."""
    from typer.exceptions import TyperException

    try:
        yield
    except TyperException as exc:
        from bot.cli.rendering.stream import one_line

        for field in ("message", "param_hint", "option_name"):
            if isinstance(text := getattr(exc, field, None), str):
                setattr(exc, field, one_line(text))
        raise


def _fail(sentence: str) -> NoReturn:
    from bot.cli.rendering.stream import one_line

    typer.echo(f"communique: {one_line(sentence)}", err=True)
    raise typer.Exit(1) from None


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
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the store; by default COMMUNIQUE_HOME, else the platform's folder for user data."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print more on stderr.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option("--log", help="How stderr is written: lines for people, or JSON for machines.")
    ] = LogFormat.TEXT,
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


app.command()(ingesting.ingest)
app.command()(ingesting.watch)
app.command()(asking.ask)
app.command()(asking.chat)
app.command()(asking.search)
app.command(name="open")(opening.open_citation)
app.add_typer(releases.app, name="releases")
app.add_typer(ingesting.sources, name="sources")
app.add_typer(relaying.app, name="discord")
app.command()(mcp.mcp)
app.command()(serving.serve)
app.add_typer(feedback.app, name="feedback")
app.add_typer(exporting.app, name="export")
app.command()(storing.status)
app.command()(storing.rebuild)
app.command()(storing.migrate)
app.command()(storing.backup)
app.command()(storing.restore)
app.command(name="eval")(asking.evaluate)
app.add_typer(setting.app, name="settings")
app.command()(examining.doctor)
all_of(app, Command)
