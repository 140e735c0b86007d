"""The inputs of `shared/data/faults/` that are lists and sites, each read as its README wants it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.follower import causes, counts
from tests.shared_data import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ingest.follower import Follower

pytestmark = pytest.mark.data

SECOND = "Second track for the Aldrin line"


class Served(ThreadingHTTPServer):
    """One case at a time: `routes` maps a path to its answer."""

    daemon_threads = True
    routes: dict[str, Any]
    other = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Served

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        answer = self.server.routes.get(self.path, {"status": 404, "body": "no"})
        filled = (
            json.dumps(answer).replace("{base}", self.server.base).replace("http://127.0.0.1:8766", self.server.other)
        )
        answer = json.loads(filled)
        body = answer.get("body", "").encode()
        self.send_response(answer.get("status", 200))
        headers = {"Content-Type": "text/html; charset=utf-8", **answer.get("headers", {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(case: str, phase: int = 0) -> Iterator[Served]:
    phases = json.loads(shared(f"faults/{case}/routes.json").read_text(encoding="utf-8"))
    with Served(("127.0.0.1", 0), _Handler) as server:
        server.routes = phases[phase]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def turn(server: Served, case: str, phase: int) -> None:
    server.routes = json.loads(shared(f"faults/{case}/routes.json").read_text(encoding="utf-8"))[phase]


def stored(follower: Follower) -> list[tuple[str, str | None]]:
    """Title and day of every release."""
    return sorted(
        (release.title, f"{release.published:%Y-%m-%d}" if release.published else None)
        for release in follower.store.records.releases()
    )


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("content-encoding-charset", "/a"),
        ("feed-title-unused", "/feed.xml"),
        ("meta-refresh", "/feed.xml"),
        ("sitemap-bare-ampersand", "/sitemap.xml"),
        ("sitemap-non-prose", "/sitemap.xml"),
    ],
)
def test_the_one_release_is_read(follower: Follower, case: str, path: str) -> None:
    """And nothing beside it."""
    with serving(case) as site:
        follower.run(f"{site.base}{path}")

    assert stored(follower) == [(SECOND, "2025-05-12")]


def test_what_is_no_prose_fails(follower: Follower) -> None:
    """A style sheet, JSON and a calendar."""
    with serving("sitemap-non-prose") as site:
        report = follower.run(f"{site.base}/sitemap.xml")

    assert sorted(address.rpartition("/")[2] for address in causes(report)) == ["data.json", "opening.ics", "style.css"]


def test_dates_to_come_and_of_the_epoch_are_none(follower: Follower) -> None:
    """The latest is of 3 May 2025."""
    with serving("date-to-come") as site:
        follower.run(f"{site.base}/sitemap.xml")

    assert stored(follower) == [
        ("Lifts at Moss Bridge", None),
        ("Night buses on Fridays", "2025-05-03"),
        (SECOND, None),
    ]


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_list_page_is_no_release(follower: Follower, by_hand: bool) -> None:
    """The message names the feed that the page does, or `--links`."""
    with serving("list-page-as-release") as site:
        report = follower.run(f"{site.base}/press", by_hand=by_hand)

        assert stored(follower) == []
        assert f"{site.base}/feed.xml" in report.failed[0].error
        assert "--links" in report.failed[0].error


def test_a_site_that_moves_has_one_release(follower: Follower) -> None:
    """Read at its old address before and after."""
    with serving("site-moves") as site, serving("site-moves", 2) as new:
        site.other = new.base
        follower.run(f"{site.base}/feed.xml")
        turn(site, "site-moves", 1)
        report = follower.run(f"{site.base}/feed.xml")

    assert counts(report)[0] == 0
    assert [kind for kind, _ in follower.kinds()].count("new") == 1


def test_an_error_page_replaces_no_release(follower: Follower) -> None:
    """Nor is it one."""
    with serving("soft-404-replaces-release") as site:
        follower.run(f"{site.base}/sitemap.xml")
        turn(site, "soft-404-replaces-release", 1)
        report = follower.run(f"{site.base}/sitemap.xml")

    assert (len(stored(follower)), counts(report)[:3], len(report.doubted)) == (2, (0, 0, 1), 1)


def test_a_feed_that_turns_into_a_page_fails(follower: Follower) -> None:
    """Nothing new is stored."""
    with serving("source-turns-into-page") as site:
        follower.run(f"{site.base}/feed.xml")
        turn(site, "source-turns-into-page", 1)
        report = follower.run(f"{site.base}/feed.xml")

    assert "a feed until now, holds an HTML page" in report.failed[0].error
    assert len(stored(follower)) == 1


@pytest.mark.parametrize(
    ("case", "failed", "words"),
    [("hang-yaml-deep", 1, ""), ("hang-yaml-merge-bomb", 1, ""), ("iso-8859-1-is-windows-1252", 0, "d’€ —")],
)
def test_files_are_read_or_refused_in_time(follower: Follower, case: str, failed: int, words: str) -> None:
    """Front matter that would take for ever, and a page in windows-1252 under another name."""
    marked = {"hang-yaml-deep": "a.md", "hang-yaml-merge-bomb": "a.md"}.get(case, "page.html")

    report = follower.run(str(shared(f"faults/{case}/{marked}").parent))

    assert len(report.failed) == failed
    assert all(words in release.text for release in follower.store.records.releases())
