from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ingest.passages import embed_ahead
from tests.fakes import WordEmbedder
from vectorstore.embedders import Embedded, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Elsewhere(WordEmbedder):
    """Works on two batches at once; writes down when one is begun and when it is waited for."""

    at_once = 2

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def start(self, texts: Sequence[str]) -> Callable[[], Embedded]:
        self.heard.append(f"begin {texts[0]}")
        return partial(self._wait, texts)

    def _wait(self, texts: Sequence[str]) -> Embedded:
        self.heard.append(f"wait {texts[0]}")
        return Embedded(self.embed_passages(texts), 0)


def test_batches_come_back_in_order_with_their_vectors() -> None:
    """Here and elsewhere alike, also the last ones."""
    batches = [["one", "two"], ["three"], ["four"]]
    here = WordEmbedder()

    for embedder in (here, Elsewhere()):
        come = list(embed_ahead(embedder, batches, list))

        assert [batch for batch, _ in come] == batches
        for batch, embedded in come:
            assert np.array_equal(embedded.vectors, here.embed_passages(batch))


def test_elsewhere_the_next_batch_is_begun_before_one_is_waited_for() -> None:
    """As many as it works on at once and no more: they lie in memory."""
    elsewhere = Elsewhere()

    for _, _ in embed_ahead(elsewhere, [["a"], ["b"], ["c"]], list):
        elsewhere.heard.append("kept")

    assert elsewhere.heard == ["begin a", "begin b", "wait a", "kept", "begin c", "wait b", "kept", "wait c", "kept"]


def test_here_a_batch_is_kept_before_the_next_is_read() -> None:
    """What a run that is stopped loses is one batch."""
    read: list[str] = []

    def batches() -> Iterator[list[str]]:
        for text in ("a", "b"):
            read.append(text)
            yield [text]

    next(embed_ahead(WordEmbedder(), batches(), list))

    assert read == ["a"]


def test_an_ordinary_embedder_is_not_spread() -> None:
    """It is told by what it can do."""
    assert isinstance(Elsewhere(), Spread)
    assert not isinstance(WordEmbedder(), Spread)
