"""Tests of `ingest.parse.html_title`: which words of a page are its headline."""

from __future__ import annotations

import pytest

from ingest.parse.html import parse_html
from tests.ingest.parse.documents import ONE, TWO

SITE = "Alliance of Towns"
HEADLINE = "Forty ministers adopt a plan for Ukraine"
DAY = "<p>3 April 2025</p>"
FOOT = "<div><a href='/'>Alliance of Towns</a> © 2025 Alliance of Towns. Terms of use</div>"


@pytest.fixture
def title(make_page):
    """Reads the title of a page, of whose body only the opening matters."""

    def read(opening: str, page_title: str = SITE, head: str = "") -> str:
        text = f"{opening}{DAY}<p>{ONE}</p><p>{TWO}</p>{FOOT}"
        page = f"<html lang=en><head><title>{page_title}</title>{head}</head><body>{text}</body></html>"
        return parse_html(make_page(page)).title

    return read


@pytest.mark.parametrize("above", [SITE, "News", "Press release", "News Details", "Press Release No 7/25"])
@pytest.mark.parametrize("line", ["<h2>{}</h2>", "<h4>{}</h4>", "<div>{}</div>", "<p><strong>{}</strong></p>"])
def test_a_first_heading_that_names_site_or_section_gives_way(title, above, line):
    """Whether the headline is a heading or not, and though the page's title says the same."""
    opening = f"<h1>{above}</h1>{line.format(HEADLINE)}"

    assert title(opening, f"{above} | {SITE}") == HEADLINE


@pytest.mark.parametrize(
    "line",
    [
        "<span>{}</span>",
        "<font size=5>{}</font><br>",
        "<p style='font-size:24pt'>{}</p>",
        "<div role=heading>{}</div>",
        "<span itemprop=headline>{}</span>",
        "<table><tr><td>{}</td></tr></table>",
    ],
)
def test_a_headline_in_plain_type_stands_above_the_text(title, line):
    """Where the page's title names the site alone; a motto has none of the words of the text."""
    assert title(f"<div>Together we are much stronger</div>{line.format(HEADLINE)}") == HEADLINE


@pytest.mark.parametrize("mark", [" - ", " :: ", " : ", " ~ ", " « ", " // ", ", "])
@pytest.mark.parametrize("parts", [(HEADLINE, SITE), (SITE, HEADLINE)], ids=["behind", "before"])
def test_the_site_is_cut_off_at_any_mark(title, mark, parts):
    """What is left stands in a line of its own."""
    assert title(f"<div>{HEADLINE}</div>", mark.join(parts)) == HEADLINE


@pytest.mark.parametrize(
    "heading",
    [
        "<span>Press release</span> {}",
        "Press release<br>{}",
        "<span class=topic>Defence</span><span>{}</span>",
        "{} <small>Forty billion euros for the next year</small>",
        "{}<br>Forty billion euros for the next year",
        "3 April 2025 - {}",
        "{} <button>Share</button>",
        "{}<a href='#x'>#</a>",
    ],
)
def test_kicker_subtitle_and_signs_in_a_heading_are_left_out(title, heading):
    """The page's title tells them from the headline."""
    assert title(f"<h1>{heading.format(HEADLINE)}</h1>", f"{HEADLINE} | {SITE}") == HEADLINE


def test_a_heading_over_several_lines_has_spaces_between_them(title):
    """Readers see each line begin."""
    assert title("<h1>Forty ministers<br>adopt a plan<br>for Ukraine</h1>") == HEADLINE


@pytest.mark.parametrize("stated", [SITE, "News", "Ukraine plan: ministers say yes", "Forty ministers adopt a..."])
def test_what_readers_see_goes_before_what_machines_are_told(title, stated):
    """A title for search engines, one that was cut off, or the site's name."""
    head = f'<meta property="og:title" content="{stated}">'

    assert title(f"<h1>{HEADLINE}</h1>", f"{stated} | {SITE}", head) == HEADLINE


@pytest.mark.parametrize(
    "above",
    [
        "<h2>All our services for towns</h2><ul><li><a href=a>Water</a></li><li><a href=b>Roads</a></li></ul>",
        "<h2><a href=a>Ministers of the Allies meet again</a></h2>",
        "<form><b>Search all pages of the towns</b><input></form>",
        "<div><b>Orange warning of heat: take care</b></div>",
    ],
)
def test_other_big_print_above_the_headline_is_passed_over(title, above):
    """Menus, links to other releases, forms, and what has none of the words of the text."""
    assert title(f"{above}<h3>{HEADLINE}</h3>") == HEADLINE


@pytest.mark.parametrize(("heading", "page_title"), [("A plan", f"A plan | {SITE}"), ("A plan", "A plan")])
def test_a_headline_may_be_short(title, heading, page_title):
    """If the page's title says the same, a longer subtitle is none."""
    assert title(f"<h1>{heading}</h1><h2>Forty billion euros for the next year</h2>", page_title) == heading


def test_the_site_may_be_a_part_of_the_headline(title):
    """Before a colon, it says who speaks."""
    headline = f"{SITE}: a plan for Ukraine"

    assert title(f"<h1>{headline}</h1>", f"{headline} | {SITE}") == headline


def test_sentences_of_a_banner_above_the_headline_are_not_the_text(title):
    """The lines go on to the first heading of the page."""
    sentences = "A lock means that you are safely connected to it. " * 2
    banner = f"<div><b>Official pages of the towns</b><p>{sentences}</p></div>"

    assert title(f"{banner}<h1>{HEADLINE}</h1>") == HEADLINE


def test_a_year_alone_is_no_title(title):
    """What is left of "Press release no 14 - 2026" without the kind of page."""
    assert title(f"<div>{HEADLINE}</div>", f"Press release no 14 - 2026 | {SITE}") == HEADLINE


def test_a_link_with_a_damaged_address_names_no_site(title):
    """Nor does it stop the page."""
    assert title(f'<a href="http://[old">{HEADLINE}</a><h1>{HEADLINE}</h1>', HEADLINE) == HEADLINE


@pytest.mark.parametrize(
    "headline",
    [
        "Press statement by NATO Secretary General Jens Stoltenberg with the Prime Minister of Sweden",
        "Press release from the Swedish Armed Forces on the exercise in the north",
        "Contact: a festival of film opens in forty towns",
    ],
)
def test_a_headline_that_begins_like_a_kicker_is_one(title, headline):
    """The kind of page alone, or who issued it, names no release; more than that does."""
    told = f'<meta property="og:title" content="{headline}">'

    assert title(f"<h1>{headline}</h1>", f"{headline} | {SITE}", told) == (headline)


def test_who_has_the_copyright_is_read_behind_an_element_too(make_page):
    """A line of a footer is often made of links with words between."""
    foot = "<div class=foot><a href='/terms'>Legal notice</a> © 2025 Alliance of Towns</div>"
    page = f"<html lang=en><title>{SITE}</title><h1>{SITE}</h1><div>{HEADLINE}</div>{DAY}<p>{ONE}</p><p>{TWO}</p>{foot}"

    assert parse_html(make_page(page)).title == HEADLINE


def test_no_title_is_too_long_or_too_deep(title):
    """A page is not lost for a title that goes on, or a heading of elements within elements."""
    deep = f"<h1>{'<span>' * 200}{HEADLINE}{'</span>' * 200}</h1>"

    assert title(f"<h1>{HEADLINE}</h1>", "a, " * 20_000) == HEADLINE
    assert title(deep) == HEADLINE
