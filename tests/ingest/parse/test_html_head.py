"""Tests of `ingest.parse.html_head`: which title and which dates of a page are the release's."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from ingest.parse.html import parse_html
from tests.ingest.parse.documents import ONE, THREE, TWO, html


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        (
            f"<h2>{'A plan is adopted in Brussels by all ministers'}</h2>",
            "A plan is adopted in Brussels by all ministers",
        ),
        (
            "<h2>A plan is adopted in Brussels by all</h2><h2>And what comes next in Berlin</h2>",
            "A plan is adopted in Brussels by all",
        ),
        ("<h2>Contact</h2>", "Alliance :: Press"),
    ],
)
def test_the_first_second_heading_is_the_title_of_a_page_whose_own_names_a_section(make_page, headings, title):
    """If it says more than that, in four words or more."""
    page = f"<html lang=en><head><title>Alliance :: Press</title></head><body><div>{headings}<p>{ONE}</p><p>{TWO}</p>"

    assert parse_html(make_page(page)).title == title


@pytest.mark.parametrize("site", ["Alerts • {}", "{} • City of Fairbrook", "{} | Fairbrook"])
def test_a_third_heading_is_the_title_where_the_page_s_own_holds_it(make_page, site):
    """The first two name the section, as in systems in which a release is one item of a list."""
    title = "City to replace its lead pipes"
    head = f"<html lang=en><head><title>{site.format(title)}</title></head>"
    page = f"{head}<body><h1>News Flash</h1><h2>Press Releases</h2><h3>{title}</h3><p>{ONE}</p><p>{TWO}</p>"
    assert parse_html(make_page(page)).title == title


@pytest.mark.parametrize(
    "line", ["<b>A ferry may not charge for a wheelchair</b>", "A FERRY MAY NOT CHARGE FOR A WHEELCHAIR"]
)
@pytest.mark.parametrize("kicker", ["Press release 7/24", "Communiqué de presse n° 7/24", "News Release 2012-230"])
def test_without_headings_the_line_in_bold_or_capitals_is_the_title(make_page, line, kicker):
    """The page's own says no more than that it is a release, and which."""
    page = (
        f"<html lang=en><head><title>{kicker}</title></head><body><p><font size=5>The Common Court</font></p>"
        f"<p><b>PRESS RELEASE</b></p><p>{line}</p><p>{ONE}</p><p><b>What the Court has found</b></p><p>{TWO}</p>"
    )
    assert parse_html(make_page(page)).title.casefold() == "a ferry may not charge for a wheelchair"


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("New bridge opens across the river Lesse", "New bridge opens across the river Lesse"),
        ("Government of Malland", "Ministry of Finance"),
        ('<a href="/">Service for Citizens and their Families</a>', "Ministry of Finance"),
    ],
)
def test_the_headline_goes_before_a_title_that_all_pages_of_a_site_state(make_page, heading, title):
    """It is the longer one, and does not lead to the front page."""
    head = '<meta property="og:title" content="Ministry of Finance">'
    page = html(head=head, title="Ministry of Finance").replace("<h1>Ministry of Finance", f"<h1>{heading}")

    assert parse_html(make_page(page)).title == title


@pytest.mark.parametrize("site", [" | Newsroom", " - NATO", " – Alliance Newsroom"])
def test_the_site_is_cut_off_the_title(make_page, site):
    """Without a headline, the page's title serves less its site."""
    head = '<meta property="og:site_name" content="Alliance Newsroom">'
    title = f"A plan is adopted - at last{site}"
    page = html(head=head, title=title).replace(f"<h1>{title}</h1>", "")
    assert parse_html(make_page(page)).title == "A plan is adopted - at last"


def test_a_main_part_is_never_inside_the_navigation(make_page):
    """A box that is not closed there reaches to the end of the page for libxml2, and for no browser."""
    page = (
        f"<html lang=en><body><nav><div><p>You are here</p></nav><main><h1>A plan</h1><p>{ONE}</p><p>{TWO}</p></main>"
    )

    assert parse_html(make_page(page)).body == (ONE, TWO)


def test_the_beginning_of_a_title_that_the_page_shows_alone_is_the_title(make_page):
    """Behind it stand the section and the site."""
    page = (
        f"<html lang=en><head><title>A plan: all of it - Press - North Region</title></head><body><div>"
        f"<h4><span>A plan: all of it</span></h4><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div>"
    )

    assert parse_html(make_page(page)).title == "A plan: all of it"


def test_a_table_of_facts_above_the_headline_dates_the_release(make_page):
    """Not the list of other releases below it."""
    row = "<tr><td>{}</td><td><span>{}</span></td></tr>"
    facts = f"<table>{row.format('Issued by:', 'Committee')}{row.format('Date:', '4 February 2025')}</table>"
    others = f"<table>{row.format('5 March 2025', 'The Speaker opens a parliament of the young')}</table>"
    text = f"<p>{ONE} {TWO}</p><p>{THREE}</p>"
    body = f"<p>6 March 2025</p><div><div>{facts}<h2>A plan</h2>{text}</div></div>{others}"
    page = f"<html lang=en><head><title>A plan</title></head><body>{body}</body></html>"

    assert parse_html(make_page(page)).published == datetime(2025, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("around", "day"),
    [
        ("<div class='usa-banner'>Official</div>", datetime(2024, 8, 5, tzinfo=UTC)),
        ("", datetime(2024, 5, 8, tzinfo=UTC)),
    ],
)
def test_the_united_states_government_puts_the_month_first(make_page, around, day):
    """Its pages say `en` and no more."""
    page = html(ONE, TWO).replace("<main>", f"{around}<main>").replace("</h1>", "</h1><p>08/05/2024</p>")

    assert parse_html(make_page(page)).published == day


@pytest.mark.parametrize(
    "title",
    ["The Diocese - News - Press releases 2024", "Regional Parliament", "Press release", "Energy > News > Detail"],
)
@pytest.mark.parametrize(
    "line", ["<div class=cp_title>{}</div>", "<p><b>{}</b></p>", "<span class=ArticleTitle>{}</span>", "<h3>{}</h3>"]
)
def test_a_title_of_the_section_gives_way_to_the_headline_that_is_no_heading(make_page, title, line):
    """Its day stands above it, and others at the page's side."""
    headline = "Churchyards go to their neighbours"
    page = (
        f"<html lang=en><head><title>{title}</title></head><body>"
        "<div class=title><a href=/>The Diocese of the North</a></div><div><div class=box_title>Next sittings</div>"
        "<p>Wednesday 27 November 2024<br>09:30 - Plenary</p></div>"
        f"<div><span>Namur, 19/11/2024</span>{line.format(headline)}<div><p>{ONE}</p><p>{TWO}</p></div></div>"
    )
    release = parse_html(make_page(page))

    assert release.title == headline
    assert release.published == datetime(2024, 11, 19, tzinfo=UTC)


@pytest.mark.parametrize("line", ["Embargoed until 11 am, 5 September 2025", "Sous embargo jusqu’au 5.9.2025, 8 h 30"])
def test_a_release_is_published_when_its_embargo_ends(make_page, line):
    """Where the page says no other day."""
    release = parse_html(make_page(html(line, ONE, TWO)))
    assert release.published is not None
    assert release.published.date() == date(2025, 9, 5)


def test_the_kind_of_page_before_a_title_is_cut_off(make_page):
    """As bulletins have it in their subject."""
    assert parse_html(make_page(html(title="NEWS RELEASE: A plan is adopted"))).title == "A plan is adopted"
    assert parse_html(make_page(html(title="Ukraine: a plan is adopted"))).title == "Ukraine: a plan is adopted"


@pytest.mark.parametrize(
    "head",
    ["<div class=card><div class=card-header><span>3 June 2024</span></div><div><h4>{}</h4></div></div>",
     "<table><tr><td><b>PRESS RELEASES</b></td><td>Release date: 3/6/2024</td></tr></table>"
     "<div><font><b>{}</b></font></div>",
     "<h1>{}</h1><p>3.6.24</p>"],
)  # fmt: skip
def test_the_day_stands_beside_a_headline_of_any_kind(make_page, head):
    """Not the one that a link to another release shows."""
    title = "A bridge for the islands of the north"
    others = "<div><a href=/2><small>1 June 2024</small> A new judge is sworn in at last</a></div>"
    page = f"<html lang=en><head><title>{title} | North</title></head><body>{head.format(title)}<p>{ONE}</p>{others}"
    assert parse_html(make_page(page)).published == datetime(2024, 6, 3, tzinfo=UTC)


def test_a_day_whose_class_says_so_is_that_of_an_update(make_page):
    """Whether or not readers see it."""
    line = "<p><span class='updated hidden-stamp'>2024-06-05</span><span>3 June 2024</span></p>"
    release = parse_html(make_page(html(ONE, TWO).replace("</h1>", f"</h1>{line}")))
    assert (release.published, release.updated) == (
        datetime(2024, 6, 3, tzinfo=UTC),
        datetime(2024, 6, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "line",
    [
        "<h2>3 April 2025</h2>",
        "<h5>03.04.2025</h5>",
        "<section>3 April 2025</section>",
        "<address>3 April 2025</address>",
        "<div><label>Published:</label> <b>3 April 2025</b></div>",
        "<div><div>Last updated</div><div>9 May 2025</div></div><div><div>Published</div><div>3 April 2025</div></div>",
        "<div><div>When?</div><div>14 June 2025</div></div><p>3 April 2025</p>",
        "<div><span>3.4.25</span> - <span>{}</span></div>".format(
            "The plan is for all of them and for many years. " * 4
        ),
        "Published on 3 April 2025 in <a href=/defence>Defence</a>",
    ],
)
def test_a_day_beside_the_headline_stands_in_any_element(make_page, line):
    """With its label in the element before, and with a lead behind it."""
    page = html(ONE, TWO).replace("</h1>", f"</h1>{line}")

    assert parse_html(make_page(page)).published == datetime(2025, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize("heading", ["Press release of 3 April 2025", "3 April 2025 - A plan is adopted by all"])
def test_a_headline_may_begin_with_the_day(make_page, heading):
    """Or be no more than that."""
    page = html(ONE, TWO, title=heading)

    assert parse_html(make_page(page)).published == datetime(2025, 4, 3, tzinfo=UTC)


def test_the_foot_of_an_article_says_when_it_was_posted(make_page):
    """Not so that of the page."""
    foot = "<footer>Posted on <time datetime=2025-04-03>3 April 2025</time></footer>"
    page = html(ONE, TWO)
    inside, outside = page.replace("</article>", f"{foot}</article>"), page.replace("</main>", f"</main>{foot}")

    assert parse_html(make_page(inside)).published == datetime(2025, 4, 3, tzinfo=UTC)
    assert parse_html(make_page(outside)).published is None


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("04/03/2025", '<meta property="article:published_time" content="2025-04-03T10:00:00Z">'),
        ("04/03/2025</p><p>Reviewed 12/19/2024", ""),
    ],
)
def test_a_page_tells_itself_whether_it_has_the_month_first(make_page, line, head):
    """By its stamp, or by another day, for which only one order will do."""
    page = html(ONE, TWO, head=head).replace("</h1>", f"</h1><p>{line}</p>")

    assert str(parse_html(make_page(page)).published)[:10] == "2025-04-03"


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
