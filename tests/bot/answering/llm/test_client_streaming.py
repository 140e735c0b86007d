"""Reading what may hang."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bot.answering.llm.client import SilenceError, Stream

if TYPE_CHECKING:
    from collections.abc import Generator


def test_items_come_in_order_and_end() -> None:
    """None stands after the last, and the thread is gone."""

    def read() -> Generator[int, None, None]:
        yield from range(3)

    stream = Stream(read)

    assert [stream.next(5) for _ in range(4)] == [0, 1, 2, None]
    assert "model" not in [thread.name for thread in threading.enumerate()]


def test_what_the_reading_raises_is_raised_to_the_reader() -> None:
    """After the items that came before it."""

    def read() -> Generator[int, None, None]:
        yield 1
        raise LookupError("no more of it")

    stream = Stream(read)

    assert stream.next(5) == 1
    with pytest.raises(LookupError, match="no more of it"):
        stream.next(5)


def test_a_client_that_ignores_its_timeout_is_left_alone() -> None:
    """The reader goes on; the thread ends when the client does, without another item."""
    release, ended = threading.Event(), threading.Event()

    def read() -> Generator[int, None, None]:
        try:
            release.wait(30)
            yield 1
        finally:
            ended.set()

    stream = Stream(read)
    with pytest.raises(SilenceError):
        stream.next(0.05)
    stream.close()
    release.set()

    assert ended.wait(10)


def test_an_endless_generator_waits_for_its_reader() -> None:
    """It is read some items ahead, not without end, and is closed with the stream."""
    made, ended = [], threading.Event()

    def read() -> Generator[int, None, None]:
        try:
            while True:
                made.append(1)
                yield 1
        finally:
            ended.set()

    stream = Stream(read)
    assert stream.next(5) == 1
    stream.close()

    assert ended.wait(10)
    assert len(made) < 1000
