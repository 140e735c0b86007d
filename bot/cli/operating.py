"""What an operator does: `communique status`, `rebuild`, `migrate`, `backup` and `restore` look after a store.

`settings` says what is set and what is wrong with it, and `doctor` whether all parts are well. `serve`, `mcp` and
`discord` answer until they are stopped.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import AsJson, ModelName

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.operations.health import Finding
    from bot.settings import McpSettings
    from bot.wiring import Built


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
    from bot.operations.names import source_states
    from bot.wiring import opened
    from vectorstore.errors import CatalogueDamagedError, CatalogueError
    from vectorstore.status import summary

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


settings = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show and check the settings, and print an example of them."
)


@settings.command("show")
def show_settings(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting, and whether it comes from an option, the environment, the file, or is the default.

    Secrets are not shown.

    Example: communique settings show
    """
    from bot.cli.rendering.operations import print_settings
    from bot.settings import read_given
    from bot.settings.display import in_force

    given = read_given(ctx.obj)
    print_settings(in_force(given), given.file, as_json=as_json)


@settings.command("check")
def name_faults(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Name what is wrong in the file and in the environment, with the nearest right name; exit code 1 if anything is.

    Example: communique settings check
    """
    from bot.cli.rendering.operations import print_faults
    from bot.settings import read_given

    given = read_given(ctx.obj)
    faults = given.faults()
    print_faults(faults, given.file, as_json=as_json)
    if faults:
        raise typer.Exit(1)


@settings.command("example")
def print_example() -> None:
    """Print a settings file that names every setting, each with its default or an example, commented out.

    Example: communique settings example > communique.toml
    """
    from bot.settings.display import example

    sys.stdout.write(example())


_LONGEST = 20.0  # seconds that one part is looked at; comparing every id of a large store takes some


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Look at every part: settings, permissions, disk, store, models, network, language model, Discord token.

    A line each, with what mends it; the exit code is 1 if anything failed. A language model is asked one short
    question. No part is looked at for more than 20 seconds, and no secret is shown.

    Example: communique doctor --json
    """
    from bot.cli.rendering.operations import print_diagnoses
    from bot.operations.health import check_settings, close_in_time, examine
    from bot.settings import read_given

    built = _built(ctx.obj)
    checks = {"settings": lambda: check_settings(read_given(ctx.obj))} | (_checks(built) if built else {})
    try:
        healthy = print_diagnoses(examine(checks, seconds=_LONGEST), as_json=as_json)
    finally:
        if built:
            close_in_time(built.close)
    if not healthy:
        raise typer.Exit(1)


def _built(home: Path | None) -> Built | None:
    """What the other checks look at; None where the settings are impossible, of which the first check says more."""
    from bot.errors import SettingsError
    from bot.settings import read_given
    from bot.wiring import Built

    try:
        return Built(read_given(home).checked())
    except SettingsError:
        return None


def _checks(built: Built) -> dict[str, Callable[[], Finding]]:
    from bot.operations import health

    chosen = built.settings
    return {
        "permissions": lambda: health.check_permissions(chosen.home),
        "disk": lambda: health.check_disk(chosen.home),
        "store": lambda: _store(built),
        "model": lambda: health.check_model(built.embedder, built.reader, _finding(built)),
        "network": lambda: health.check_network(chosen.sources),
        "language model": lambda: health.check_language_model(built.model),
        "discord token": lambda: _discord(built),
    }


def _has_store(built: Built) -> bool:
    """Whether there is one: looking must make none."""
    return bool(built.settings.store.database) or (built.settings.home / "catalogue.sqlite3").exists()


def _store(built: Built) -> Finding:
    from bot.operations.health import Finding, check_store

    if not _has_store(built):
        return Finding("warn", "nothing is stored", "`communique ingest FOLDER`")
    return check_store(built.store)


def _finding(built: Built) -> Callable[[str], object] | None:
    return partial(built.retriever.find, limit=1) if _has_store(built) else None


def _discord(built: Built) -> Finding:
    from bot.operations.health import Finding

    chosen = built.settings.discord
    if not chosen.token and chosen.token_file is None:
        return Finding("ok", "none is set; it is needed on Discord alone")
    token = chosen.read_token()
    from bot.discord.client import invitation

    invitation(built, token)
    return Finding("ok", "Discord accepts it")


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

    if not http and (host or port):
        raise typer.BadParameter("only --http listens anywhere; add it", param_hint="--host" if host else "--port")
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
