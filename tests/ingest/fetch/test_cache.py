from __future__ import annotations

import logging
import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.fetch.cache import CachedPage, PageCache

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MOMENT = datetime(2025, 6, 2, 8, tzinfo=UTC)
PAGE = CachedPage("https://a.test/1", "https://a.test/2", b"words", 'W/"1"', "Mon", "text/html", "utf-8", MOMENT)


def write_many(path: Path, name: str) -> None:
    with PageCache(path) as cache:
        for number in range(100):
            cache.keep(replace(PAGE, address=f"{name}{number}"))


def test_a_kept_page_comes_back_as_it_was(tmp_path: Path) -> None:
    """Also after the file was closed, in a folder that was not there."""
    path = tmp_path / "deep" / "pages.sqlite"
    with PageCache(path) as cache:
        cache.keep(PAGE)

    with PageCache(path) as cache:
        assert cache.get(PAGE.address) == PAGE
        assert cache.get("https://a.test/other") is None


def test_confirming_moves_the_moment_alone(cache: PageCache) -> None:
    """The page is as it was."""
    cache.keep(PAGE)

    cache.confirm(PAGE.address, MOMENT + timedelta(days=1))

    assert cache.get(PAGE.address) == replace(PAGE, confirmed=MOMENT + timedelta(days=1))


def test_a_forgotten_page_is_gone(cache: PageCache) -> None:
    """Others stay."""
    other = replace(PAGE, address="https://a.test/other")
    cache.keep(PAGE)
    cache.keep(other)

    cache.forget(PAGE.address)

    assert (cache.get(PAGE.address), cache.get(other.address)) == (None, other)


def test_a_damaged_file_is_moved_aside_and_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and nothing stops."""
    path = tmp_path / "pages.sqlite"
    path.write_bytes(b"this is no database, " * 500)

    with caplog.at_level(logging.WARNING), PageCache(path) as cache:
        cache.keep(PAGE)

    with PageCache(path) as cache:
        assert cache.get(PAGE.address) == PAGE
    assert "begun anew" in caplog.text
    assert path.with_name("pages.sqlite.damaged").exists()


def test_a_file_damaged_behind_its_head_stops_nothing(tmp_path: Path) -> None:
    """It opens, and breaks when it is read."""
    path = tmp_path / "pages.sqlite"
    write_many(path, "a")
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 60_000)

    with PageCache(path) as cache:
        assert cache.get("a1") is None
        cache.keep(PAGE)
        assert cache.get(PAGE.address) == PAGE


def test_a_damaged_page_is_forgotten(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is read again, as if it had never been held."""
    with PageCache(tmp_path / "pages.sqlite") as cache:
        cache.keep(PAGE)
        db = sqlite3.connect(tmp_path / "pages.sqlite")
        with db:
            db.execute("UPDATE page SET content = x'00'")
        db.close()

        assert cache.get(PAGE.address) is None

    assert f"{PAGE.address}: damaged" in caplog.text


def test_where_no_file_can_be_the_cache_lasts_for_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Here a folder stands in its place."""
    with PageCache(tmp_path) as cache:
        cache.keep(PAGE)

        assert cache.get(PAGE.address) == PAGE

    assert "cannot be opened" in caplog.text


def test_a_file_of_another_layout_is_begun_anew(tmp_path: Path) -> None:
    """As one of a later version."""
    path = tmp_path / "pages.sqlite"
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE page (other TEXT); PRAGMA user_version = 99")
    db.close()

    with PageCache(path) as cache:
        cache.keep(PAGE)
        assert cache.get(PAGE.address) == PAGE


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    """What both write at the same time is all there."""
    path = tmp_path / "pages.sqlite"
    context = multiprocessing.get_context("forkserver")
    processes = [context.Process(target=write_many, args=(path, name)) for name in "ab"]

    for process in processes:
        process.start()
    for process in processes:
        process.join(20)

    with PageCache(path) as cache:
        assert all(cache.get(f"{name}{number}") for name in "ab" for number in range(100))
