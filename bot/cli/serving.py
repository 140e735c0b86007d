"""`communique serve`, `mcp` and `discord`: what answers until it is stopped."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ModelName

if TYPE_CHECKING:
    from bot.settings import McpSettings


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


def mcp(
    ctx: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP instead of stdin and stdout.")] = False,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; one beyond this machine needs a token.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    model: ModelName = None,
) -> None:
    """Offer the releases to assistants over the Model Context Protocol: ask, search, release, latest, timeline.

    An assistant starts the command by itself and speaks with it over stdin and stdout; docs/assistants.md says how to
    configure it. With --http the command serves until Ctrl-C or SIGTERM.

    Example: communique mcp --http --port 8750
    """
    from bot.errors import McpError
    from bot.wiring import opened

    if find_spec("mcp") is None:
        cause = "needs the protocol's SDK, which is not installed"
        raise McpError(f"{cause}; run pip install '.[mcp]' in the folder of the source")
    from bot.mcp import new_server, run_over_http, run_over_stdio

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


discord = typer.Typer(no_args_is_help=True, help="Answer on Discord.")


@discord.command()
def run(ctx: typer.Context) -> None:
    """Answer questions on Discord until Ctrl-C or SIGTERM.

    The token is read from COMMUNIQUE_DISCORD__TOKEN, or from the file that discord.token_file names.

    Example: COMMUNIQUE_DISCORD__TOKEN=… communique discord run
    """
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = built.settings.discord.read_token()
        from bot.discord.client import run as run_bot

        with built.metrics.served(built.settings.metrics):
            run_bot(built, token)


@discord.command()
def sync(ctx: typer.Context) -> None:
    """Register the slash commands; `run` does it too when it starts.

    Example: communique discord sync
    """
    from bot.cli.rendering import counted
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = built.settings.discord.read_token()
        from bot.discord.client import sync as sync_commands

        typer.echo(f"registered {counted(sync_commands(built, token), 'command')}")


@discord.command()
def invite(ctx: typer.Context) -> None:
    """Print the link by which a guild adds the bot, with the permissions that it needs.

    Example: communique discord invite
    """
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = built.settings.discord.read_token()
        from bot.discord.client import invitation

        typer.echo(invitation(built, token))
