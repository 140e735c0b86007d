"""Tests of `ingest.parse.html_linked`: JSON-LD is believed where it describes this page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.parse.html import parse_html

TEXT = "The observatory on the plateau opens its new dome to visitors from Friday, and expects 40,000 of them a year."
HERE = "https://sky.example/news/dome"


def page(*objects: dict[str, object], canonical: str = HERE) -> str:
    return (
        f'<html lang="en"><head><title>A new dome | Sky</title><link rel="canonical" href="{canonical}">'
        f'<script type="application/ld+json">{json.dumps(objects)}</script></head>'
        f"<body><h1>A new dome</h1><p>{TEXT}</p></body></html>"
    )


OTHER = {"@type": "NewsArticle", "headline": "Telescope sold", "url": "https://sky.example/news/sold",
         "datePublished": "2018-01-05"}  # fmt: skip


@pytest.mark.parametrize(
    "own",
    [{"@type": "NewsArticle", "headline": "The dome is open", "url": HERE + "/"},
     {"@type": "Article", "headline": "A new dome"},
     {"@type": "WebPage", "name": "Whatever", "mainEntityOfPage": {"@id": "http://www.sky.example/news/dome"}}],
)  # fmt: skip
def test_of_several_articles_the_page_s_own_counts(make_page, own):
    """By its address, however it is spelt, or by its headline; a less telling kind of object included."""
    release = parse_html(make_page(page(OTHER, {**own, "datePublished": "2025-10-03"})))
    assert release.published == datetime(2025, 10, 3, tzinfo=UTC)


def test_an_article_that_is_another_gives_nothing(make_page):
    """Where the only object has another address and another headline, the page has none."""
    release = parse_html(make_page(page(OTHER)))
    assert (release.title, release.published) == ("A new dome", None)


def test_another_article_is_known_by_its_words_where_the_page_names_no_address(make_page):
    """As on a page that was saved to a file."""
    saved = page(OTHER).replace(f'<link rel="canonical" href="{HERE}">', "")
    assert parse_html(make_page(saved)).published is None

    own = {**OTHER, "headline": "A new dome for the plateau's observatory"}
    saved = page(own).replace(f'<link rel="canonical" href="{HERE}">', "")
    assert parse_html(make_page(saved)).published == datetime(2018, 1, 5, tzinfo=UTC)


def test_an_only_article_without_an_address_is_the_page_s(make_page):
    """Its headline may be worded for search engines."""
    found = {"@type": "NewsArticle", "headline": "Visit the dome &amp; the stars", "datePublished": "2025-10-03"}
    assert parse_html(make_page(page(found))).published == datetime(2025, 10, 3, tzinfo=UTC)


def test_entities_in_a_headline_are_decoded_once(make_page):
    """A script holds them as they were written."""
    found = {"@type": "NewsArticle", "headline": "Dome &amp; stars &amp;amp; more", "datePublished": "2025-10-03"}
    shown = page(found).replace("<h1>A new dome</h1>", "").replace("A new dome | Sky", "Sky")
    assert parse_html(make_page(shown)).title == "Dome & stars &amp; more"
