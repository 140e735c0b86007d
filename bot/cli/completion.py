"""What a shell may complete: ids of releases, publishers, sources, languages, read from the catalogue's file alone.

A person waits at every press of the key, so nothing here loads settings, a model or a store. Where there is no file,
as with a catalogue on a server, or none that can be read, nothing is offered and nothing is said.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def releases(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - typer brings its own copy of click
    """Ids of stored releases, with their titles."""
    return _found(ctx, _IDS, incomplete)


def taken_down(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Ids of releases that were taken down and stay away."""
    return _found(ctx, _GONE, incomplete)


def publishers(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Publishers of stored releases, with how many each has."""
    return _found(ctx, _PUBLISHERS, incomplete)


def languages(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
    """Codes of languages that releases are stored in, with how many."""
    return _found(ctx, _LANGUAGES, incomplete)


def sources(ctx: Any, incomplete: str) -> Offers:  # noqa: ANN401 - as above
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
