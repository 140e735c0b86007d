"""Options that hold for every command or are shared by several: what a shell completes of them, and what they become.

A person waits at every press of the key, so completion loads no settings, model or store: it reads ids of releases,
publishers, sources and languages from the catalogue's file alone. Where there is no file, as with a catalogue on a
server, or none that can be read, nothing is offered and nothing is said.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from bot.cli.edge import LogFormat, Terminated, set_up_logs

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from types import FrameType

    from bot.wiring import Built
    from vectorstore.types import Filter

Offers = list[tuple[str, str]]  # what may be written, with a word about it that some shells show

_MOST = 100  # that are offered; nobody reads more
_IDS = "SELECT release_id, title FROM versions WHERE current AND substr(release_id, 1, ?) = ? ORDER BY 1 DESC LIMIT ?"
_GONE = "SELECT release_id, '' FROM takedowns WHERE allowed IS NULL AND substr(release_id, 1, ?) = ? ORDER BY 1 LIMIT ?"
_PUBLISHERS = (
    "SELECT publisher, count(*) || ' stored' FROM versions"
    " WHERE current AND substr(publisher, 1, ?) = ? GROUP BY 1 ORDER BY 1 LIMIT ?"
)
_LANGUAGES = (
    "SELECT language, count(*) || ' stored' FROM versions"
    " WHERE current AND substr(language, 1, ?) = ? GROUP BY 1 ORDER BY 1 LIMIT ?"
)
_SOURCES = "SELECT location, coalesce(name, '') FROM sources WHERE substr(location, 1, ?) = ? ORDER BY 1 LIMIT ?"


def complete_releases(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - typer brings its own copy of click
    """Ids of stored releases, with their titles."""
    return _found(ctx, _IDS, incomplete)


def complete_taken_down(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Ids of releases that were taken down and stay away."""
    return _found(ctx, _GONE, incomplete)


def complete_publishers(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Publishers of stored releases, with how many each has."""
    return _found(ctx, _PUBLISHERS, incomplete)


def complete_languages(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Codes of languages that releases are stored in, with how many."""
    return _found(ctx, _LANGUAGES, incomplete)


def complete_sources(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Names and locations of the sources in the settings, and locations of those that were named by hand."""
    named = [(one["name"], str(one.get("location", ""))) for one in _listed(ctx) if one.get("name")]
    placed = [(str(one["location"]), str(one.get("name", ""))) for one in _listed(ctx) if one.get("location")]
    offers = dict([*_found(ctx, _SOURCES, incomplete), *placed, *named])
    return [(written, about) for written, about in offers.items() if written.startswith(incomplete)]


def _found(ctx: Any, query: str, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """What a query finds that begins so."""
    import sqlite3

    file = _home(ctx) / "catalogue.sqlite3"
    with contextlib.suppress(sqlite3.Error, OSError):
        if file.is_file():
            with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as catalogue:
                rows = catalogue.execute(query, (len(incomplete), incomplete, _MOST)).fetchall()
            return [(_escaped(written), about) for written, about in rows if written]
    return []


def _escaped(written: str) -> str:
    """As bash needs it, which takes a blank for the end of a word; other shells see to that themselves."""
    return written.replace(" ", "\\ ") if os.environ.get("_COMMUNIQUE_COMPLETE") == "complete_bash" else written


def _home(ctx: Any) -> Path:  # noqa: ANN401 - as above
    """The home that is meant, found as `bot.settings.load_settings` finds it."""
    chosen = ctx.obj or ctx.find_root().params.get("home") or os.environ.get("COMMUNIQUE_HOME")
    if chosen is None:
        import platformdirs

        default = platformdirs.user_data_dir("communique", appauthor=False)
        chosen = _settings(Path("communique.toml")).get("home", default)
    return Path(str(chosen)).expanduser()


def _listed(ctx: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
    """The sources that the settings name."""
    here = Path("communique.toml")
    found = _settings(here if here.is_file() else _home(ctx) / "communique.toml").get("sources")
    yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _settings(file: Path) -> dict[str, Any]:
    import tomllib

    with contextlib.suppress(OSError, ValueError):
        return tomllib.loads(file.read_text(encoding="utf-8"))
    return {}


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        "-l",
        metavar="CODE",
        help="Only releases in this language, as in `fr`; repeatable.",
        autocompletion=complete_languages,
    ),
]
Publishers = Annotated[
    list[str] | None,
    typer.Option(
        "--publisher",
        metavar="NAME",
        help="Only releases of this publisher, in capitals or not; repeatable.",
        autocompletion=complete_publishers,
    ),
]
Since = Annotated[
    str | None, typer.Option(metavar="DAY", help="Only releases published on this day or later, as in 2024-10-17.")
]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="Only releases published on this day or earlier.")]

AsOf = Annotated[
    str | None, typer.Option(metavar="DAY", help="Answer as if it were this day: nothing published later.")
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="PROVIDER:MODEL",
        help="Language model that writes the answer, as in openai:gpt-5-mini or ollama:mistral; `none` for no model.",
    ),
]


# What holds for every command stands before it or behind it: `communique --home H ask …`, `communique ask … --home H`.
Home = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with the store; by default COMMUNIQUE_HOME, else the platform's folder for user data.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print more on stderr.")]
LogLines = Annotated[
    LogFormat, typer.Option("--log", help="How stderr is written: lines for people, or JSON for machines.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"communique {version('communique')}")
        raise typer.Exit


def communique(
    ctx: typer.Context,
    home: Home = None,
    verbose: Verbose = False,
    log_format: LogLines = LogFormat.TEXT,
    _version: Annotated[
        bool | None, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = None,
) -> None:
    """Set what applies to every command."""
    ctx.obj = home
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no « is no reason to fail
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # nor is one line in another encoding to end a conversation
    set_up_logs(log_format, verbose=verbose)
    signal.signal(signal.SIGTERM, _interrupt)
    os.umask(0o077)  # what Chroma and tantivy make is for its owner alone, as all else in a home; so are backups


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM ends a command as Ctrl-C does: in good order."""
    raise Terminated


def in_words(words: list[str]) -> str:
    """A question from an argument or several: who leaves out the quotation marks is shown what is asked."""
    question = " ".join(words)
    if len(words) > 1:
        from bot.cli.rendering.answers import print_remark

        print_remark(f"asked: {question}")
    return question


def read_filter(
    built: Built, languages: list[str] | None, publishers: list[str] | None, since: str | None, until: str | None
) -> Filter:
    """The filter that options ask for, publishers as the store writes them; misuse where one cannot be read."""
    if not (languages or publishers or since or until):
        from vectorstore.types import Filter

        return Filter()
    from bot.operations.names import filter_of, publishers_meant

    codes = [read_language("--language", language) for language in languages or ()]
    first, last = read_moment("--since", since, built.zone), read_moment("--until", until, built.zone)
    where = filter_of([code for code in codes if code], publishers or (), since=first, until=last)
    if where.since and where.until and where.since >= where.until:
        raise typer.BadParameter(f"{until!r} is before --since, {since!r}; swap the two", param_hint="--until")
    return publishers_meant(built.store, where) if where.publishers else where


def read_language(option: str, text: str | None) -> str | None:
    """A language code in lower case without its region (`fr-CH` gives `fr`); misuse where it is none."""
    if text is None:
        return None
    from bot.operations.names import language_of

    with _misuse_of(option):
        return language_of(text)


def read_moment(option: str, text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """A moment in `zone` from a date as people write it; misuse where it is none."""
    if text is None:
        return None
    from bot.operations.names import moment_of

    with _misuse_of(option):
        return moment_of(text, zone)


@contextlib.contextmanager
def _misuse_of(option: str) -> Iterator[None]:
    try:
        yield
    except ValueError as exc:
        raise typer.BadParameter(str(exc), param_hint=option) from exc


_NO_TEXT = re.compile("[\ud800-\udfff]")  # what stands for bytes that are not UTF-8
_MAY_BE_PATHS = frozenset({"sources", "names", "source"})


def _everywhere(home: Home = None, verbose: Verbose = False, log_format: LogLines = LogFormat.TEXT) -> None:
    """Stands for a command that has nothing but what holds for all of them."""


_ALONE = typer.Typer(add_completion=False)
_ALONE.command()(_everywhere)
_GLOBAL_OPTIONS: list[Any] = list(typer.main.get_command(_ALONE).params)


class Command(TyperCommand):
    """A command that takes the options of the whole program too, behind its name.

    It is refused words in another encoding, as misuse; a path is taken whatever its bytes are.
    """

    def __init__(self, *args: Any, params: list[Any] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - as below
        named = {option for param in params or () for option in param.opts}
        more = [param for param in _GLOBAL_OPTIONS if not named & {*param.opts}]
        super().__init__(*args, params=[*(params or ()), *more], **kwargs)
        self._of_all = [param.name for param in more]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer brings its own copy of click
        """Read the arguments, and look through what they gave."""
        rest = super().parse_args(ctx, args)
        nearer = {}  # than their like before the command, over which they win
        for name in self._of_all:
            value, source = ctx.params.pop(name), ctx.get_parameter_source(name)
            if source is not None and source.name == "COMMANDLINE":
                nearer[name] = value
        ctx.obj = nearer.pop("home", ctx.obj)
        if nearer and not ctx.resilient_parsing:
            chosen = ctx.find_root().params | nearer
            set_up_logs(chosen["log_format"], verbose=chosen["verbose"])
        for param in () if ctx.resilient_parsing else self.params:
            given = ctx.params.get(param.name)
            for value in given if isinstance(given, Iterable) and not isinstance(given, str) else (given,):
                if fault := _fault(value, may_be_path=param.name in _MAY_BE_PATHS):
                    raise typer.BadParameter(fault, ctx=ctx, param=param)  # type: ignore[arg-type]
        return rest


def all_of(app: typer.Typer, kind: type[Command]) -> None:
    """Make every command of an application, and of those within it, one of this kind."""
    for command in app.registered_commands:
        command.cls = kind
    for group in app.registered_groups:
        if group.typer_instance:
            all_of(group.typer_instance, kind)


def _fault(value: object, *, may_be_path: bool) -> str | None:
    if isinstance(value, int) and value > sys.maxsize:
        return "is too large; write a smaller number"
    if not isinstance(value, str) or not _NO_TEXT.search(value) or (may_be_path and os.path.lexists(value)):
        return None
    fix = "set the terminal to UTF-8, or check the path" if may_be_path else "set the terminal to UTF-8"
    return f"{value!r} holds bytes that are not UTF-8; {fix}"
