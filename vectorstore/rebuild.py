"""Embeds every passage of the catalogue again, for another model or after a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vectorstore.types import embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from vectorstore.catalogue import Catalogue
    from vectorstore.embedders import Embedder

_BATCH = 256
_VECTORS = "INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT (passage, model) DO UPDATE SET vector = excluded.vector"


def embed_again(
    catalogue: Catalogue, embedder: Embedder, progress: Callable[[int, int], None] | None
) -> tuple[int, int]:
    """Give every passage a vector of `embedder`, beside the ones it has.

    Passages that have one already (from a rebuild that was stopped) are passed over, unless it is the model in use:
    then all are embedded afresh. Returns the model's number and how many passages were embedded.
    """
    total = catalogue.passages.count()
    with catalogue.transaction() as connection:
        model = catalogue.passages.add_model(embedder.name, embedder.dimension)
        current = catalogue.passages.model()
        if current is not None and current[0] == model:
            todo = [number for (number,) in connection.execute("SELECT number FROM passages ORDER BY number")]
        else:
            query = "SELECT number FROM passages EXCEPT SELECT passage FROM vectors WHERE model = ? ORDER BY 1"
            todo = [number for (number,) in connection.execute(query, (model,))]
    for start in range(0, len(todo), _BATCH):
        _embed(catalogue, embedder, model, todo[start : start + _BATCH])
        if progress:
            progress(total - len(todo) + min(start + _BATCH, len(todo)), total)
    return model, len(todo)


def _embed(catalogue: Catalogue, embedder: Embedder, model: int, numbers: list[int]) -> None:
    details = catalogue.passages.by_number(numbers)
    texts = [embedded_text(release.title, passage.text) for passage, release in details.values()]
    vectors = embedder.embed_passages(texts).astype(np.float16)
    rows = [(model, number, vector.tobytes()) for number, vector in zip(details, vectors, strict=True)]
    with catalogue.transaction() as connection:
        connection.executemany(_VECTORS, rows)
