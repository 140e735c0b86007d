"""Pages that were written before the parser was read; `held_out/README.md` says how the first run fared."""

from __future__ import annotations

import statistics
from functools import cache
from pathlib import Path

import pytest

from benchmarks.newsrooms import load, ours, score, share_right, trafilatura_alone

PAGES = load(Path(__file__).parent / "held_out")


@cache
def scores():
    return [score(saved, ours(saved)) for saved in PAGES]


def test_thirty_frames_are_there_in_both_languages():
    """Without them, the other tests of this file would say nothing."""
    assert [sum(saved.expected["language"] == language for saved in PAGES) for language in ("en", "fr")] == [15, 15]


@pytest.mark.parametrize("field", ["title", "published", "language"])
def test_almost_every_page_has_its_facts_right(field):
    """On 95 of 100 pages; the message names the others."""
    wrong = [f"{each.name}: {each.wrong[field]}" for each in scores() if field in each.wrong]
    assert share_right(scores(), field) >= 0.95, wrong


def test_the_text_is_the_release_and_little_else():
    """The words of the body are those of the release, and more so than by trafilatura alone."""
    ours_mean = statistics.mean(each.f1 for each in scores())
    assert ours_mean >= 0.97
    assert ours_mean > statistics.mean(score(saved, trafilatura_alone(saved)).f1 for saved in PAGES)
    assert [f"{each.name}: {each.f1:.3f}" for each in scores() if each.f1 < 0.9] == []


@pytest.mark.parametrize(
    ("folder", "title", "published", "f1"),
    [
        ("held_out_again", 1.0, 1.0, 0.97),
        ("held_out_third", 1.0, 1.0, 0.985),
        ("held_out_fourth", 1.0, 1.0, 0.97),
        ("held_out_fifth", 1.0, 1.0, 0.97),
        ("held_out_sixth", 1.0, 1.0, 0.97),
        ("held_out_seventh", 1.0, 1.0, 0.969),
        ("held_out_eighth", 1.0, 1.0, 0.98),
        ("held_out_ninth", 1.0, 1.0, 0.98),
    ],
)
def test_pages_that_little_was_mended_by_are_read_as_well(folder, title, published, f1):
    """Their READMEs have the figures of the first runs."""
    read = [score(saved, ours(saved)) for saved in load(Path(__file__).parent / folder)]

    assert len(read) >= 20
    assert share_right(read, "title") >= title
    assert share_right(read, "published") >= published
    assert share_right(read, "language") == 1
    assert statistics.mean(each.f1 for each in read) >= f1
