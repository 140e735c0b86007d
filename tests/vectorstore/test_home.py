"""A home is its owner's alone, from the first moment on, whatever the umask."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.state.ledger import Ledger
from ingest.fetch.cache import PageCache
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.errors import CatalogueError
from vectorstore.home import create_private, make_usable
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.embedded  # it is files that are looked at

EMBEDDER = WordEmbedder()
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with both of its indexes published."""
    folder = tmp_path / "home"
    with PassageStore(folder, model=EMBEDDER.name, exact_up_to=0) as store:
        keep(store, a_release("one", "The harbour was opened. The minister spoke."), EMBEDDER)
    return folder


def open_to_others(home: Path) -> list[str]:
    """What others than the owner may touch, of a home and all in it."""
    paths = [home, *home.rglob("*")]
    return [path.name for path in paths if path.stat().st_mode & 0o077]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_the_store_makes_itself_is_its_owners_alone(home: Path) -> None:
    """What Chroma and tantivy make lies in folders that nobody else can enter; the next opening closes it as well."""
    made_by_us = [home, home / "chroma", home / "words", home / "catalogue.sqlite3", home / "writer.lock"]

    assert [oct(mode(path)) for path in made_by_us] == ["0o700", "0o700", "0o700", "0o600", "0o600"]
    PassageStore(home, model=EMBEDDER.name).close()
    assert open_to_others(home) == []


def test_what_sqlite_puts_beside_the_catalogue_is_closed_too(tmp_path: Path) -> None:
    """Its log, and the index of that, while the store is in use."""
    with PassageStore(tmp_path / "home", model=EMBEDDER.name) as store:
        keep(store, a_release("one", "The harbour was opened."), EMBEDDER)
        beside = [tmp_path / "home" / f"catalogue.sqlite3-{name}" for name in ("wal", "shm")]

        assert [mode(path) for path in beside] == [0o600, 0o600]


def test_what_the_bot_remembers_and_pages_are_closed_too(tmp_path: Path) -> None:
    """In a home that they are the first to need."""
    Ledger(tmp_path / "home" / "discord.sqlite3").guilds.set_threads(1, False)
    with PageCache(tmp_path / "home" / "pages.sqlite3"):
        assert open_to_others(tmp_path / "home") == []


@pytest.mark.parametrize("unit", ["backup", "discord", "watch"])
def test_a_unit_of_systemd_keeps_the_home_to_its_user(unit: str) -> None:
    """Also what a program makes that knows nothing of all this."""
    lines = (ROOT / "deploy" / f"communique-{unit}.service").read_text(encoding="utf-8").splitlines()

    assert {"UMask=0077", "StateDirectoryMode=0700"} <= set(lines)


def test_a_file_is_private_from_its_first_moment_and_is_left_alone_afterwards(tmp_path: Path) -> None:
    """What is there keeps its content and its mode: closing it is for who opens the home."""
    create_private(tmp_path / "new")
    (tmp_path / "old").write_text("words")
    create_private(tmp_path / "old")

    assert mode(tmp_path / "new") == 0o600
    assert ((tmp_path / "old").read_text(), mode(tmp_path / "old")) == ("words", 0o666)


def test_a_home_of_an_older_version_is_closed_when_it_is_opened(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """All that is ours, whatever it was; what else lies there is not ours to change."""
    for path in [home, *home.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    (home / "notes.txt").touch(mode=0o644)

    PassageStore(home, model=EMBEDDER.name).close()

    assert open_to_others(home) == ["notes.txt"]
    assert caplog.messages == []


def test_a_shared_home_is_closed_to_its_group(home: Path) -> None:
    """A group is others too; the bit by which files take over the group stays."""
    home.chmod(0o2770)

    PassageStore(home, model=EMBEDDER.name).close()

    assert mode(home) == 0o2700


def test_what_cannot_be_closed_is_told_once(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it is another user's; the store works all the same."""
    home.chmod(0o755)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(type(home), "chmod", refuse)
    for _ in range(2):
        PassageStore(home, model=EMBEDDER.name).close()

    [told] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert f"other users may read {home}" in told
    assert "chmod -R go=" in told


def test_a_folder_that_all_users_share_is_not_taken_from_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`--home /tmp` is told, not obeyed."""
    tmp_path.chmod(0o1777)

    make_usable(tmp_path)

    assert mode(tmp_path) == 0o1777
    assert "other users may read" in caplog.text


@pytest.mark.parametrize("fault", ["gone", "empty"])
@pytest.mark.parametrize("left", ["chroma", "words"])
def test_a_lost_catalogue_beside_its_index_is_no_new_store(home: Path, fault: str, left: str) -> None:
    """It says what is there, and how to go on; nothing is made in its place."""
    catalogue = home / "catalogue.sqlite3"
    catalogue.unlink() if fault == "gone" else catalogue.write_bytes(b"")
    shutil.rmtree(home / ("words" if left == "chroma" else "chroma"))

    with pytest.raises(CatalogueError, match=rf"is {fault}, .*\({left}\); restore a backup .* or remove"):
        PassageStore(home, model=EMBEDDER.name)

    assert not catalogue.exists() or not catalogue.stat().st_size


def test_a_catalogue_that_was_just_made_is_no_lost_one(tmp_path: Path) -> None:
    """As that of a process which was killed before it had made a table."""
    (tmp_path / "chroma").mkdir()
    create_private(tmp_path / "catalogue.sqlite3")

    PassageStore(tmp_path, model=EMBEDDER.name).close()


def test_a_home_with_half_a_restore_is_not_used(tmp_path: Path) -> None:
    """It would be an empty store beside what the bot remembers of the other."""
    (tmp_path / ".restore-x").mkdir()
    (tmp_path / ".restore-x" / "catalogue.sqlite3").touch()

    with pytest.raises(CatalogueError, match="a restore into this home is not finished; run it again"):
        PassageStore(tmp_path, model=EMBEDDER.name)


@pytest.mark.parametrize("damage", ["header", "no database", "zeros", "newer"])
def test_a_catalogue_that_cannot_be_read_says_what_to_do(home: Path, damage: str) -> None:
    """And is left as it is: somebody may mend it."""
    catalogue = home / "catalogue.sqlite3"
    whole = catalogue.read_bytes()
    broken = {
        "header": b"\xff" * 100 + whole[100:],
        "no database": b"a letter, not a store\n" * 400,
        "zeros": b"\0" * len(whole),
        "newer": whole[:60] + (99).to_bytes(4, "big") + whole[64:],
    }[damage]
    catalogue.write_bytes(broken)

    with pytest.raises(
        CatalogueError, match="upgrade communique" if damage == "newer" else "restore it from a backup, or"
    ):
        PassageStore(home, model=EMBEDDER.name)

    assert catalogue.read_bytes() == broken
