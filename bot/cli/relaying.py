"""`communique discord`: run the bot, register its commands, invite it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pydantic import SecretStr

    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Answer on Discord.")


@app.command()
def run(ctx: typer.Context) -> None:
    """Answer questions on Discord until Ctrl-C or SIGTERM.

    The token is read from COMMUNIQUE_DISCORD__TOKEN, or from the file that discord.token_file names.

    Example: COMMUNIQUE_DISCORD__TOKEN=… communique discord run
    """
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = _token(built.settings)
        from bot.discord.client import run as run_bot

        with built.metrics.served(built.settings.metrics):
            run_bot(built, token)


@app.command()
def sync(ctx: typer.Context) -> None:
    """Register the slash commands; `run` does it too when it starts.

    Example: communique discord sync
    """
    from bot.cli.rendering.stream import counted
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = _token(built.settings)
        from bot.discord.client import sync as sync_commands

        typer.echo(f"registered {counted(sync_commands(built, token), 'command')}")


@app.command()
def invite(ctx: typer.Context) -> None:
    """Print the link by which a guild adds the bot, with the permissions that it needs.

    Example: communique discord invite
    """
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        token = _token(built.settings)
        from bot.discord.client import invitation

        typer.echo(invitation(built, token))


def _token(settings: Settings) -> SecretStr:
    return settings.discord.read_token()
