"""Pages and files that were once read wrongly; each folder of the shared data says in a README what is right."""

from __future__ import annotations

import pytest

from ingest.parse.page import parse_page
from ingest.types import Page, Source
from tests.shared_data import shared

pytestmark = pytest.mark.data

TRACK = "The rail company will lay a second track between Aldrin and Moss Bridge."


def release_of(name: str, *, line: int | None = None):
    path = shared(f"faults/{name}")
    return parse_page(Page(str(path), path.name, path.read_bytes().strip(), Source("faults"), line=line))


@pytest.mark.parametrize("page", ["hidden", "noscript", "template"])
def test_text_that_nobody_sees_stays_out(page):
    """Although it is longer than the release."""
    assert release_of(f"unseen-text-short-page/{page}.html").body == (f"{TRACK} The work costs 84 million euros.",)


def test_a_collapsed_panel_comes_in():
    """Readers see it with a click."""
    assert release_of("collapsed-panels/page.html").body[-1].startswith("The work costs 84 million euros, of which")


def test_json_ld_of_another_article_is_passed_over():
    """The object with the page's headline and address gives the date."""
    assert f"{release_of('json-ld-of-another-article/page.html').published:%Y-%m-%d}" == "2025-05-12"


def test_html_in_jsonl_is_text():
    """Neither marks nor entities stand in title and text."""
    release = release_of("jsonl-with-html/releases.jsonl", line=1)
    assert release.title == "Rail & Bus: second track"
    assert release.body == (
        TRACK.replace("Moss ", "Moss\u00a0"),
        "The work costs 84\u00a0million euros – the canton pays 51.",
    )


def test_blocks_of_html_in_markdown_are_text():
    """Both sentences come in, before the one that is Markdown."""
    assert [paragraph.split()[1] for paragraph in release_of("markdown-html-blocks/note.md").body] == [
        "fare", "yearly", "under",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "words"),
    [("struck-out-text/page.html", ("from 12 March 2026", "is 10.20 euros")),
     ("struck-out-text/note.md", ("costs 10.20 euros",)),
     ("superscript-glued/page.html", ("grew by 42 per cent in 2024,", "saves 10⁶ litres"))],
)  # fmt: skip
def test_marks_are_written_out(page, words):
    """Struck-out words are gone, marks of notes stand off figures, powers stay."""
    text = release_of(page).text
    assert all(part in text for part in words)


@pytest.mark.parametrize("page", ["hang-html-flat-tables/a.html", "hang-redos-comments/page.txt"])
def test_what_once_hung_is_read(page):
    """Some thousand tables, and comments without an end."""
    assert release_of(page).title
