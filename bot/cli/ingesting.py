"""How releases come in: `communique init`, which starts with a newsroom, `ingest`, `watch` and `sources`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.edge import exit_code
from bot.cli.options import AsJson, complete_sources, read_language, read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.operations.starting import FoundNewsroom
    from bot.wiring import Built
    from ingest.listing.newsroom import FoundList
    from ingest.report import IngestReport
    from ingest.sources import Limits
    from ingest.types import Source
    from vectorstore.store import PassageStore


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

    offered = questions(built, built.store.records.releases(limit=12))
    if as_json:
        print_start(found, source, file, report, offered)
        return
    print_offered(offered)
    if ask is None and offered and at_a_terminal():
        typed = _typed("Answer one now (its number, or Enter for none)", "--ask N", default="")
        ask = int(typed) if typed.isascii() and typed.isdigit() else None
    if ask is not None and 1 <= ask <= len(offered):
        print_growing(built.answerer.stream(Ask(offered[ask - 1])), as_json=False)


def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders and addresses, or names of sources, or `-` for standard input; by default the sources "
            "in the settings.",
            autocompletion=complete_sources,
        ),
    ] = None,
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and compare, but write nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most this many releases from each source.")] = None,
    since: Annotated[str | None, typer.Option(help="Leave out releases published before this day.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Publisher of releases that do not name one.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of releases that do not name one.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Name of a JSONL field that differs, as in body=content; repeatable.")
    ] = None,
    links: Annotated[
        str | None, typer.Option(help="Regular expression that the addresses of releases match, for a page of links.")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Allow addresses on this machine or in a private network.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Keep looking for new releases until stopped.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Embed on a Ray cluster that this machine is a node of: HOST:PORT of its head, `auto` for the one "
            "that runs here, `local` for this machine's processors. Worth it with a sentence-transformers model, "
            "hardly with the built-in one.",
        ),
    ] = None,
) -> None:
    """Read releases from files, folders and the web into the store; what has not changed is skipped.

    A page of a feed or a sitemap that cannot be read is reported, and fails the run only with ingest.strict set.

    From the web: feeds (RSS, Atom, JSON), sitemaps, pages of links (with --links), single pages and PDFs. From files:
    saved pages (.txt), Markdown, HTML, PDF, Word (.docx), OpenDocument (.odt), messages (.eml) with their attachments,
    and JSONL with one release per line (also .gz), in which texts may be HTML. JSONL fields: id, url, title, lead, body
    or text, date or published, updated, language or lang, publisher or source, translation_of or pair, author, section.

    Example: communique ingest samples --publisher NATO
    """
    from bot.cli.rendering.operations import print_report, progress_bar
    from bot.operations.ingestion import chosen_sources, fails, ingest_sources
    from bot.wiring import opened
    from ingest.sources import Limits
    from ingest.types import Source

    if follow and (dry_run or ray):
        raise typer.BadParameter("cannot be combined with --dry-run or --ray", param_hint="--follow")
    code, fields = read_language("--language", language), _read_fields(field or [])
    cluster = _read_cluster(ray)
    pattern = _read_pattern(links)
    given = Source("", None, publisher, code, fields, pattern, allow_private=allow_private, by_hand=True)
    with opened(ctx.obj) as built:
        limits = Limits(limit=limit, since=read_moment("--since", since, built.zone))
        chosen = chosen_sources(sources or [], built.settings.sources, given)
        chosen = chosen if sources else _unpaused(built.store, chosen)
        if follow:
            _watch(built, chosen, limits, as_json=as_json)
            return
        report, interrupted = ingest_sources(
            built,
            chosen,
            limits=limits,
            dry_run=dry_run,
            cluster=cluster,
            progress=lambda title: progress_bar(title, quiet=as_json),
        )
        if not (dry_run or interrupted):
            _ask_again(built)
    print_report(report, as_json=as_json, dry_run=dry_run, interrupted=interrupted is not None)
    if interrupted:
        raise typer.Exit(exit_code(interrupted))
    if fails(report, strict=built.settings.ingest.strict):
        raise typer.Exit(1)


def watch(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of sources, in capitals or not; by default all in the settings.",
            autocompletion=complete_sources,
        ),
    ] = None,
    as_json: AsJson = False,
    once: Annotated[bool, typer.Option("--once", help="Read each source once, then stop.")] = False,
) -> None:
    """Ingest the sources in the settings, each on its schedule, until stopped (Ctrl-C, SIGTERM).

    A source that fails is asked less and less often until it answers again. With --json each run is one line.

    Example: communique watch
    """
    from bot.operations.ingestion import chosen_sources
    from bot.wiring import opened
    from ingest.sources import Limits
    from ingest.types import Source

    with opened(ctx.obj) as built, built.metrics.served(built.settings.metrics):
        chosen = chosen_sources(names or [], built.settings.sources, Source("", by_hand=True))
        failed = _watch(built, chosen, Limits(), as_json=as_json, once=once)
    if failed and once:
        raise typer.Exit(1)


def _watch(built: Built, sources: Sequence[Source], limits: Limits, *, as_json: bool, once: bool = False) -> bool:
    """Print what each run did until Ctrl-C or SIGTERM; whether something failed before that.

    With `once` there is an end, and being stopped before it is no success.
    """
    from bot.cli.rendering.operations import print_stopped, print_warning, print_watched
    from bot.operations.ingestion import fails, hints, watch_sources

    for warning in hints(built, sources):
        print_warning(warning)
    failed = False
    try:
        with contextlib.closing(watch_sources(built, sources, limits=limits, once=once)) as reports:
            for report in reports:
                print_watched(report, as_json=as_json)
                built.metrics.ingested(report)
                _ask_again(built)
                failed = failed or fails(report, strict=built.settings.ingest.strict)
    except KeyboardInterrupt as exc:  # the usual way to end it, and no failure
        print_stopped()
        if once:
            raise typer.Exit(exit_code(exc)) from None
        return False
    return failed


def _ask_again(built: Built) -> None:
    """Ask some of the questions again that could not be answered; an ingestion is no worse where that fails."""
    from bot.cli.rendering.answers import print_remark
    from bot.cli.rendering.operations import print_warning
    from bot.errors import LedgerError
    from vectorstore.errors import StoreError

    try:
        if built.question_rounds and (answered := built.question_rounds.run()):
            count = "1 kept question" if len(answered) == 1 else f"{len(answered)} kept questions"
            print_remark(f"{count} can be answered now; see `communique questions list`")
    except (LedgerError, StoreError) as exc:
        print_warning(f"{exc}; kept questions are asked again next time")


def _unpaused(store: PassageStore, sources: Sequence[Source]) -> list[Source]:
    """The sources that are to be read; of those that are left out for now a line says so."""
    from bot.cli.rendering.operations import print_warning
    from bot.operations.ingestion import paused_among

    paused = paused_among(store, sources)
    for source in paused:
        name = source.name or source.location
        print_warning(f"{name}: paused, so not read; `communique sources resume {name}` resumes it")
    return [source for source in sources if source not in paused]


def _read_pattern(links: str | None) -> str | None:
    """A regular expression; misuse where it is none."""
    from bot.settings.edges import read_pattern

    try:
        return read_pattern(links) if links else links
    except ValueError as exc:
        raise typer.BadParameter(f"{links!r} {exc}", param_hint="--links") from exc


def _read_cluster(address: str | None) -> str | None:
    """The address of a Ray cluster; misuse where it is none."""
    if address is None:
        return None
    from vectorstore.embedders.cluster import ADDRESS

    if not ADDRESS.fullmatch(address):
        raise typer.BadParameter(
            f"{address!r} is not an address; write it as HOST:6379, auto or local", param_hint="--ray"
        )
    return address


def _read_fields(pairs: list[str]) -> dict[str, str]:
    """Field names from `usual=name` pairs; misuse where one is no pair."""
    split = [pair.partition("=") for pair in pairs]
    if not all(usual and name for usual, _, name in split):
        raise typer.BadParameter("write it as body=content", param_hint="--field")
    return {usual.strip(): name.strip() for usual, _, name in split}


sources = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, pause, resume and forget sources.")

_Name = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="Its name in the settings, in capitals or not, or its location; of an address the scheme may be left out.",
        autocompletion=complete_sources,
    ),
]


@sources.command("list")
def list_sources(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the sources in the settings, and those that were named by hand and have worked, with how each is doing.

    Example: communique sources list --json
    """
    from bot.cli.rendering.stored import print_sources
    from bot.operations.names import source_states
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        print_sources(source_states(built.store, built.settings.sources), as_json=as_json)


@sources.command()
def pause(ctx: typer.Context, source: _Name) -> None:
    """Leave a source out of `watch`, and of `ingest` without names, until it is resumed.

    Example: communique sources pause https://www.example.org/feed.xml
    """
    _switch(ctx.obj, source, paused=True)


@sources.command()
def resume(ctx: typer.Context, source: _Name) -> None:
    """Read a paused source again.

    Example: communique sources resume https://www.example.org/feed.xml
    """
    _switch(ctx.obj, source, paused=False)


def _switch(home: Path | None, source: str, *, paused: bool) -> None:
    from bot.cli.rendering import one_line
    from bot.operations.names import known_source
    from bot.wiring import opened

    with opened(home) as built:
        location = known_source(built.store, built.settings.sources, source)
        changed = built.store.records.pause(location) if paused else built.store.records.resume(location)
    done, already = ("paused", "was already paused") if paused else ("resumed", "was not paused")
    typer.echo(f"{done if changed else already}: {one_line(location)}", err=True)


@sources.command()
def forget(ctx: typer.Context, source: _Name) -> None:
    """Forget the history of a source that was named by hand; its releases stay.

    Example: communique sources forget ~/Downloads/news
    """
    from bot.cli.rendering import one_line
    from bot.operations.names import forget_source
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        location = forget_source(built.store, built.settings.sources, source)
    typer.echo(f"forgotten: {one_line(location)}; its releases stay", err=True)
