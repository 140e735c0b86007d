"""`communique sources`: where releases come from, and how that fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import AsJson

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, pause, resume and forget sources.")

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="Its name in the settings, or its location.")]


@app.command("list")
def list_sources(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the sources of the settings, and those that were named by hand and have worked, with how they fare.

    Example: communique sources list --json
    """
    from bot.console.sources import print_sources
    from bot.sources import source_states
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        print_sources(source_states(built.store, built.settings.sources), as_json=as_json)


@app.command()
def pause(ctx: typer.Context, source: Name) -> None:
    """Leave a source out of `watch`, and of `ingest` without names, until it is resumed.

    Example: communique sources pause https://www.example.org/feed.xml
    """
    _switch(ctx.obj, source, paused=True)


@app.command()
def resume(ctx: typer.Context, source: Name) -> None:
    """Take a source in again that was paused.

    Example: communique sources resume https://www.example.org/feed.xml
    """
    _switch(ctx.obj, source, paused=False)


def _switch(home: Path | None, source: str, *, paused: bool) -> None:
    from bot.console.stream import one_line
    from bot.sources import known_source
    from bot.wiring import opened

    with opened(home) as built:
        location = known_source(built.store, built.settings.sources, source)
        changed = built.store.pause(location) if paused else built.store.resume(location)
    done, already = ("paused", "was paused already") if paused else ("resumed", "was not paused")
    typer.echo(f"{done if changed else already}: {one_line(location)}", err=True)


@app.command()
def forget(ctx: typer.Context, source: Name) -> None:
    """Forget how a source fared that was named by hand; its releases stay.

    Example: communique sources forget ~/Downloads/news
    """
    from bot.console.stream import one_line
    from bot.sources import forget_source
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        location = forget_source(built.store, built.settings.sources, source)
    typer.echo(f"forgotten: {one_line(location)}; its releases stay", err=True)
