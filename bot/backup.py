"""A backup of a home: its databases as of one moment, in one file. The vector index is built anew from them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import BackupError
from vectorstore.schema import make_another

if TYPE_CHECKING:
    from vectorstore.catalogue.address import PostgresAddress

CATALOGUE = "catalogue.sqlite3"
_PARTS = (CATALOGUE, "pages.sqlite3", "usage.sqlite3", "discord.sqlite3")
_MANIFEST = "manifest.json"
_FORMAT = 1
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the databases by their names in the home, and their bytes; `moment` is when it was made."""

    moment: datetime
    parts: dict[str, int]


def back_up(home: Path, file: Path, *, server: PostgresAddress | None = None) -> Backup:
    """Write the databases of a home into a new file, each whole and checked, while others may read and write them.

    Raises BackupError where the catalogue is on a server, there is nothing to back up, a database is damaged, or the
    file cannot be written.
    """
    if server:
        raise BackupError(home, f"has its catalogue at {server}; back that up with pg_dump")
    if not (home / CATALOGUE).is_file():
        raise BackupError(home, "holds no store; name the home with --home")
    if file.exists():
        raise BackupError(file, "is there already; name another file")
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as folder:
            copies = [_copy(home / name, Path(folder) / name) for name in _PARTS if (home / name).is_file()]
            made = Backup(datetime.now(UTC), {copy.name: copy.stat().st_size for copy in copies})
            packed = Path(folder) / "packed"
            _pack(packed, copies, made)
            os.link(packed, file)  # all of it or nothing, and never over a file that came in between
    except OSError as exc:
        raise BackupError(file, f"cannot be written ({exc.strerror or exc})") from exc
    return made


def restore(file: Path, home: Path, *, server: PostgresAddress | None = None) -> Backup:
    """Put the databases of a backup into a home that holds none.

    Raises BackupError where the catalogue is on a server, the home holds a store, or the file is no whole backup;
    nothing is left behind then.
    """
    if server:
        raise BackupError(home, f"has its catalogue at {server}; restore that with pg_restore")
    if any((home / name).exists() for name in (*_PARTS, "chroma", "words")):
        raise BackupError(home, "holds a store already; restore into another home, or move this one away")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder, tarfile.open(file) as packed:
            told = _manifest(packed, file)
            for name in told["parts"]:
                _unpack(packed, file, name, told["parts"][name], Path(folder) / name)
            make_another(Path(folder) / CATALOGUE)
            for name in sorted(told["parts"], key=lambda one: one == CATALOGUE):  # a home is a store when it comes
                (Path(folder) / name).rename(home / name)
    except (tarfile.TarError, EOFError, zlib.error, sqlite3.Error) as exc:
        raise BackupError(file, f"is no whole backup ({exc}); take another") from exc
    except OSError as exc:
        raise BackupError(file, f"cannot be restored ({exc.strerror or exc})") from exc
    return Backup(datetime.fromisoformat(told["moment"]), {name: one["bytes"] for name, one in told["parts"].items()})


def _copy(database: Path, copy: Path) -> Path:
    """SQLite's own backup: one state, whatever is written meanwhile."""
    try:
        with (
            contextlib.closing(sqlite3.connect(database, timeout=30)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            (found,) = target.execute("PRAGMA quick_check").fetchone()
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    except sqlite3.Error as exc:
        raise BackupError(database, f"cannot be read ({exc})") from exc
    if found != "ok":
        raise BackupError(database, f"is damaged ({found}); an older backup may be whole")
    return copy


def _pack(packed: Path, copies: list[Path], made: Backup) -> None:
    told = {
        "format": _FORMAT,
        "communique": version("communique"),
        "moment": made.moment.isoformat(),
        "parts": {one.name: {"bytes": one.stat().st_size, "sha256": _digest(one)} for one in copies},
    }
    manifest = packed.with_name(_MANIFEST)
    manifest.write_text(json.dumps(told, indent=1), encoding="utf-8")
    with tarfile.open(packed, "w:gz", compresslevel=3) as tar:
        for one in (manifest, *copies):
            tar.add(one, arcname=one.name)


def _manifest(packed: tarfile.TarFile, file: Path) -> dict[str, Any]:
    try:
        stream = packed.extractfile(_MANIFEST)
        told: dict[str, Any] = json.loads(stream.read()) if stream else {}
    except (KeyError, ValueError) as exc:
        raise BackupError(file, "is no backup of communique") from exc
    if told.get("format") != _FORMAT:
        raise BackupError(file, f"has format {told.get('format')}, this version reads {_FORMAT}; upgrade communique")
    if CATALOGUE not in told["parts"] or not set(told["parts"]) <= set(_PARTS):
        raise BackupError(file, "is no backup of communique")
    return told


def _unpack(packed: tarfile.TarFile, file: Path, name: str, told: dict[str, Any], to: Path) -> None:
    """One database, compared with what the manifest says of it. Names come from us, never from the file."""
    stream = packed.extractfile(name)
    if stream is None:
        raise BackupError(file, f"lacks {name}; take another backup")
    with to.open("wb") as target:
        for block in iter(lambda: stream.read(_BLOCK), b""):
            target.write(block)
    if _digest(to) != told["sha256"]:
        raise BackupError(file, f"is damaged at {name}; take another backup")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
