"""`communique releases`: what is stored."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import typer

from bot.cli.options import (
    AsJson,
    Languages,
    Publishers,
    Since,
    Until,
    complete_releases,
    complete_taken_down,
    read_filter,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show, compare and remove stored releases.")

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="A release's id or address, as `releases list` prints it.",
        autocompletion=complete_releases,
    ),
]
_Release = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE",
        help="A release's id or address, or a part of its title that no other has.",
        autocompletion=complete_releases,
    ),
]


@app.command("list")
def list_releases(
    ctx: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="Releases to print.")] = 50,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """List releases, newest first.

    Example: communique releases list -n 10 --language fr
    """
    from bot.cli.rendering.answers import print_nothing_found
    from bot.cli.rendering.stored import print_releases
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        where = read_filter(built, languages, publishers, since, until)
        total = built.store.records.count_releases(where)
        print_releases(built.store.records.releases(where, limit), total, as_json=as_json)
        if not total:
            print_nothing_found(built.store, where)


@app.command()
def show(
    ctx: typer.Context,
    release: _Release,
    version: Annotated[int | None, typer.Option(min=1, help="A version; by default the current one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a release with its text.

    Example: communique releases show 2024-10-18-defence-ministers.en
    """
    from bot.cli.rendering.stored import print_release
    from bot.operations.names import release_meant
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        found = release_meant(built.store, release, version)
        print_release(found, built.store.records.relations(found.id), as_json=as_json)


@app.command()
def history(ctx: typer.Context, release: _Release, as_json: AsJson = False) -> None:
    """List every version of a release, oldest first, with the sentences that each one changed.

    Example: communique releases history 2024-10-01-rutte-takes-office.fr
    """
    from bot.cli.rendering.stored import print_history
    from bot.operations.names import release_meant
    from bot.wiring import opened
    from vectorstore.text.sentences import differences

    with opened(ctx.obj) as built:
        versions = built.store.records.history(release_meant(built.store, release).id)
    pairs = pairwise([None, *versions])
    changes = [differences(old.text, new.text, new.language) if old and new else [] for old, new in pairs]
    print_history(versions, changes, as_json=as_json)


@app.command()
def events(
    ctx: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Only events with a higher number.")] = 0,
    limit: Annotated[int | None, typer.Option("-n", min=1, help="Events to print.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what happened to releases, oldest first: new, changed, withdrawn, restored, removed.

    Example: communique releases events --after 120 --json
    """
    from bot.cli.rendering.stored import print_events
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        print_events(built.store.records.events(after, limit), as_json=as_json)


@app.command()
def remove(
    ctx: typer.Context,
    release: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_again: Annotated[
        bool, typer.Option("--allow-again", help="Let it come in again when its source is ingested.")
    ] = False,
) -> None:
    """Take a release down: it is removed with all its versions and with answers that quote it, and stays away.

    Later ingestions leave it out, by its id, its addresses and its words; `releases allow` lifts that.

    Example: communique releases remove 2024-10-18-defence-ministers.en --yes
    """
    from bot.cli.rendering import one_line
    from bot.language.prompt_injection import headline
    from bot.operations.names import release_named
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        found = release_named(built.store, release)
        if not yes:
            typer.confirm(f"Remove “{headline(found.title)}” with all its versions?", abort=True, err=True)
        built.take_down(found.id, allow_again=allow_again)
    typer.echo(f"removed {one_line(found.id)}; {'it may come in again' if allow_again else 'it stays away'}", err=True)


@app.command()
def removed(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List what was taken down, latest first.

    Example: communique releases removed --json
    """
    from bot.cli.rendering.stored import print_takedowns
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        print_takedowns(built.store.records.takedowns(), as_json=as_json)


@app.command()
def allow(
    ctx: typer.Context,
    release: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An id or address, as `releases removed` prints it.",
            autocompletion=complete_taken_down,
        ),
    ],
) -> None:
    """Let a release that was taken down come in again when its source is next ingested; it is not announced then.

    Example: communique releases allow https://www.example.org/news/1
    """
    from bot.cli.rendering import one_line
    from bot.operations.names import allow_again
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        typer.echo(f"allowed again: {one_line(allow_again(built.store, release))}", err=True)


@app.command()
def doubted(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List pages that are kept aside because they may not be the releases that belong at their addresses.

    Example: communique releases doubted
    """
    from bot.cli.rendering.stored import print_doubted
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        print_doubted(built.store.records.doubted(), as_json=as_json)
