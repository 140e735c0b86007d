"""Tests of `ingest.releases`: pages in, releases out, in order and from another process."""

from __future__ import annotations

import itertools
import time

import pytest

from ingest import releases as parsing
from ingest.parse.workers import Bounds, Workers
from ingest.releases import parsed_ahead
from ingest.sources import Failure
from ingest.types import Page, Source, UnchangedPage, WebPage
from tests.ingest.parse import tasks
from vectorstore.types import Release, Visit

SOURCE = Source("in")


@pytest.fixture
def workers(monkeypatch):
    """Processes that do what a page says, if it says one of a few words."""
    monkeypatch.setattr(parsing, "parse", tasks.parse_or_do)
    workers = Workers(Bounds(seconds=4, memory=512), at_once=2)
    yield workers
    workers.close()


def a_page(name, content):
    return Page(location=name, id=name, content=content, source=SOURCE)


def a_line(number):
    content = f'{{"title": "Release {number}", "body": "The council has met."}}'.encode()
    return Page(f"a.jsonl:{number}", "a.jsonl", content, SOURCE, line=number)


def test_releases_come_in_the_order_of_their_pages(workers):
    """Lines in hundreds, pages that are large, and what is no page at all."""
    large = [a_page(f"{n}.md", f"# Page {n}\n\n{'The council has met. ' * 8000}".encode()) for n in range(4)]
    lines = [a_line(number) for number in range(150)]
    items = [Failure("x", "is gone"), *lines, *large, UnchangedPage("y", None), *lines]

    taken = list(parsed_ahead(items, workers))

    assert [item for item, _ in taken] == items
    titles = [parsed.title for _, parsed in taken if isinstance(parsed, Release)]
    assert titles == [f"Release {n}" for n in range(150)] + [f"Page {n}" for n in range(4)] + titles[:150]
    assert [parsed for item, parsed in taken if not isinstance(item, Page)] == [None, None]


def test_a_page_that_passes_a_limit_fails_alone(workers):
    """Those before and behind it are releases, and each cause is its own."""
    bad = {"b.md": b"die", "d.md": b"hang", "e.md": b"hoard", "g.md": b""}
    items = [a_page(f"{name}.md", bad.get(f"{name}.md", b"# T\n\nThe council has met.")) for name in "abcdefgh"]

    taken = [(item.location, parsed) for item, parsed in parsed_ahead(items, workers)]

    causes = {name: parsed.cause.split(":")[0] for name, parsed in taken if not isinstance(parsed, Release)}
    assert [name for name, _ in taken] == [f"{name}.md" for name in "abcdefgh"]
    assert causes == {
        "b.md": "ends the process that reads it (SIGSEGV)",
        "d.md": "takes longer than 4 s to be read",
        "e.md": "needs more than 512 MiB to be read",
        "g.md": "the file is empty",
    }


def test_a_page_from_the_web_is_given_before_the_next_one_is_there(workers):
    """A slow newsroom does not hold back what it has sent already."""
    page = WebPage(a_line(1), Visit("https://a.example/1", "https://a.example/", None))
    workers.call("a line", tasks.double, 1)  # it has started

    fetched = slowly(page, 200)
    first, parsed = next(parsed_ahead(fetched, workers))

    assert first is page
    assert isinstance(parsed, Release)
    assert next(fetched, None) is not None


def slowly(item, times):
    for _ in range(times):
        yield item
        time.sleep(0.1)


def test_nothing_is_begun_that_nobody_takes(workers):
    """Some pages ahead are, not all of an endless source."""
    endless = map(a_line, itertools.count())

    parsed = parsed_ahead(endless, workers)
    next(parsed)
    parsed.close()

    assert next(endless).line < 1000
