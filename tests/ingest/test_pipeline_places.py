"""A feed whose entries are places on one page: each is a release, and the page is asked for once."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import causes, counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ingest.follower import Follower

TITLES = ("A second track for Aldrin", "Night buses on Fridays", "Lifts at Moss Bridge")


def section(number: int, cost: int = 84) -> str:
    text = f"The council says that its plan number {number} will be paid for by the canton from next year on."
    costs = f"It costs {cost} million euros."
    return f"<article id=item-{number}><h2>{TITLES[number]}</h2><p>{text}</p><p>{costs}</p></article>"


class Site(ThreadingHTTPServer):
    """One feed and one page."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: list[str] = []
        self.sections = [section(0), section(1), section(2)]

    def body(self, path: str) -> str | None:
        if path == "/news":
            listed = "".join(self.sections)
            return f"<html lang=en><title>News</title><body><main><h1>News</h1>{listed}</main></body></html>"
        if path == "/feed.xml":
            items = "".join(
                f"<item><title>{title}</title><link>{self.base}/news#item-{number}</link>"
                f"<pubDate>Mon, 0{number + 5} May 2025 08:00:00 GMT</pubDate></item>"
                for number, title in enumerate(TITLES)
            )
            return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
        return None


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.body(self.path)
        content = (body or "no").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8" if self.path == "/news" else "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def places() -> Iterator[Site]:
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield site
        site.shutdown()
        thread.join()


def test_each_place_is_a_release(follower: Follower, places: Site) -> None:
    """Under its own address, with its own title, day and text; a second run finds nothing new."""
    first = follower.run(f"{places.base}/feed.xml")
    stored = {release.url: release for release in follower.store.records.releases()}
    asked = places.asked.count("/news")
    second = follower.run(f"{places.base}/feed.xml")

    assert sorted(stored) == [f"{places.base}/news#item-{number}" for number in range(3)]
    for number, title in enumerate(TITLES):
        kept = stored[f"{places.base}/news#item-{number}"]
        assert (kept.title, f"{kept.published:%d}") == (title, f"0{number + 5}")
        assert f"number {number} will" in kept.text
        assert kept.text.count("The council says") == 1
    assert (counts(first), counts(second)) == ((3, 0, 0, 0), (0, 0, 3, 0))
    assert asked == 1


def test_one_place_changes_alone(follower: Follower, places: Site) -> None:
    """The others are read again and found to be as they were."""
    follower.run(f"{places.base}/feed.xml")
    places.sections[1] = section(1, cost=96)

    report = follower.run(f"{places.base}/feed.xml")

    assert counts(report) == (0, 1, 2, 0)
    changed = follower.store.records.by_url(f"{places.base}/news#item-1")
    assert changed is not None
    assert "96 million" in changed.text


def test_a_place_that_is_gone_is_a_failure(follower: Follower, places: Site) -> None:
    """What is stored of it is kept."""
    follower.run(f"{places.base}/feed.xml")
    del places.sections[1]

    report = follower.run(f"{places.base}/feed.xml")

    assert list(causes(report)) == [f"{places.base}/news#item-1"]
    assert follower.store.records.by_url(f"{places.base}/news#item-1") is not None
