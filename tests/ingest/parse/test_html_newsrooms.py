"""Tests of `ingest.parse.html` on saved pages; `newsrooms/README.md` says how they were made."""

from __future__ import annotations

import statistics
from datetime import datetime
from functools import cache

import pytest

from benchmarks.newsrooms import FIELDS, as_page, load, ours, score, share_right
from ingest.parse.html import parse_html

PAGES = load()


@cache
def scores():
    """How well each page is read, in the order of the pages."""
    return [score(saved, ours(saved)) for saved in PAGES]


@cache
def release_of(name):
    """A page's release."""
    return parse_html(as_page(next(saved for saved in PAGES if saved.name == name)))


def test_the_pages_are_there():
    """Without them, the other tests of this file would say nothing."""
    assert len(PAGES) == 62
    assert len({saved.name.split("/")[0] for saved in PAGES}) == 29


@pytest.mark.parametrize("field", FIELDS)
def test_almost_every_page_has_its_facts_right(field):
    """Title, dates and language are right on 95 of 100 pages; the message names the others."""
    wrong = [f"{each.name}: {each.wrong[field]}" for each in scores() if field in each.wrong]
    assert share_right(scores(), field) >= 0.95, wrong


def test_the_text_is_the_release_and_little_else():
    """The words of the body are those of the release, at an F1 of 0.95 or more on the whole, and 0.9 on each page."""
    assert statistics.mean(each.f1 for each in scores()) >= 0.95
    assert [f"{each.name}: {each.f1:.3f}" for each in scores() if each.f1 < 0.9] == []


def test_a_lead_that_only_its_class_marks_is_the_lead():
    """A subtitle in a box of its own, which the main reading passes over, is kept."""
    saved = next(saved for saved in PAGES if saved.name == "biodiversity-secretariat/kunming-montreal.en")
    assert release_of(saved.name).lead == saved.expected["lead"]


@pytest.mark.parametrize("saved", PAGES, ids=lambda saved: saved.name)
def test_what_a_page_says_of_itself_is_taken(saved):
    """Author, section, publisher, address and the other languages' addresses are the stated ones."""
    release, known = release_of(saved.name), saved.expected
    assert (release.author, release.section) == (known["author"], known["section"])
    assert release.publisher == known["publisher"]
    assert known["url"] in (None, release.url)
    assert set(release.translations) == set(known["translations"])


@pytest.mark.parametrize("saved", PAGES, ids=lambda saved: saved.name)
def test_hours_are_kept_where_they_are_known(saved):
    """The moment of publication is the stated one, to the minute."""
    published = release_of(saved.name).published
    known = datetime.fromisoformat(saved.expected["published"])
    assert published is not None
    assert published.replace(tzinfo=known.tzinfo and published.tzinfo) == known
