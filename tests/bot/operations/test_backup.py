"""Backups: whole while others write, checked on both ways, and never over what is there."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import BackupError
from bot.operations.backup import back_up, restore
from bot.state.ledger import Ledger
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.catalogue import PostgresAddress
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.embedded  # it is homes that are backed up

EMBEDDER = WordEmbedder()
_BACKS_UP = """
import sys
from pathlib import Path
from bot.operations.backup import back_up
back_up(Path(sys.argv[1]), Path(sys.argv[2]))
"""
_KILLED = """
import os, signal, sys
from pathlib import Path
from bot.operations.backup import restore

def link(source, target, put=os.link):
    if target.name == "catalogue.sqlite3":
        os.kill(os.getpid(), signal.SIGKILL)
    put(source, target)

os.link = link
restore(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    with PassageStore(folder, model=EMBEDDER.name) as store:
        for number in range(20):
            keep(store, a_release(f"release{number}", f"The harbour number {number} was opened."), EMBEDDER)
    Ledger(folder / "discord.sqlite3").guilds.set_threads(1, False)
    return folder


def hits(home: Path, question: str) -> list[str]:
    with PassageStore(home, model=EMBEDDER.name) as store:
        found = store.search(question, EMBEDDER.embed_question(question), where=Filter())
        return [hit.release.id for hit in found]


def open_to_others(folder: Path) -> list[str]:
    """What others than the owner may touch below a folder."""
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077]


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def identity(home: Path) -> str:
    """What tells the store's collections on a Chroma server from those of another."""
    with contextlib.closing(sqlite3.connect(home / "catalogue.sqlite3")) as connection:
        return connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()[0]


def refusing(error: int) -> Callable[..., None]:
    """Stands for `os.link` on a file system that refuses."""

    def link(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    return link


def test_a_catalogue_on_a_server_is_not_backed_up_as_a_file(tmp_path: Path) -> None:
    """A home that is left over from before must not be taken for the store; the error says what to use."""
    (tmp_path / "catalogue.sqlite3").touch()

    with pytest.raises(BackupError, match="has its catalogue at postgresql://news@db/news; back that up with pg_dump"):
        back_up(tmp_path, tmp_path / "file.tar.gz", server=PostgresAddress("postgresql://news:hush@db/news"))


def test_a_backup_is_not_put_where_nobody_would_read_it(home: Path, tmp_path: Path) -> None:
    """Files of a home are nothing to a catalogue on a server; the error says what is."""
    back_up(home, tmp_path / "backup.tar.gz")

    with pytest.raises(BackupError, match=r"catalogue at postgresql://news@db/news; restore .* with pg_restore"):
        restore(tmp_path / "backup.tar.gz", tmp_path / "new", server=PostgresAddress("postgresql://news:hush@db/news"))
    assert not (tmp_path / "new").exists()


def test_what_was_backed_up_is_found_after_restoring(home: Path, tmp_path: Path) -> None:
    """With its versions, its feedback and settings; the vector index is built again."""
    made = back_up(home, tmp_path / "backup.tar.gz")

    put_back = restore(tmp_path / "backup.tar.gz", tmp_path / "other")

    assert put_back == made
    assert identity(tmp_path / "other") != identity(home)
    assert sorted(made.parts) == ["catalogue.sqlite3", "discord.sqlite3"]
    assert hits(tmp_path / "other", "harbour 7") == hits(home, "harbour 7")
    assert not Ledger(tmp_path / "other" / "discord.sqlite3").guilds.opens_threads(1)
    with PassageStore(tmp_path / "other", model=EMBEDDER.name) as store:
        assert store.status().consistent


def test_a_backup_in_the_middle_of_an_ingestion_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    """Every release of it is whole: with its passages, its vectors, its words."""
    stop = threading.Event()

    def ingest() -> None:
        with PassageStore(home, model=EMBEDDER.name) as store:
            number = 100
            while not stop.is_set():
                keep(store, a_release(f"release{number}", f"The harbour number {number} was opened."), EMBEDDER)
                number += 1

    writer = threading.Thread(target=ingest)
    writer.start()
    try:
        for number in range(3):
            back_up(home, tmp_path / f"{number}.tar.gz")
    finally:
        stop.set()
        writer.join()

    for number in range(3):
        restore(tmp_path / f"{number}.tar.gz", tmp_path / f"home{number}")
        with contextlib.closing(sqlite3.connect(tmp_path / f"home{number}" / "catalogue.sqlite3")) as catalogue:
            counts = [
                catalogue.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("versions", "passages", "vectors", "words")
            ]
        assert len(set(counts)) == 1
        assert counts[0] >= 20


@pytest.mark.parametrize("error", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_hard_links_takes_a_backup(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """A stick or a share: the file is moved, and over nothing either; any other refusal stays one."""
    file, sound = tmp_path / "file.tar.gz", hits(home, "The harbour number 7 was opened.")
    monkeypatch.setattr(os, "link", refusing(error))

    back_up(home, file)
    restore(file, tmp_path / "new")

    assert not open_to_others(tmp_path / "new")
    assert hits(tmp_path / "new", "The harbour number 7 was opened.") == sound
    with pytest.raises(BackupError, match="is there already"):
        back_up(home, file)
    monkeypatch.setattr(os, "link", refusing(errno.EIO))
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(home, tmp_path / "other.tar.gz")


def test_nothing_is_written_over(home: Path, tmp_path: Path) -> None:
    """Neither a file by a backup nor a store by a restore."""
    file = tmp_path / "backup.tar.gz"
    back_up(home, file)

    with pytest.raises(BackupError, match="is there already"):
        back_up(home, file)
    with pytest.raises(BackupError, match="holds a store already"):
        restore(file, home)


def test_a_home_without_a_store_and_a_folder_that_cannot_be_made_are_told(home: Path, tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "file").touch()

    with pytest.raises(BackupError, match="--home"):
        back_up(tmp_path / "nowhere", tmp_path / "a.tar.gz")
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(home, tmp_path / "file" / "a.tar.gz")


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "text"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(home: Path, tmp_path: Path, damage: str) -> None:
    """Whatever the damage."""
    file = tmp_path / "backup.tar.gz"
    back_up(home, file)
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :])
    elif damage == "foreign":
        with tarfile.open(file, "w:gz") as tar:
            tar.add(home / "catalogue.sqlite3", arcname="../catalogue.sqlite3")
    else:
        file.write_text("no backup")

    with pytest.raises(BackupError, match="backup"):
        restore(file, tmp_path / "other")

    assert not (tmp_path / "other").exists() or list((tmp_path / "other").iterdir()) == []
    assert not (tmp_path / "catalogue.sqlite3").exists()


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(home: Path, tmp_path: Path) -> None:
    """An older backup may be the only whole one."""
    database = home / "discord.sqlite3"
    database.write_bytes(b"no database at all " * 500)

    with pytest.raises(BackupError, match=r"discord\.sqlite3: cannot be read"):
        back_up(home, tmp_path / "backup.tar.gz")

    assert list(tmp_path.iterdir()) == [home]


def test_a_release_that_was_altered_on_the_disk_is_named_and_not_backed_up(home: Path, tmp_path: Path) -> None:
    """A backup of it would take the place of the last that is whole."""
    with contextlib.closing(sqlite3.connect(home / "catalogue.sqlite3")) as connection, connection:
        connection.execute("UPDATE versions SET text = replace(text, 'opened', 'opaned') WHERE release_id = 'release7'")

    with pytest.raises(BackupError, match=r"do not fit their content hash in 1 release \(release7\).*restore FILE"):
        back_up(home, tmp_path / "backup.tar.gz")

    assert list(tmp_path.iterdir()) == [home]


def test_a_database_of_the_bot_that_contradicts_itself_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    """SQLite's integrity check finds an index that does not hold what its table does."""
    with contextlib.closing(sqlite3.connect(home / "discord.sqlite3")) as connection, connection:
        connection.execute("INSERT INTO answers VALUES ('a', '2026-01-01', NULL, 1, '{}')")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, '(moment)', '(payload)') WHERE type = 'index'")

    with pytest.raises(BackupError, match=r"discord\.sqlite3: is damaged .*an older backup may be whole"):
        back_up(home, tmp_path / "backup.tar.gz")


@pytest.mark.usefixtures("open_umask")
def test_backups_and_what_is_restored_are_their_owners_alone(home: Path, tmp_path: Path) -> None:
    """Whatever the umask, and a home that was made beforehand too."""
    back_up(home, tmp_path / "backup.tar.gz")
    for name in ("new", "made"):
        (tmp_path / "made").mkdir(exist_ok=True)
        restore(tmp_path / "backup.tar.gz", tmp_path / name)

        assert open_to_others(tmp_path / name) == []
        with PassageStore(tmp_path / name, model=EMBEDDER.name):
            pass
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "backup.tar.gz").stat().st_mode) == 0o600


def test_a_restore_that_was_killed_between_two_databases_begins_anew(home: Path, tmp_path: Path) -> None:
    """What it had put there was of the backup, and goes; a file of somebody else stays."""
    back_up(home, tmp_path / "backup.tar.gz")
    other = tmp_path / "other"
    run = subprocess.run([sys.executable, "-c", _KILLED, tmp_path / "backup.tar.gz", other], check=False, cwd=ROOT)
    assert run.returncode == -signal.SIGKILL
    assert (other / "discord.sqlite3").exists()
    (other / "communique.toml").touch()

    restore(tmp_path / "backup.tar.gz", other)

    assert sorted(path.name for path in other.iterdir()) == ["catalogue.sqlite3", "communique.toml", "discord.sqlite3"]
    assert hits(other, "harbour 7") == hits(home, "harbour 7")


def test_a_store_that_came_in_between_is_not_written_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody opened a store there while the backup was unpacked."""
    back_up(home, tmp_path / "backup.tar.gz")
    other = tmp_path / "other"

    def opens_a_store(path: Path) -> None:
        (other / "catalogue.sqlite3").write_text("of somebody else")

    monkeypatch.setattr("bot.operations.backup.make_another", opens_a_store)
    with pytest.raises(BackupError, match="holds a store already"):
        restore(tmp_path / "backup.tar.gz", other)

    assert [path.name for path in other.iterdir()] == ["catalogue.sqlite3"]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_backup_that_is_killed_leaves_a_whole_file_or_none(home: Path, tmp_path: Path) -> None:
    """At any moment; and the next one clears what it left beside that."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", _BACKS_UP, home, tmp_path / "first.tar.gz"], cwd=ROOT, check=True)
    longest = time.monotonic() - began
    for number in range(12):
        file = tmp_path / f"{number}.tar.gz"
        process = subprocess.Popen([sys.executable, "-c", _BACKS_UP, home, file], cwd=ROOT)
        time.sleep(random.uniform(longest / 2, longest))
        process.kill()
        process.wait()
        if file.exists():
            restore(file, tmp_path / f"home{number}")

    back_up(home, tmp_path / "last.tar.gz")

    assert not list(tmp_path.glob(".backup-*"))
