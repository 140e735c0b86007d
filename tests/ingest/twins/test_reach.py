from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.twins.content import WINDOW
from ingest.twins.find import affected, find_twins, stretches
from tests.ingest.twins.releases import BRIDGE, DAY, HARVEST, VACCINE, written

if TYPE_CHECKING:
    from ingest.twins.candidate import TwinCandidate
    from vectorstore.types import Twin


def many(seed: int) -> list[TwinCandidate]:
    """Some forty releases over two months, the same few texts again and again, so that they compete."""
    chance = random.Random(seed)
    texts = [chance.choice((BRIDGE, VACCINE, HARVEST)) for _ in range(22)]
    return [
        written(f"{n}{code}", code, text[code], 2.5 * n + chance.choice((0, 0, 1, 2)))
        for n, text in enumerate(texts)
        for code in ("en", "fr")
    ]


def within(release: TwinCandidate, spans: list[tuple[datetime, datetime]]) -> bool:
    return release.published is not None and any(begin <= release.published <= end for begin, end in spans)


def about(releases: list[TwinCandidate], twins: list[Twin], dates: list[datetime]) -> list[Twin]:
    near = {one.id for one in releases if within(one, affected(dates))}
    return [twin for twin in twins if twin.first in near or twin.second in near]


@pytest.mark.parametrize("seed", range(5))
def test_the_neighbourhood_gives_what_everything_gives(seed: int) -> None:
    """With the releases of the needed times only, those of the affected are joined as among all."""
    releases, dates = many(seed), [DAY + timedelta(days=27)]
    ((piece, near),) = stretches(dates)
    seen = [one for one in releases if within(one, [near])]
    whole = about(releases, find_twins(releases), dates)

    assert affected(dates) == [piece]
    assert about(releases, find_twins(seen), dates) == whole
    assert len(releases) - len(seen) > 10


@pytest.mark.parametrize("seed", range(5))
def test_long_times_are_joined_piece_by_piece(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Each piece gives what all gives for it, also where its borders part twins."""
    monkeypatch.setattr("ingest.twins.find.STRETCH", timedelta(days=7))
    releases = many(seed)
    found: set[Twin] = set()
    pieces = list(stretches(one.published for one in releases if one.published))
    for piece, near in pieces:
        inside = {one.id for one in releases if within(one, [piece])}
        twins = find_twins([one for one in releases if within(one, [near])])
        found |= {twin for twin in twins if {twin.first, twin.second} & inside}

    assert sorted(found) == find_twins(releases)
    assert len(pieces) > 5


@pytest.mark.parametrize("seed", range(5))
def test_beyond_the_affected_times_a_change_changes_nothing(seed: int) -> None:
    """A release goes; the joins that neither side has in the affected times stay."""
    releases = many(seed)
    gone = next(one for one in releases if one.id == "10fr")
    assert gone.published is not None
    before, after = find_twins(releases), find_twins([one for one in releases if one is not gone])
    near = about(releases, [*before, *after], [gone.published])

    assert [twin for twin in before if twin not in near] == [twin for twin in after if twin not in near]


def test_times_that_touch_become_one() -> None:
    """Each stretch of time is read once."""
    near, far = DAY + timedelta(days=5), DAY + timedelta(days=100)
    assert affected([far, near, DAY]) == [(DAY - 2 * WINDOW, near + 2 * WINDOW), (far - 2 * WINDOW, far + 2 * WINDOW)]
    assert list(stretches([])) == []
