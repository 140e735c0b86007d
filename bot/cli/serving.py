"""`communique serve`."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    ctx: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; by default 127.0.0.1. Any other needs a token.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; by default 8000. 0 finds a free one.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Answer on a web page and over HTTP until Ctrl-C or SIGTERM; the address is printed once it answers.

    The token, if people are to sign in, is read from COMMUNIQUE_WEB__TOKEN, or from the file that web.token_file names.

    Example: communique serve --port 8080
    """
    from bot.web.server import serve
    from bot.wiring import opened

    def ready(address: str) -> None:
        typer.echo(address)
        if open_page:
            typer.launch(address)

    with opened(ctx.obj) as built, built.metrics.served(built.settings.metrics):
        serve(built, host=host, port=port, ready=ready)
