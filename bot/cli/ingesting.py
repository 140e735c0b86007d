"""`communique ingest`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, read_language, read_moment


def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Files and folders; left out: the sources of the settings.")
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
) -> None:
    """Read releases from files and folders into the store; what has not changed is passed over.

    Reads saved pages (.txt), Markdown, HTML, PDF, and JSONL with one release a line (also .gz). Fields of JSONL: id,
    url, title, lead, body or text, date or published, updated, language or lang, publisher or source, translation_of
    or pair.

    Example: communique ingest samples --publisher NATO
    """
    from bot.console import print_report
    from bot.ingestion import ingest_sources, named_sources, settled_sources
    from bot.wiring import opened
    from ingest.pipeline import Limits

    limits = Limits(limit=limit, since=read_moment("--since", since))
    code, fields = read_language("--language", language), _read_fields(field or [])
    named = named_sources(sources or [], publisher=publisher, language=code, fields=fields)
    with opened(ctx.obj) as built:
        chosen = named or settled_sources(built.settings.sources)
        report, interrupted = ingest_sources(built, chosen, limits=limits, dry_run=dry_run, quiet=as_json)
    print_report(report, as_json=as_json, dry_run=dry_run, interrupted=interrupted)
    if report.failed or interrupted:
        raise typer.Exit(1)


def _read_fields(pairs: list[str]) -> dict[str, str]:
    """Field names from `usual=name` pairs; misuse where one is no pair."""
    split = [pair.partition("=") for pair in pairs]
    if not all(usual and name for usual, _, name in split):
        raise typer.BadParameter("write it as body=content", param_hint="--field")
    return {usual.strip(): name.strip() for usual, _, name in split}
