"""Pages are parsed in other processes, some ahead of whoever takes their releases, and given in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ingest.parse import parse
from ingest.parse.workers import Call
from ingest.reading import WebPage
from ingest.release import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from ingest.errors import IngestError
    from ingest.parse.workers import Workers
    from ingest.reading import Item
    from ingest.release import Release

# A line of JSON takes no longer to be parsed than to be sent: so many go together, or so many bytes.
_TOGETHER = 64
_ENOUGH = 2**17


def parsed_ahead(items: Iterable[Item], workers: Workers) -> Iterator[tuple[Item, Release | IngestError | None]]:
    """Each item in order, with the release on it or why there is none; with None where it is no page.

    What comes from the web is begun as soon as it is there; lines and small files are sent some at once.
    """
    waiting: deque[tuple[list[Item], Future[list[Release | IngestError]]]] = deque()
    try:
        for batch in _batches(items):
            calls = [Call(page.location, (page,)) for page in map(_page, batch) if page]
            waiting.append((batch, workers.start(parse, calls)))
            while waiting and (waiting[0][1].done() or len(waiting) > 2 * workers.at_once):
                yield from _taken(*waiting.popleft())
        while waiting:
            yield from _taken(*waiting.popleft())
    finally:  # nobody reads on
        for _, future in waiting:
            future.cancel()


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.content) if isinstance(item, Page) else _ENOUGH
        if size >= _ENOUGH or len(batch) >= _TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _taken(
    batch: list[Item], future: Future[list[Release | IngestError]]
) -> Iterator[tuple[Item, Release | IngestError | None]]:
    results = iter(future.result())
    for item in batch:
        yield item, next(results) if _page(item) else None


def _page(item: Item) -> Page | None:
    if isinstance(item, WebPage):
        return item.page
    return item if isinstance(item, Page) else None
