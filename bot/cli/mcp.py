"""`communique mcp`: the releases as tools for assistants."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ModelName

if TYPE_CHECKING:
    from bot.settings import McpSettings


def mcp(
    ctx: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP instead of stdin and stdout.")] = False,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; one beyond this machine needs a token.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    model: ModelName = None,
) -> None:
    """Offer the releases to assistants over the Model Context Protocol: ask, search, release, latest.

    An assistant starts the command by itself and speaks with it over stdin and stdout; docs/assistants.md says how to
    configure it. With --http the command serves until Ctrl-C or SIGTERM.

    Example: communique mcp --http --port 8750
    """
    from bot.errors import McpError
    from bot.wiring import opened

    if find_spec("mcp") is None:
        raise McpError("needs the protocol's SDK, which is not installed; pip install 'communique[mcp]'")
    from bot.mcp.server import new_server, run_over_http, run_over_stdio

    with opened(ctx.obj, model=model) as built:
        server = new_server(built)
        if not http:
            if sys.stdin.isatty():
                typer.echo("waiting for an assistant, which starts this command by itself; Ctrl-C ends it", err=True)
            run_over_stdio(server)
            return
        run_over_http(server, _chosen(built.settings.mcp, host, port), _announce)


def _chosen(settings: McpSettings, host: str | None, port: int | None) -> McpSettings:
    given = {"host": host, "port": port}
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def _announce(address: str) -> None:
    typer.echo(f"serving at {address}", err=True)
