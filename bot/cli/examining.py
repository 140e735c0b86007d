"""`communique settings`, what is set and what is wrong with it, and `doctor`, whether all parts are well."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from bot.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.operations.doctor import Finding
    from bot.wiring import Built

settings = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show and check the settings, and print an example of them."
)


@settings.command()
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting, and whether it comes from an option, the environment, the file, or is the default.

    Secrets are not shown.

    Example: communique settings show
    """
    from bot.cli.rendering.settings import print_settings
    from bot.settings import in_force, read_given

    given = read_given(ctx.obj)
    print_settings(in_force(given), given.file, as_json=as_json)


@settings.command()
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Name what is wrong in the file and in the environment, with the nearest right name; exit code 1 if anything is.

    Example: communique settings check
    """
    from bot.cli.rendering.settings import print_faults
    from bot.settings import read_given

    given = read_given(ctx.obj)
    faults = given.faults()
    print_faults(faults, given.file, as_json=as_json)
    if faults:
        raise typer.Exit(1)


@settings.command()
def example() -> None:
    """Print a settings file that names every setting, each with its default or an example, commented out.

    Example: communique settings example > communique.toml
    """
    from bot.cli.rendering.settings import print_example
    from bot.settings.example import example as text

    print_example(text())


_LONGEST = 20.0  # seconds that one part is looked at; comparing every id of a large store takes some


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Look at every part: settings, permissions, disk, store, models, network, language model, Discord token.

    A line each, with what mends it; the exit code is 1 if anything failed. A language model is asked one short
    question. No part is looked at for more than 20 seconds, and no secret is shown.

    Example: communique doctor --json
    """
    from bot.cli.rendering.settings import print_diagnoses
    from bot.operations.doctor import check_settings, close_in_time, examine
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
    from bot.operations import doctor

    chosen = built.settings
    return {
        "permissions": lambda: doctor.check_permissions(chosen.home),
        "disk": lambda: doctor.check_disk(chosen.home),
        "store": lambda: _store(built),
        "model": lambda: doctor.check_model(built.embedder, built.reader, _finding(built)),
        "network": lambda: doctor.check_network(chosen.sources),
        "language model": lambda: doctor.check_language_model(built.model),
        "discord token": lambda: _discord(built),
    }


def _has_store(built: Built) -> bool:
    """Whether there is one: looking must make none."""
    return bool(built.settings.store.database) or (built.settings.home / "catalogue.sqlite3").exists()


def _store(built: Built) -> Finding:
    from bot.operations.doctor import Finding, check_store

    if not _has_store(built):
        return Finding("warn", "nothing is stored", "`communique ingest FOLDER`")
    return check_store(built.store)


def _finding(built: Built) -> Callable[[str], object] | None:
    return partial(built.retriever.find, limit=1) if _has_store(built) else None


def _discord(built: Built) -> Finding:
    from bot.operations.doctor import Finding

    chosen = built.settings.discord
    if not chosen.token and chosen.token_file is None:
        return Finding("ok", "none is set; it is needed on Discord alone")
    token = chosen.read_token()
    from bot.discord.client import invitation

    invitation(built, token)
    return Finding("ok", "Discord accepts it")
