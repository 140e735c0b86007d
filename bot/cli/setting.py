"""`communique settings`: what is set and where, what is wrong with it, and the example file."""

from __future__ import annotations

import typer

from bot.cli.options import AsJson

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show and check the settings, and print an example of them."
)


@app.command()
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting, and whether it comes from an option, the environment, the file, or is the default.

    Secrets are not shown.

    Example: communique settings show
    """
    from bot.cli.rendering.settings import print_settings
    from bot.settings import in_force, read_given

    given = read_given(ctx.obj)
    print_settings(in_force(given), given.file, as_json=as_json)


@app.command()
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


@app.command()
def example() -> None:
    """Print a settings file that names every setting, each with its default or an example, commented out.

    Example: communique settings example > communique.toml
    """
    from bot.cli.rendering.settings import print_example
    from bot.settings.example import example as text

    print_example(text())
