"""`communique ingest` and `communique watch`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, read_language, read_moment


def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders and addresses, or names of sources; left out: the sources of the settings."
        ),
    ] = None,
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and compare, but write nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most so many releases of each source.")] = None,
    since: Annotated[str | None, typer.Option(help="Leave out releases published before this day.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Publisher of releases that do not say.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of releases that do not say.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Name of a JSONL field where it differs, as in body=content; repeatable.")
    ] = None,
    links: Annotated[
        str | None, typer.Option(help="Regular expression that the addresses of releases match, for a page of links.")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let addresses lie on this machine or in a private network.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on looking for new releases until stopped.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Embed on a Ray cluster that this machine is a node of: HOST:PORT of its head, `auto` for the one "
            "that runs here, `local` for this machine's processors. It pays with a sentence-transformers model, hardly "
            "with the built-in one.",
        ),
    ] = None,
) -> None:
    """Read releases from files, folders and the web into the store; what has not changed is passed over.

    Of the web: feeds (RSS, Atom, JSON), sitemaps, pages of links (with --links), single pages and PDFs. Of files: saved
    pages (.txt), Markdown, HTML, PDF, and JSONL with one release a line (also .gz). Fields of JSONL: id, url, title,
    lead, body or text, date or published, updated, language or lang, publisher or source, translation_of or pair,
    author, section.

    Example: communique ingest samples --publisher NATO
    """
    from bot.console.runs import print_report
    from bot.ingestion import chosen_sources, ingest_sources, unpaused, watch_sources
    from bot.wiring import opened
    from ingest.reading import Limits
    from ingest.release import Source

    if follow and (dry_run or ray):
        raise typer.BadParameter("writes what it finds, here; leave out --dry-run and --ray", param_hint="--follow")
    limits = Limits(limit=limit, since=read_moment("--since", since))
    code, fields = read_language("--language", language), _read_fields(field or [])
    cluster = _read_cluster(ray)
    pattern = _read_pattern(links)
    given = Source("", None, publisher, code, fields, pattern, allow_private=allow_private, by_hand=True)
    with opened(ctx.obj) as built:
        chosen = chosen_sources(sources or [], built.settings.sources, given)
        chosen = chosen if sources else unpaused(built.store, chosen)
        if follow:
            watch_sources(built, chosen, limits=limits, as_json=as_json)
            return
        report, interrupted = ingest_sources(
            built, chosen, limits=limits, dry_run=dry_run, quiet=as_json, cluster=cluster
        )
    print_report(report, as_json=as_json, dry_run=dry_run, interrupted=interrupted)
    if report.failed or interrupted:
        raise typer.Exit(1)


def watch(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Names of sources; left out: all of the settings.")] = None,
    as_json: AsJson = False,
    once: Annotated[bool, typer.Option("--once", help="Look at each source once, then stop.")] = False,
) -> None:
    """Ingest the sources of the settings again and again, each on its schedule, until stopped (Ctrl-C, SIGTERM).

    A source that fails is asked less and less often until it answers again. With --json each run is one line.

    Example: communique watch
    """
    from bot.ingestion import chosen_sources, watch_sources
    from bot.wiring import opened
    from ingest.reading import Limits
    from ingest.release import Source

    with opened(ctx.obj) as built, built.metrics.served(built.settings.metrics):
        chosen = chosen_sources(names or [], built.settings.sources, Source("", by_hand=True))
        went_well = watch_sources(built, chosen, limits=Limits(), as_json=as_json, once=once)
    if not went_well:
        raise typer.Exit(1)


def _read_pattern(links: str | None) -> str | None:
    """A regular expression; misuse where it is none."""
    from bot.settings.sections import read_pattern

    try:
        return read_pattern(links) if links else links
    except ValueError as exc:
        raise typer.BadParameter(f"{links!r} {exc}", param_hint="--links") from exc


def _read_cluster(address: str | None) -> str | None:
    """The address of a Ray cluster; misuse where it is none."""
    if address is None:
        return None
    from vectorstore.embedder.cluster import ADDRESS

    if not ADDRESS.fullmatch(address):
        raise typer.BadParameter(f"{address!r} is no address; write it as HOST:6379, auto or local", param_hint="--ray")
    return address


def _read_fields(pairs: list[str]) -> dict[str, str]:
    """Field names from `usual=name` pairs; misuse where one is no pair."""
    split = [pair.partition("=") for pair in pairs]
    if not all(usual and name for usual, _, name in split):
        raise typer.BadParameter("write it as body=content", param_hint="--field")
    return {usual.strip(): name.strip() for usual, _, name in split}
