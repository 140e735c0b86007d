"""Pages whose elements are not closed, or closed in the wrong place: nothing of the article is lost, nothing added."""

from __future__ import annotations

import pytest

from ingest.parse.html import parse_html
from ingest.parse.html_seen import closed

TITLE = "Twelve battery trains for the Tindale line"
BODY = (
    "The regional council has approved the purchase of twelve battery-powered trains for the line to Tindale.",
    "The trains will enter service in the spring of 2027 and replace diesel units that have run since 1988.",
    "“Passengers have waited long enough for quieter trains,” said the chair of the committee, Mara Ellison.",
    "The contract is worth 96 million euros and includes maintenance for fifteen years.",
)
TEXT = "\n".join(f"<p>{paragraph}</p>" for paragraph in BODY)
ARTICLE = f"<h1>{TITLE}</h1><p>17 October 2025</p>{TEXT}"
MENU = "<ul><li><a href=/>Home page</a></li><li><a href=/about>About us</a></li></ul>"


def page(body: str) -> str:
    return f"<!doctype html><html lang=en><head><title>{TITLE}</title></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "body",
    [
        f"<header><div><nav>{MENU}</header><div>{ARTICLE}</div><footer><p>Harlow Council</p></footer>",
        f"<nav><div class=inner>{MENU}</nav><div>{ARTICLE}</div>",
        f"<nav class=menu>{MENU}<div>{ARTICLE}</div>",
        f"<div class=breadcrumb><a href=/>Home page</a> &gt; <a href=/news>News</a><div>{ARTICLE}</div>",
        f"<aside><div>{MENU}<div>{ARTICLE}</div>",
        f"<form action=/><div><form action=/search><input name=q></form></div><div>{ARTICLE}</div></form>",
        f"<header><button class=burger><span>Menu</span></header><div>{ARTICLE}</div>",
        f"<article><footer class=meta><span>17 October 2025</span><h1>{TITLE}</h1>{TEXT}</article>",
        f"<div class=sidebar><h3>Related news</h3>{MENU}<div>{ARTICLE}</div>",
        f"<div class=cookie-banner><p>We use cookies.</p><button>Accept all</button><div>{ARTICLE}</div>",
        f"<table><tr><td><a href=/>Home page</a><br><a href=/b>News</a><td>{ARTICLE}<tr><td colspan=2>Harlow</table>",
        f"<div>{MENU}</div></div></div><div><h1>{TITLE}</h1></div></div><p>17 October 2025</p>{TEXT}</div>",
        f"<header>{MENU}</header></body></html><div>{ARTICLE}</div>",
        f"<div class=back><a href=/news>Back to news<div>{ARTICLE}</div>",
    ],
)
def test_no_menu_swallows_the_article(make_page, body):
    """Whatever was left open before it, or closed too often."""
    release = parse_html(make_page(page(body)))

    assert (release.title, release.body) == (TITLE, BODY)
    assert f"{release.published:%Y-%m-%d}" == "2025-10-17"


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>{TITLE}</h1><p>17 October 2025<p><span><font>{BODY[0]}<p>{BODY[1]}</font><p><b>{BODY[2]}<p></b>{BODY[3]}",
        f"<h1>{TITLE}<p>17 October 2025</p>{TEXT}",
        f"<h1>{TITLE}</h1><div>17 October 2025</div>"
        + "".join(f"<span style='display: block'>{paragraph}</span>" for paragraph in BODY),
        f"<blockquote><h1>{TITLE}</h1>17 October 2025{TEXT}</blockquote>",
        f"<x-page><h1>{TITLE}</h1><x-date>17 October 2025</x-date><x-text>{TEXT}</x-text></x-page>",
        f"<!-- begin --><!--[if IE]><p>Old.</p><![endif]--><h1>{TITLE}</h1><p>17 October 2025</p>{TEXT}<!-- end",
        f"<section><h1>{TITLE}</h1><i>17 October 2025</i>{TEXT}</section>",
        f"<main><hgroup><p>Transport</p><h1>{TITLE}</h1><p>New units</p></hgroup><p>17 October 2025</p>{TEXT}</main>",
        f"<h1>{TITLE}<o:p></o:p></h1><p><i>Harlow, 17 October 2025</i><o:p></o:p></p>{TEXT}",
        f"<div><div class=d>17</div><div class=m>Oct</div><div class=y>2025</div></div><h1>{TITLE}</h1>{TEXT}",
    ],
)
def test_paragraphs_stay_apart(make_page, body):
    """In words that hold blocks, loose beside blocks, in elements that a site has made up."""
    release = parse_html(make_page(page(body)))

    assert (release.title, release.body) == (TITLE, BODY)
    assert f"{release.published:%Y-%m-%d}" == "2025-10-17"


def test_a_real_aside_stays_out(make_page):
    """One that is closed holds little of the text."""
    aside = f"<aside><p>{'The newsroom writes every week about what the council does. ' * 3}</p></aside>"

    assert parse_html(make_page(page(f"<div>{ARTICLE}</div>{aside}"))).body == BODY


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("<nav><div>a</nav>b", "<nav><div>a</div></nav>b"),
        ("<ul><li><div><div>a</ul>b", "<ul><li><div><div>a</div></div></ul>b"),
        ("<nav>a</nav></nav></div>b", "<nav>a</nav></nav></div>b"),
        ("<nav><!-- <div> --><script>'<div>'</script>a</nav>b", "<nav><!-- <div> --><script>'<div>'</script>a</nav>b"),
        ("<nav><table><td><div>a</nav>b", "<nav><table><td><div>a</nav>b"),
        ("<nav><a title='<div>'>a</a></nav>b", "<nav><a title='<div>'>a</a></nav>b"),
        ("<nav><div>a<script>b", "<nav><div>a<script>b"),
    ],
)
def test_an_end_closes_what_is_open_in_it(text, mended):
    """As browsers do: not through a table, nor for what stands in comments, scripts and attributes."""
    assert closed(text) == mended


@pytest.mark.parametrize("part", ["<", "<a '", '<a b="', "<!--", "<div>", "<nav><div>", "</nav>", "<script>", "<a <"])
@pytest.mark.parametrize("before", ["", f"<nav><table><td>{'<div>' * 100_000}"])
def test_hostile_pages_are_mended_in_time(before, part):
    """Linear in their length: what looked back over all that is open would run into the limit of all tests."""
    text = before + part * 100_000

    assert closed(text) == text
