"""Passages -> vectors, some batches ahead where the embedder works elsewhere."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from vectorstore.embedder import Embedded, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vectorstore.embedder import Embedder

Batch = TypeVar("Batch")


def embed_ahead(
    embedder: Embedder, batches: Iterable[Batch], texts: Callable[[Batch], list[str]]
) -> Iterator[tuple[Batch, Embedded]]:
    """Each batch with its vectors, in order. A spread embedder has some at work while the one before is kept.

    The batches are the same either way, so that their vectors are, too.
    """
    at_once = embedder.at_once if isinstance(embedder, Spread) else 1
    started: deque[tuple[Batch, Callable[[], Embedded]]] = deque()
    for batch in batches:
        started.append((batch, _start(embedder, texts(batch))))
        if len(started) >= at_once:
            first, result = started.popleft()
            yield first, result()
    for batch, result in started:
        yield batch, result()


def _start(embedder: Embedder, texts: list[str]) -> Callable[[], Embedded]:
    return embedder.start(texts) if isinstance(embedder, Spread) else partial(_embed, embedder, texts)


def _embed(embedder: Embedder, texts: list[str]) -> Embedded:
    return Embedded(embedder.embed_passages(texts), embedder.count_overlong(texts))
