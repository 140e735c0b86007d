"""`communique status` and `rebuild`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson


def status(
    ctx: typer.Context,
    as_json: AsJson = False,
    repair: Annotated[bool, typer.Option("--repair", help="First make catalogue and vectors agree again.")] = False,
) -> None:
    """Say what is stored, with which model, and whether catalogue and vectors agree.

    Example: communique status --json
    """
    from bot.console.runs import print_status
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        if repair:
            mended = built.store.repair()
            typer.echo("mended: the vectors agree with the catalogue again" if mended else "nothing to mend", err=True)
        print_status(built.store.status(), built.settings.embedder.model, as_json=as_json)


def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Embed every passage again with the model of the settings; the old vectors answer until the new ones are whole.

    Example: COMMUNIQUE_EMBEDDER__MODEL=intfloat/multilingual-e5-small communique rebuild
    """
    from bot.console.runs import print_rebuilt, progress_bar
    from bot.wiring import opened

    with opened(ctx.obj) as built, progress_bar("Embedding", quiet=as_json) as progress:
        count = built.store.rebuild(built.embedder, progress)
        print_rebuilt(count, built.embedder.name, as_json=as_json)
