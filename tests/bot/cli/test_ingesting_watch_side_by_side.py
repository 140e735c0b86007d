"""A watch over newsrooms of which one is silent, one slow, one broken: the good one is looked at meanwhile."""

from __future__ import annotations

import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot.cli.rendering.operations
from tests.newsroom.site import Newsroom
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.report import IngestReport
    from tests.bot.cli.conftest import Cli

ROOT = Path(__file__).parents[3]


class _Silent(socketserver.BaseRequestHandler):
    """Takes every connection, and never answers."""

    def handle(self) -> None:
        while self.request.recv(1024):
            pass


class _Slow(socketserver.BaseRequestHandler):
    """Answers, a letter at a time."""

    def handle(self) -> None:
        self.request.recv(1024)
        try:
            self.request.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 90000\r\n\r\n"
            )
            while True:
                self.request.sendall(b" ")
                time.sleep(0.05)
        except OSError:
            return


class _Broken(socketserver.BaseRequestHandler):
    """Answers with what is no HTTP, then hangs up."""

    def handle(self) -> None:
        self.request.recv(1024)
        self.request.sendall(b"\x16\x03\x01 not today\r\n\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    """The address of a server on the loopback."""
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/feed.xml"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def newsrooms(cli: Cli) -> Iterator[Newsroom]:
    """Settings with all four; those that do not answer come first."""
    with ExitStack() as stack:
        good = stack.enter_context(Newsroom(releases=4))
        locations = {
            "Silent": stack.enter_context(serving(_Silent)),
            "Slow": stack.enter_context(serving(_Slow)),
            "Broken": stack.enter_context(serving(_Broken)),
            "Good": good.feed,
        }
        sources = [
            f'[[sources]]\nname = "{name}"\nlocation = "{location}"\nallow_private = true\n'
            for name, location in locations.items()
        ]
        settings = "[fetch]\ndelay = 0\nattempts = 1\ntimeout = 30\nlongest = 60\n[watch]\nschedule = '10s'\n"
        (cli.folder / "communique.toml").write_text(settings + "".join(sources), encoding="utf-8")
        yield good


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sources whose runs are told; after the third of Good the watch is terminated."""
    names: list[str] = []

    def tell(report: IngestReport, *, as_json: bool) -> None:
        names.append(report.parts[0].source or "")
        if names.count("Good") == 3:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(bot.cli.rendering.operations, "print_watched", tell)
    monkeypatch.setattr("ingest.watch.pause", lambda *_: timedelta(milliseconds=100))
    return names


def _own_threads() -> int:
    """Those that are running, but for those of the processes that read pages, which outlive a test."""
    return sum(not one.name.startswith("parse") for one in threading.enumerate())


@pytest.mark.timeout(60)
def test_the_good_newsroom_is_looked_at_on_its_schedule(cli: Cli, newsrooms: Newsroom, told: list[str]) -> None:
    """Those that do not answer are still being waited for when it is ended, which they do not hold up."""
    before = _own_threads()

    result = cli.run("watch")

    assert result.exit_code == 0
    assert told.count("Good") == 3
    assert not {"Silent", "Slow"} & set(told)
    assert _own_threads() <= before + 3  # handlers of the servers
    assert (cli.json("status")["releases"], cli.json("status")["consistent"]) == (4, True)


@pytest.mark.timeout(60)
def test_with_fewer_places_than_sources_that_hang_the_good_one_has_its_turn(
    cli: Cli, newsrooms: Newsroom, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those are ended after the time that they may take while it waits."""
    monkeypatch.setenv("COMMUNIQUE_WATCH__AT_ONCE", "1")
    monkeypatch.setenv("COMMUNIQUE_WATCH__LONGEST", "1s")

    result = cli.run("watch")

    silent = next(one for one in cli.json("status")["sources"] if one["name"] == "Silent")
    assert result.exit_code == 0
    assert {"Silent", "Slow", "Good"} <= set(told)
    assert "took longer than 0:00:01 while other sources waited for its place" in silent["error"]


@pytest.mark.timeout(60)
def test_two_newsrooms_are_ingested_side_by_side_into_one_store(cli: Cli) -> None:
    """Nothing is lost between them, and the indexes hold what the catalogue does."""
    with Newsroom(releases=12) as one, Newsroom(releases=9) as other:
        sources = [f'[[sources]]\nlocation = "{site.feed}"\nallow_private = true\n' for site in (one, other)]
        (cli.folder / "communique.toml").write_text("[fetch]\ndelay = 0\n" + "".join(sources), encoding="utf-8")

        assert cli.run("watch", "--once").exit_code == 0

    status = cli.json("status", "--check")
    assert (status["releases"], status["consistent"], status["damage"]) == (21, True, None)


@pytest.mark.timeout(60)
def test_an_unexpected_failure_is_one_of_its_source(
    cli: Cli, newsrooms: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with where to report it, `status` knows it, and the other source is read."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("ingest.pipeline.FolderReading", fail)
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    with (cli.folder / "communique.toml").open("a", encoding="utf-8") as settings:
        settings.write('[[sources]]\nname = "Folder"\nlocation = "releases"\n')

    result = cli.run("watch", "--once", "Good", "Folder")

    assert result.exit_code == 1
    assert "Good: 4 new" in result.stdout
    assert "cannot be read on (ZeroDivisionError: a fault of ours); please report it" in result.stderr
    [folder] = [one for one in cli.json("status")["sources"] if one["name"] == "Folder"]
    assert folder["failures"] == 1


@pytest.mark.long
@pytest.mark.embedded
@pytest.mark.timeout(120)
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_waits_for_silent_newsrooms_ends_at_once(
    cli: Cli, newsrooms: Newsroom, sent: signal.Signals
) -> None:
    """No thread keeps it alive."""
    command = [sys.executable, "-c", "from bot.cli import app; app()", "--home", str(cli.folder / "home"), "watch"]
    with subprocess.Popen(
        command, cwd=cli.folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Good: 4 new" in line:
                break
        began = time.monotonic()
        process.send_signal(sent)
        code = process.wait(30)

    assert code == 0
    assert time.monotonic() - began < 15


def wait_for(store: PassageStore) -> None:
    """Take the writer's place once, when it is free."""
    with store.holding(30):
        pass


def test_a_handle_of_its_own_sees_what_the_others_write(tmp_path: Path) -> None:
    """Runs side by side have a store each; the writer's place is taken in turns."""
    with closing(PassageStore(tmp_path, model="a")) as one, closing(PassageStore(tmp_path, model="a")) as other:
        with one.holding():
            assert (one.is_writing, other.is_writing) == (True, False)
            waiting = threading.Thread(target=wait_for, args=(other,))
            waiting.start()
            time.sleep(0.2)
            assert not other.is_writing
        waiting.join()
        with other.holding():
            assert (one.is_writing, other.is_writing) == (False, True)
