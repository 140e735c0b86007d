"""Backups of a home: its databases in one file, each whole and verified, and put back into a home that holds none.

Both work in a scratch folder, which one process holds and removes; where it was killed, the next one does.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
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
from vectorstore.catalogue.sqlite import SqliteFile, integrity_of, make_another
from vectorstore.home import PRIVATE_FILE, create_private, make_private
from vectorstore.status import faults_in, summary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vectorstore.catalogue import PostgresAddress


@contextlib.contextmanager
def scratch_folder(parent: Path, prefix: str, names: Collection[str]) -> Iterator[Path]:
    """A new folder in `parent`, for its owner alone, removed at the end with what it holds.

    First those go that killed processes left: they begin with `prefix`, and hold nothing but what begins with `names`.
    """
    for left, held in abandoned(parent, prefix, names):
        _remove(left, held)
    folder, held = _made(parent, prefix)
    try:
        yield folder
    finally:
        _remove(folder, held)


def abandoned(parent: Path, prefix: str, names: Collection[str]) -> Iterator[tuple[Path, int]]:
    """Folders that killed processes left, each with a descriptor that holds it for this one until that is closed.

    A process holds its folder by a lock on it, which goes when the process does, however that ends.
    """
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or not all(entry.name.startswith(tuple(names)) for entry in folder.iterdir()):
                continue  # of somebody else
            held = _hold(folder)
            if held is not None:
                yield folder, held


def _made(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:  # another process may take it for an abandoned one before it is held
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with contextlib.suppress(FileNotFoundError):
            held = _hold(folder)
            if held is not None and folder.is_dir():
                return folder, held
            if held is not None:
                os.close(held)


def _hold(folder: Path) -> int | None:
    """A descriptor that locks a folder; None where another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)


_CATALOGUE = "catalogue.sqlite3"
_PARTS = (_CATALOGUE, "pages.sqlite3", "usage.sqlite3", "discord.sqlite3")
_MANIFEST, _PACKED = "manifest.json", "packed"
_BACKUP, _RESTORE = ".backup-", ".restore-"
_SCRATCH = (*_PARTS, _MANIFEST, _PACKED)
_FORMAT = 1
_BLOCK = 2**20
_HELD = "holds a store already; restore into another home, or move this one away"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the databases by their names in the home, and their bytes; `moment` is when it was made."""

    moment: datetime
    parts: dict[str, int]


def back_up(home: Path, file: Path, *, server: PostgresAddress | None = None) -> Backup:
    """Write the databases of a home into a new file, each whole and verified, while others may read and write them.

    Its name ends with .tar.gz or .tgz, since that is what it is; its folder is made. The file is its owner's alone.
    Killed at any moment, this leaves the whole file or none. Raises BackupError where the catalogue is on a server,
    there is nothing to back up, a database is damaged, or the file cannot be called so or not be written.
    """
    if server:
        raise BackupError(home, f"has its catalogue at {server}; back that up with pg_dump")
    if not (home / _CATALOGUE).is_file():
        raise BackupError(home, "holds no store; name the home with --home")
    _must_fit(file)
    try:
        _make_folder(file.absolute().parent, file)
        with scratch_folder(file.absolute().parent, _BACKUP, _SCRATCH) as folder:
            copies = [_copy(home / name, folder / name) for name in _PARTS if (home / name).is_file()]
            made = Backup(datetime.now(UTC), {copy.name: copy.stat().st_size for copy in copies})
            _pack(folder / _PACKED, copies, made)
            _put([folder / _PACKED], [file.absolute()])
    except FileExistsError as exc:
        raise BackupError(file, "is there already; name another file") from exc
    except OSError as exc:
        raise BackupError(file, f"cannot be written ({exc.strerror or exc})") from exc
    return made


def restore(file: Path, home: Path, *, server: PostgresAddress | None = None) -> Backup:
    """Put the databases of a backup into a home that holds none.

    Raises BackupError where the catalogue is on a server, the home holds a store, or the file is no whole backup;
    nothing is left behind then, nor is the home made for what is no backup at all.
    """
    if server:
        raise BackupError(home, f"has its catalogue at {server}; restore that with pg_restore")
    _must_be_backup(file)
    try:
        make_private(home)
        _undo_unfinished(home)
        if any((home / name).exists() for name in (*_PARTS, "chroma", "words")):
            raise BackupError(home, _HELD)
        with scratch_folder(home, _RESTORE, _SCRATCH) as folder, tarfile.open(file) as packed:
            told = _manifest(packed, file)
            for name in told["parts"]:
                _unpack(packed, file, name, told["parts"][name], folder / name)
            make_another(folder / _CATALOGUE)
            names = sorted(told["parts"], key=lambda one: one == _CATALOGUE)  # a home is a store when it comes
            _put([folder / name for name in names], [home / name for name in names])
    except (tarfile.TarError, EOFError, zlib.error, sqlite3.Error) as exc:
        raise BackupError(file, f"is no whole backup ({exc}); take another") from exc
    except FileExistsError as exc:
        raise BackupError(home, _HELD) from exc
    except OSError as exc:
        raise BackupError(file, f"cannot be restored ({exc.strerror or exc})") from exc
    return Backup(datetime.fromisoformat(told["moment"]), {name: one["bytes"] for name, one in told["parts"].items()})


_SUFFIXES = (".tar.gz", ".tgz")


def _must_fit(file: Path) -> None:
    """Raise BackupError where a backup cannot be called so."""
    if file.is_dir():
        raise BackupError(file, f"is a folder; name a file in it, as in {file / 'communique.tar.gz'}")
    if file.exists():
        raise BackupError(file, "is there already; name another file")
    if not file.name.lower().endswith(_SUFFIXES):
        better = file.with_name(f"{file.stem if file.suffix else file.name}.tar.gz")
        raise BackupError(file, f"does not end with .tar.gz, which a backup is; name it {better}")


def _make_folder(folder: Path, file: Path) -> None:
    """Raises BackupError where a file stands in its place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as exc:
        raise BackupError(file, f"cannot be written ({folder} is no folder)") from exc


def _must_be_backup(file: Path) -> None:
    """Raise BackupError for what is plainly something else; what is damaged further in is noticed when it is read."""
    with contextlib.suppress(OSError, EOFError, zlib.error):
        if file.is_dir() or not tarfile.is_tarfile(file):
            raise BackupError(file, "is no backup of communique; name a file that `communique backup` wrote")


def _copy(database: Path, copy: Path) -> Path:
    """SQLite's own backup, verified: one state, whatever is written meanwhile."""
    create_private(copy)
    try:
        with (
            contextlib.closing(sqlite3.connect(database, timeout=30)) as source,
            contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            _must_be_whole(database, target)
    except sqlite3.Error as exc:
        raise BackupError(database, f"cannot be read ({exc}); an older backup may be whole") from exc
    return copy


def _must_be_whole(database: Path, copy: sqlite3.Connection) -> None:
    """Raise BackupError where a database is damaged, as its copy shows: nobody is held up while that is looked at."""
    if database.name == _CATALOGUE:
        faults = list(faults_in(copy, SqliteFile(database)))
        if faults:
            raise BackupError(database, summary(faults))
    elif broken := integrity_of(copy):
        raise BackupError(database, f"is damaged ({broken[0]}); an older backup may be whole")


def _put(files: list[Path], to: list[Path]) -> None:
    """Give files these names, all or none, once they are on the disk. Raises FileExistsError where one is taken."""
    for file in files:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    with contextlib.ExitStack() as undo:
        for file, name in zip(files, to, strict=True):
            _put_one(file, name)
            undo.callback(name.unlink)
        undo.pop_all()
    folder = os.open(to[0].parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What file systems without hard links say: FAT, exFAT, many shares."""


def _put_one(file: Path, name: Path) -> None:
    """Give a file this name, as one more, or instead of its own where the file system knows no hard links.

    Raises FileExistsError where the name is taken: there it is taken first, by an empty file, which is then replaced.
    """
    try:
        os.link(file, name)
        return
    except OSError as exc:
        if exc.errno not in _NO_LINKS:
            raise
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    try:
        file.replace(name)
    except BaseException:
        name.unlink()
        raise


def _undo_unfinished(home: Path) -> None:
    """Take away what a restore put into a home before it was killed; with the catalogue, its last, it was whole."""
    if (home / _CATALOGUE).exists():
        return
    for left, held in abandoned(home, _RESTORE, _SCRATCH):
        for part in left.iterdir():
            placed = home / part.name
            if placed.exists() and placed.samefile(part):
                placed.unlink()
        os.close(held)


def _pack(packed: Path, copies: list[Path], made: Backup) -> None:
    told = {
        "format": _FORMAT,
        "communique": version("communique"),
        "moment": made.moment.isoformat(),
        "parts": {one.name: {"bytes": one.stat().st_size, "sha256": _digest(one)} for one in copies},
    }
    manifest = packed.with_name(_MANIFEST)
    manifest.write_text(json.dumps(told, indent=1), encoding="utf-8")
    create_private(packed)
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
    if _CATALOGUE not in told["parts"] or not set(told["parts"]) <= set(_PARTS):
        raise BackupError(file, "is no backup of communique")
    return told


def _unpack(packed: tarfile.TarFile, file: Path, name: str, told: dict[str, Any], to: Path) -> None:
    """One database, compared with what the manifest says of it. Names come from us, never from the file."""
    stream = packed.extractfile(name)
    if stream is None:
        raise BackupError(file, f"lacks {name}; take another backup")
    create_private(to)
    with to.open("wb") as target:
        for block in iter(lambda: stream.read(_BLOCK), b""):
            target.write(block)
    if _digest(to) != told["sha256"]:
        raise BackupError(file, f"is damaged at {name}; take another backup")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
