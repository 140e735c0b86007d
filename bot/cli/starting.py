"""`communique init`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import AsJson, read_language

if TYPE_CHECKING:
    from pathlib import Path

    from bot.operations.starting import FoundNewsroom
    from bot.wiring import Built
    from ingest.listing.newsroom import FoundList
    from ingest.report import IngestReport
    from ingest.types import Source


def init(
    ctx: typer.Context,
    source: Annotated[
        str | None, typer.Argument(help="The newsroom's address, with or without https://; or a folder, or a file.")
    ] = None,
    as_json: AsJson = False,
    pick: Annotated[int | None, typer.Option(min=1, help="Number of the list to take, if several are found.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the first list, and add it to the settings without a question.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Read at most this many releases now.")] = 50,
    name: Annotated[str | None, typer.Option(help="What you call the newsroom.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Publisher of releases that do not name one.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of releases that do not name one.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Allow addresses on this machine or in a private network.")
    ] = False,
    ask: Annotated[int | None, typer.Option(min=1, max=3, help="Number of the offered question to answer.")] = None,
) -> None:
    """Start with a newsroom: find its feed or sitemap, write communique.toml, read releases, offer questions.

    Whatever is not given as an option is asked on a terminal. `communique ingest` reads the rest later.

    Example: communique init www.example.org/press --yes
    """
    from bot.cli.edge import exit_code
    from bot.cli.rendering.operations import print_found, print_start
    from bot.operations.ingestion import fails
    from bot.operations.starting import as_source, look
    from bot.wiring import opened
    from ingest.types import Source

    location = source or _typed("The newsroom's address", "its address, as in `communique init www.example.org`")
    given = Source(location, name, publisher, read_language("--language", language), allow_private=allow_private)
    with opened(ctx.obj) as built:
        found = look(built, given)
        if not as_json:
            print_found(found)
        chosen = as_source(found, _chosen(found, pick, first=yes))
        file = _settled(built, chosen, ctx.obj, yes=yes, as_json=as_json)
        report, interrupted = _ingested(built, chosen, limit, as_json=as_json)
        failed = exit_code(interrupted) if interrupted else int(fails(report, strict=built.settings.ingest.strict))
        if failed:
            if as_json:
                print_start(found, chosen, file, report, ())
            raise typer.Exit(failed)
        _offer(built, found, chosen, file, report, ask=ask, as_json=as_json)


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _typed(question: str, option: str, default: str | None = None) -> str:
    """What somebody types; misuse where nobody can, which names what is to be given instead."""
    if not at_a_terminal():
        raise typer.BadParameter(f"there is no terminal on which to ask “{question}”: give {option}")
    return str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _chosen(found: FoundNewsroom, pick: int | None, *, first: bool) -> FoundList | None:
    """The list to take; None for files."""
    lists = found.newsroom.lists
    if not lists:
        return None
    if pick is None and len(lists) > 1 and not first:
        typed = _typed("Which of them", "--pick N, or --yes for the first", default="1")
        pick = int(typed) if typed.isascii() and typed.isdigit() else 0
    number = pick or (1 if pick is None else 0)
    if not 1 <= number <= len(lists):
        raise typer.BadParameter(f"there is no such list; give a number from 1 to {len(lists)}", param_hint="--pick")
    return lists[number - 1]


def _settled(built: Built, source: Source, home: Path | None, *, yes: bool, as_json: bool) -> Path:
    """The file of settings that holds the source, which is added unless it is there."""
    from bot.cli.rendering.operations import print_written
    from bot.operations.starting import add_source, is_named, settings_file

    file = settings_file(home)
    is_new = not is_named(built.settings, source)
    if is_new:
        if file.is_file() and not yes and _typed(f"Add it to {file} (y/n)", "--yes", default="y").lower()[:1] != "y":
            raise typer.Abort
        add_source(file, source, home=home)
    if not as_json:
        print_written(file, source, is_new=is_new)
    return file


def _ingested(
    built: Built, source: Source, limit: int, *, as_json: bool
) -> tuple[IngestReport, KeyboardInterrupt | None]:
    from bot.cli.rendering.operations import print_report, progress_bar
    from bot.operations.ingestion import ingest_sources
    from ingest.sources import Limits

    report, interrupted = ingest_sources(
        built, [source], limits=Limits(limit), progress=lambda title: progress_bar(title, quiet=as_json)
    )
    if not as_json:
        print_report(report, as_json=False, dry_run=False, interrupted=interrupted is not None)
    return report, interrupted


def _offer(
    built: Built,
    found: FoundNewsroom,
    source: Source,
    file: Path,
    report: IngestReport,
    *,
    ask: int | None,
    as_json: bool,
) -> None:
    """Offer questions, and answer the one that is wanted."""
    from bot.answering.pipeline import Ask
    from bot.cli.rendering.answers import print_growing
    from bot.cli.rendering.operations import print_offered, print_start
    from bot.operations.starting import questions

    offered = questions(built, built.store.releases(limit=12))
    if as_json:
        print_start(found, source, file, report, offered)
        return
    print_offered(offered)
    if ask is None and offered and at_a_terminal():
        typed = _typed("Answer one now (its number, or Enter for none)", "--ask N", default="")
        ask = int(typed) if typed.isascii() and typed.isdigit() else None
    if ask is not None and 1 <= ask <= len(offered):
        print_growing(built.answerer.stream(Ask(offered[ask - 1])), as_json=False)
