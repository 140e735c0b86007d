"""`communique watch` and `communique ingest --follow`."""

from __future__ import annotations

import json
import signal
import threading
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

import bot.cli.rendering.operations
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.report import IngestReport
    from tests.bot.cli.conftest import Cli, Model


@pytest.fixture
def site(cli: Cli) -> Iterator[Newsroom]:
    with Newsroom(releases=4) as newsroom:
        (cli.folder / "communique.toml").write_text(
            f"""
            [fetch]
            delay = 0
            attempts = 1
            [[sources]]
            name = "Good"
            location = "{newsroom.feed}"
            allow_private = true
            schedule = "1h"
            [[sources]]
            name = "Bad"
            location = "{newsroom.address}/nothing"
            allow_private = true
            schedule = "1h"
            """,
            encoding="utf-8",
        )
        yield newsroom


@pytest.fixture
def terminate_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sends this process SIGTERM once so many runs were told, while the watch waits for the next."""

    def terminate(runs: int) -> None:
        told: list[IngestReport] = []

        def tell(
            report: IngestReport,
            *,
            as_json: bool,
            really: Callable[..., None] = bot.cli.rendering.operations.print_watched,
        ) -> None:
            really(report, as_json=as_json)
            told.append(report)
            if len(told) == runs:
                signal.raise_signal(signal.SIGTERM)

        monkeypatch.setattr(bot.cli.rendering.operations, "print_watched", tell)

    return terminate


def test_one_round_tells_every_source(cli: Cli, site: Newsroom) -> None:
    """A line for each, the failure on stderr, and exit code 1 for it."""
    result = cli.run("watch", "--once")

    good, bad = sorted(result.stdout.splitlines(), key=lambda line: "Bad" in line)
    assert "UTC  Good: 4 new, 0 changed, 0 unchanged, 0 failed; " in good
    assert "UTC  Bad: 0 new, 0 changed, 0 unchanged, 1 failed" in bad
    assert f"failed: {site.address}/nothing: the server says that there is no such page (404)" in result.stderr
    assert result.exit_code == 1


def test_one_source_may_be_watched_by_name(cli: Cli, site: Newsroom) -> None:
    """All is well, and exit code 0."""
    result = cli.run("watch", "--once", "Good")

    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)


def test_each_run_is_a_line_of_json(cli: Cli, site: Newsroom) -> None:
    """The report of `ingest --json`."""
    lines = [json.loads(line) for line in cli.run("watch", "--once", "--json").stdout.splitlines()]

    told = {line["sources"][0]["source"]: (line["new"], len(line["failed"])) for line in lines}
    assert told == {"Good": (4, 0), "Bad": (0, 1)}


@pytest.mark.parametrize("sources", [["Good"], ["Good", "Bad"]])
def test_a_watch_is_ended_in_good_order(
    cli: Cli, site: Newsroom, terminate_after: Callable[[int], None], sources: list[str]
) -> None:
    """SIGTERM is the usual way to end it: exit code 0, failures or not, and the store is whole."""
    terminate_after(len(sources))

    result = cli.run("watch", *sources)

    assert (result.exit_code, len(result.stdout.splitlines())) == (0, len(sources))
    assert "stopped; what was written is kept" in result.stderr
    assert (cli.json("status")["releases"], cli.json("status")["consistent"]) == (4, True)


def test_one_round_that_is_stopped_is_no_success(
    cli: Cli, site: Newsroom, terminate_after: Callable[[int], None]
) -> None:
    """It has an end of its own, which it did not come to."""
    terminate_after(1)

    result = cli.run("watch", "--once")

    assert result.exit_code == 143
    assert "stopped; what was written is kept" in result.stderr


def test_a_watch_is_ended_in_the_middle_of_a_run(cli: Cli, site: Newsroom, model: type[Model]) -> None:
    """The next one makes good what is missing."""
    model.interrupt_at = 1
    stopped = cli.run("watch")
    model.interrupt_at = None

    cli.run("watch", "--once", "Good")

    assert stopped.exit_code == 0
    assert "stopped; what was written is kept" in stopped.stderr
    assert (cli.json("status")["releases"], cli.json("status")["consistent"]) == (4, True)


def test_the_status_tells_how_each_source_fares(
    cli: Cli, site: Newsroom, terminate_after: Callable[[int], None]
) -> None:
    """What it did, what it fails of, and when it is looked at next; one that fails later than one that does not."""
    terminate_after(2)
    cli.run("watch")

    good, bad = sorted(cli.json("status")["sources"], key=lambda one: one["name"], reverse=True)
    told = cli.run("status").stdout

    assert (good["failures"], good["error"], bad["failures"]) == (0, None, 1)
    assert bad["error"] == "the server says that there is no such page (404)"
    assert "Good: " in told
    assert "Bad: failing (once; last worked: never): the server says that there is no such page (404)" in told
    assert "; next 20" in told
    assert good["next_run"] is not None


def test_failures_survive_a_restart(cli: Cli, site: Newsroom, terminate_after: Callable[[int], None]) -> None:
    """After three of them the next look is hours away, not one."""
    for _ in range(2):
        cli.run("ingest", "Bad")
    terminate_after(2)
    cli.run("watch", "Bad", "Good")

    (bad,) = [one for one in cli.json("status")["sources"] if one["name"] == "Bad"]
    wait = datetime.fromisoformat(bad["next_run"]) - datetime.fromisoformat(bad["last_run"])

    assert bad["failures"] == 3
    assert 7 < wait.total_seconds() / 3600 < 9


def test_a_source_of_the_command_line_is_followed(
    cli: Cli, site: Newsroom, terminate_after: Callable[[int], None]
) -> None:
    """With the options of `ingest`: limits hold in every run."""
    terminate_after(1)

    result = cli.run("ingest", site.feed, "--allow-private", "--limit", "2", "--follow", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["new"] == 2


def test_a_dry_run_cannot_be_followed(cli: Cli) -> None:
    """A watch writes what it finds."""
    result = cli.run("ingest", "releases", "--follow", "--dry-run")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be combined with --dry-run" in result.stderr


def test_who_gives_no_contact_is_told_so_as_the_watch_begins(cli: Cli, site: Newsroom) -> None:
    """Once, on stderr, beside JSON too."""
    result = cli.run("watch", "--once", "--json")

    assert result.stderr.count("no contact: set fetch.contact in communique.toml") == 1


@pytest.mark.embedded
def test_a_watch_waits_for_another_writer(cli: Cli, site: Newsroom) -> None:
    """No newsroom is asked meanwhile, and nothing has failed."""
    lock = FileLock(cli.folder / "home" / "writer.lock", thread_local=False)
    cli.run("status")
    lock.acquire()
    asked: list[int] = []

    def release() -> None:
        asked.append(len(site.requests))
        lock.release()

    writer = threading.Timer(0.5, release)
    writer.start()
    result = cli.run("watch", "--once", "Good")
    writer.join()

    assert (result.exit_code, asked) == (0, [0])
    assert "4 new" in result.stdout
