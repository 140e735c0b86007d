"""No text of others makes a regular expression slow: each takes time that grows as the text does."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.patterns import Found, compiled, pieces, written

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

_SHORT, _LONG = 2_500, 20_000  # characters
_AT_ONCE = 0.004  # seconds for the short text, below which nothing need be compared
_ENOUGH = 1.0  # seconds for any text here, which a pattern of linear time needs a hundredth of
_GROWS = 20.0  # times the time for eight times the text; it would be 64 for a quadratic one
_TRIED, _FEW = 150, 12  # pieces of a pattern, short ones and long ones alike
_TAIL = "\x00\n"  # what matches hardly anything, so that all is tried that can be


@pytest.fixture(autouse=True)
def _watched() -> Iterator[None]:
    """An end to what would take for ever: the engine looks for signals."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def _all() -> list[Found]:
    known = {(one.pattern.pattern, one.pattern.flags) for one in compiled()}
    return compiled() + [one for one in written() if (one.pattern.pattern, one.pattern.flags) not in known]


@pytest.mark.parametrize("tried", [_FEW, pytest.param(_TRIED, marks=pytest.mark.long)])
def test_every_pattern_takes_time_that_grows_as_the_text_does(tried: int) -> None:
    """Matched, searched and matched whole, on long repetitions of its own pieces; by processor time, not by a clock."""
    slow = [fault for one in _all() for fault in _faults(one, tried)]

    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    "pattern",
    [r"(?:a|ab|b)+$", r"(?:good|bye|goodbye)+", r"\s+,", r"<!--.*?-->", r"\d+(?:[ .]\d+)*x", r"(\w+\s?)*!", r"a.*b.*c"],
)
def test_a_slow_pattern_is_found_out(pattern: str) -> None:
    """The test above can fail."""
    import re

    assert _faults(Found("here", re.compile(pattern)))


def test_patterns_are_found_where_they_are_kept() -> None:
    """In names, lists, dictionaries, caches and calls; a few that are known stand for all."""
    places = {one.where for one in compiled()} | {one.where.split(":")[0] for one in written()}

    assert places.issuperset(
        {
            "bot.answering.evidence._NAME",
            "ingest.parse.page._HTML",
            "vectorstore.text.words._TOKEN",
            "bot.language.time_expressions",
        }
    )


def _faults(found: Found, tried: int = _TRIED) -> Iterator[str]:
    """What takes too long, once for each use; nothing where all is well."""
    every = sorted(pieces(found.pattern), key=lambda piece: len("".join(piece)))
    chosen = every[:: max(1, len(every) // tried)]
    for use in found.uses:
        fault = next((piece for piece in chosen if _is_slow(_used(found.pattern, use), found.pattern, *piece)), None)
        if fault:
            yield f"{found.where}: {use} on {fault[0]!r} and then {fault[1]!r} again and again"


def _used(pattern: re.Pattern[Any], use: str) -> Callable[[Any], object]:
    if use == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return getattr(pattern, use)  # type: ignore[no-any-return]


def _is_slow(use: Callable[[Any], object], pattern: re.Pattern[Any], before: str, piece: str) -> bool:
    def seconds(length: int) -> float:
        text = before + piece * max(1, length // len(piece)) + _TAIL
        return _seconds(use, text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace"))

    if seconds(min(40 * len(piece), _SHORT)) >= _ENOUGH:
        return True  # exponential
    short = min(seconds(_SHORT) for _ in range(2)) if seconds(_SHORT) > _AT_ONCE else 0.0
    return short > _AT_ONCE and min(seconds(_LONG) for _ in range(2)) > _GROWS * short


def _seconds(use: Callable[[Any], object], text: Any) -> float:
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * _ENOUGH)
    began = time.thread_time()
    try:
        use(text)
    except TimeoutError:
        return 100 * _ENOUGH
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.thread_time() - began
