"""`communique status`, `rebuild`, `migrate`, `backup` and `restore`."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson


def status(
    ctx: typer.Context,
    as_json: AsJson = False,
    repair: Annotated[bool, typer.Option("--repair", help="First make catalogue and vectors agree again.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="First verify that the catalogue still holds what was written to it.")
    ] = False,
) -> None:
    """Show what is stored, with which model, and whether catalogue and vectors agree.

    With --check every release is compared with its content hash, and the exit code is 1 if anything is damaged.

    Example: communique status --json
    """
    from bot.cli.rendering.operations import print_status
    from bot.operations.sources import source_states
    from bot.wiring import opened
    from vectorstore.catalogue.verify import summary
    from vectorstore.errors import CatalogueDamagedError, CatalogueError

    with opened(ctx.obj) as built:
        faults = built.store.verify() if check else ()
        if repair:
            repaired = built.store.repair()
            typer.echo(
                "repaired: the vectors agree with the catalogue again" if repaired else "nothing to repair", err=True
            )
        with suppress(CatalogueError) if faults else nullcontext():  # a damaged one may not even tell its status
            states = source_states(built.store, built.settings.sources)
            print_status(built.store.status(), states, built.settings.embedder.model, as_json=as_json, checked=check)
        if faults:
            raise CatalogueDamagedError(built.store.catalogue, summary(faults))


def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Embed every passage again with the model in the settings; the old vectors answer until the new ones are complete.

    Quotations and orders to assistants are looked for again in every release, in case their rules have changed.

    Example: COMMUNIQUE_EMBEDDER__MODEL=intfloat/multilingual-e5-small communique rebuild
    """
    from bot.cli.rendering.operations import print_rebuilt, progress_bar
    from bot.wiring import opened

    with opened(ctx.obj) as built, progress_bar("Embedding", quiet=as_json) as progress:
        count = built.rebuild(progress)
        print_rebuilt(count, built.embedder.name, as_json=as_json)


def migrate(
    ctx: typer.Context,
    as_json: AsJson = False,
    back: Annotated[bool, typer.Option("--back", help="Copy from the servers into the home.")] = False,
) -> None:
    """Copy the store from the home to the servers that the settings name; a stopped migration goes on where it was.

    What the bot remembers is copied too. The home stays as it is. The settings are store.catalogue and store.chroma.

    Example: COMMUNIQUE_STORE__CATALOGUE=postgresql://news@db/news communique migrate --json
    """
    from bot.cli.rendering.operations import print_moved, progress_bar
    from bot.wiring import opened

    with opened(ctx.obj) as built, progress_bar("Copying", quiet=as_json) as progress:
        moved = [part.run(progress) for part in built.migrations(back=back)]
    print_moved(moved, back=back, as_json=as_json)


def backup(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file, as in communique.tar.gz; its folder is made.")
    ],
    as_json: AsJson = False,
) -> None:
    """Write everything that cannot be rebuilt into one file; others may ask and ingest meanwhile.

    Example: communique backup "backups/$(date +%F).tar.gz"
    """
    from bot.cli.rendering.operations import print_backup
    from bot.operations.backup import back_up
    from bot.settings import load_settings

    settings = load_settings(ctx.obj)
    print_backup(back_up(settings.home, file, server=settings.store.database), "written", as_json=as_json)


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `communique backup` wrote.", exists=True)],
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a home that holds no store, and rebuild the vector index.

    Example: communique restore backups/2026-11-24.tar.gz
    """
    from bot.cli.rendering.operations import print_backup
    from bot.operations.backup import restore as put_back
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        made = put_back(file, built.settings.home, server=built.settings.store.database)
        built.store.repair()
    print_backup(made, "restored", as_json=as_json)
