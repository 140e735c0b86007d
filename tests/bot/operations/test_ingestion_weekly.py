"""Once a week a watch verifies the catalogue; when that was done last stands in the catalogue itself."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.operations.ingestion import EVERY, WeeklyCheck
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.errors import CatalogueAwayError
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

EMBEDDER = WordEmbedder()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(PassageStore(tmp_path, model=EMBEDDER.name)) as store:
        keep(store, a_release("one", "The harbour was opened."), EMBEDDER)
    return tmp_path


def checked(home: Path) -> datetime | None:
    """When the catalogue was last verified, after a watch has looked whether it is time to."""
    with WeeklyCheck(lambda: PassageStore(home, model=EMBEDDER.name)).running(once=True):
        pass
    with closing(PassageStore(home, model=EMBEDDER.name)) as store:
        return store.records.last_verified()


def test_a_catalogue_that_was_never_verified_is(home: Path) -> None:
    """And the moment is kept."""
    assert (checked(home) or datetime.min.replace(tzinfo=UTC)) > datetime.now(UTC) - timedelta(minutes=1)


@pytest.mark.parametrize(("ago", "is_due"), [(EVERY - timedelta(hours=1), False), (EVERY, True)])
def test_it_is_verified_again_a_week_later_whoever_began_the_watch_in_between(
    home: Path, ago: timedelta, is_due: bool
) -> None:
    """A restart does not begin the week again."""
    moment = (datetime.now(UTC) - ago).replace(microsecond=0)
    with closing(PassageStore(home, model=EMBEDDER.name)) as store:
        store.records.note_verified(moment, "")

    assert (checked(home) != moment) is is_due


def test_damage_goes_to_the_log(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With the release and the way out."""
    with (
        closing(PassageStore(home, model=EMBEDDER.name)) as store,
        store.backends.catalogue.transaction() as connection,
    ):
        connection.execute("UPDATE versions SET title = 'Another'")

    checked(home)

    [told] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "(one)" in told.getMessage()
    assert "communique --home NEW restore FILE" in told.getMessage()


def test_a_store_that_cannot_be_opened_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """A server that is away ends no watch."""

    def refuse() -> PassageStore:
        raise CatalogueAwayError("postgresql://news@db", "cannot be reached")

    with WeeklyCheck(refuse).running(once=True):
        pass

    assert "could not be verified, and is again in an hour" in caplog.text


def test_it_is_ended_with_the_watch(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle too; it counts as not done."""
    opened = threading.Event()

    def new_store() -> PassageStore:
        store = PassageStore(home, model=EMBEDDER.name)
        opened.set()
        return store

    monkeypatch.setattr("bot.operations.ingestion._BREATH", 60)
    with WeeklyCheck(new_store).running():
        opened.wait(30)

    with closing(PassageStore(home, model=EMBEDDER.name)) as store:
        assert store.records.last_verified() is None
    assert "weekly check" not in {thread.name for thread in threading.enumerate()}
