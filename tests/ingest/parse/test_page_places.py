"""Several releases on one page: each section is one, whichever way its page names it."""

from __future__ import annotations

import pytest

from ingest.errors import ParseError
from ingest.parse.page import parse_web_page
from ingest.types import Entry, Page, Source

TITLES = ("A second track for Aldrin", "Night buses on Fridays", "Lifts at Moss Bridge")
TEXTS = tuple(
    (f"The council has agreed that {what} will be paid for by the canton next year, it says.", f"It costs {cost}.")
    for what, cost in (("the track", "84 million"), ("the buses", "2 million"), ("the lifts", "900,000 euros"))
)
BOXES = "".join(
    f"<article id=item-{n}><h2>{title}</h2><time>{n} May 2025</time><p>{text[0]}</p><p>{text[1]}</p></article>"
    for n, title, text in zip((1, 2, 3), TITLES, TEXTS, strict=True)
)
HEADINGS = "".join(
    f"<h2 id=news-{n}>{title}</h2><p>{n} May 2025</p><p>{text[0]}</p><h3>Costs</h3><p>{text[1]}</p>"
    for n, title, text in zip((1, 2, 3), TITLES, TEXTS, strict=True)
)
NAMES = "".join(
    f"<p><a name='{name}'></a><b>{title}</b></p><p>{text[0]}</p><p>{text[1]}</p><hr>"
    for name, title, text in zip(("track", "buses", "lifts"), TITLES, TEXTS, strict=True)
)
EMPTY = "".join(
    f"<div><a id=n{n}></a></div><h3>{title}</h3><p>{text[0]}</p><p>{text[1]}</p>"
    for n, title, text in zip((1, 2, 3), TITLES, TEXTS, strict=True)
)


def read(body: str, place: str, title: str):
    html = (
        "<html lang=en><head><title>News</title><meta property=og:title content=News><meta property=og:site_name "
        "content='The council'><meta name=date content=2019-01-01><link rel=canonical href=https://a.example/>"
        f"</head><body><header><p>The council of the bay</p></header><main><h1>News</h1>{body}</main></body></html>"
    )
    address = f"https://a.example/news#{place}"
    return parse_web_page(Page(address, address, html.encode(), Source("feed"), entry=Entry(address, title=title)))


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (BOXES, ("item-1", "item-2", "item-3")),
        (HEADINGS, ("news-1", "news-2", "news-3")),
        (NAMES, ("track", "buses", "lifts")),
        (EMPTY, ("n1", "n2", "n3")),
    ],
)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_section_is_a_release(body, places, number):
    """With its own title and text, and nothing of the others."""
    release = read(body, places[number], TITLES[number])

    assert (release.title, release.body) == (TITLES[number], TEXTS[number])
    assert (release.publisher, release.language) == ("The council", "en")
    assert release.source == f"https://a.example/news#{places[number]}"


@pytest.mark.parametrize("place", ["item-2", "news-2"])
def test_a_section_has_its_own_date(place):
    """And not that of its page."""
    assert f"{read(BOXES + HEADINGS, place, TITLES[1]).published:%Y-%m-%d}" == "2025-05-02"


def test_a_place_that_is_gone_is_no_release():
    """The page's other sections are not taken for it."""
    with pytest.raises(ParseError, match="no such place"):
        read(BOXES, "item-4", "Another")
