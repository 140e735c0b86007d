"""Tests of `ingest.parse.html`; what a page says of itself is tested beside it (`test_html_head`)."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.errors import LimitError, ParseError
from ingest.parse.html import parse_html
from ingest.parse.html_tree import tree_of, undo_layout_tables
from tests.ingest.parse.documents import ONE, THREE, TWO, html


def test_a_page_with_json_ld_becomes_a_release(saved):
    """Everything that the page states is taken, and times are in UTC."""
    release = parse_html(saved("news.en.html"))
    assert release.title == "Sweden joins NATO as its 32nd member"
    assert release.published == datetime(2024, 3, 7, 17, tzinfo=UTC)
    assert release.updated == datetime(2024, 3, 11, 12, tzinfo=UTC)
    assert (release.language, release.publisher) == ("en", "Alliance Newsroom")
    assert release.url == "https://newsroom.example/2024/sweden-joins"
    assert (release.id, release.pair, release.warnings) == ("news.en.html", None, ())


def test_only_the_main_text_is_body(saved):
    """Paragraphs and list items stand in order; menu, cookies, caption, share links and related news do not."""
    release = parse_html(saved("news.en.html"))
    assert [paragraph.split()[0] for paragraph in release.body] == [
        "The", "Sweden", "A", "All", "Sweden", "Swedish", "The",
    ]  # fmt: skip
    assert "7\u00a0March 2024" in release.text
    strays = (
        "cookies",
        "headquarters\n",
        "Facebook",
        "Related",
        "Finland joins NATO",
        "rights reserved",
        "What comes next",
    )
    assert not any(stray in release.text for stray in strays)


def test_a_plain_page_gives_its_visible_dates(saved):
    """Without any statement, the dates under the headline are read, and « Mis à jour le » is the update."""
    release = parse_html(saved("actualite.fr.html"))
    assert release.title == "Le plan d’assistance à l’Ukraine est adopté"
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.updated == datetime(2024, 6, 15, 9, 30, tzinfo=UTC)
    assert release.language == "fr"
    assert len(release.body) == 3
    assert "700\u00a0personnes y travailleront\u202f; elles" in release.body[1]


@pytest.mark.parametrize(
    "head",
    ['<meta property="article:published_time" content="2024-06-14T10:00:00+02:00">',
     '<meta name="DCTERMS.date" content="2024-06-14T08:00:00Z">',
     '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-06-14T08:00Z"}</script>',
     '<script type="application/ld+json">{broken</script><meta name="date" content="2024-06-14T08:00:00Z">'],
)  # fmt: skip
def test_the_date_is_found_wherever_a_page_states_it(make_page, head):
    """Meta elements of several vocabularies and JSON-LD serve; a broken script does no harm."""
    assert parse_html(make_page(html(head=head))).published == datetime(2024, 6, 14, 8, tzinfo=UTC)


def test_time_elements_tell_publication_from_update(make_page):
    """The one that is marked as an update is the update."""
    times = '<time datetime="2024-06-14">14 June</time><time class="updated" datetime="2024-06-16">16 June</time>'
    release = parse_html(make_page(html().replace("</h1>", f"</h1>{times}")))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.updated == datetime(2024, 6, 16, tzinfo=UTC)


def test_a_description_that_readers_see_outside_the_text_is_the_lead(make_page):
    """A standfirst in the page's header is kept as lead; one that nobody sees is not."""
    standfirst = "The mission will be led from Wiesbaden."
    head = f'<meta name="description" content="{standfirst}">'
    seen = html(head=head).replace("<main>", f"<header><p>{standfirst}</p></header><main>")
    assert parse_html(make_page(seen)).lead == standfirst
    assert parse_html(make_page(html(head=head))).lead is None


def test_line_breaks_part_paragraphs(make_page):
    """Text that is set with breaks alone still gives paragraphs."""
    release = parse_html(make_page(html(f"{ONE}<br><br>{TWO}<br>{THREE}")))
    assert release.body == (ONE, TWO, THREE)


def test_a_language_without_its_region_is_kept_and_a_missing_one_detected(make_page):
    """`fr-CH` is French; a page that does not say is judged by its words."""
    assert parse_html(make_page(html("Une phrase.", lang="fr-CH"))).language == "fr"
    assert parse_html(make_page(html().replace(' lang="en"', ""))).language == "en"


def test_characters_that_cannot_be_stored_are_taken_out(make_page):
    """A control character written as an entity does no harm."""
    assert parse_html(make_page(html(f"&#1;{ONE}", TWO, f"{THREE}&#2;"))).body == (ONE, TWO, THREE)


def test_declared_bytes_from_before_utf_8_are_read(make_page):
    """A page in Windows-1252 that says so keeps its accents."""
    page = html(ONE, TWO, THREE.replace("July", "été"), head='<meta charset="windows-1252">')
    assert "été" in parse_html(make_page(page.encode("cp1252"))).body[-1]


def test_text_that_the_main_reading_misses_is_read_wider_with_a_warning(make_page, monkeypatch):
    """When little main text comes out of a full page, its paragraphs are taken and the release says so."""
    monkeypatch.setattr("trafilatura.bare_extraction", lambda *_, **__: None)
    release = parse_html(make_page(html()))
    assert release.body == (ONE, TWO, THREE)
    assert "only 0 characters of main text" in release.warnings[0]


@pytest.mark.parametrize(
    ("content", "cause"),
    [("<html><body><div id='app'></div><script>go()</script></body></html>", "no main text"), ("", "empty"),
     ("<!-- nothing -->", "no")],
)  # fmt: skip
def test_a_page_without_text_is_refused(make_page, content, cause):
    """An empty page, and one that a script would fill, are no releases."""
    with pytest.raises(ParseError, match=rf"folder/release.txt: .*{cause}"):
        parse_html(make_page(content))


@pytest.mark.parametrize("lang", ["fr", "de-CH"])
def test_a_stated_language_gives_way_to_a_text_that_contradicts_it(make_page, lang):
    """A template in another language was copied; the words of the release count."""
    assert parse_html(make_page(html(lang=lang))).language == "en"


def test_lists_that_the_main_reading_loses_are_put_back(make_page, monkeypatch):
    """Items between two paragraphs that were found stand where the page has them."""
    page = html(ONE).replace(
        f"<p>{ONE}</p>", f"<p>{ONE}</p><ul><li>40 billion euros</li></ul><p>{TWO}</p><p>{THREE}</p>"
    )
    monkeypatch.setattr("ingest.parse.html.blocks_of", lambda _: [("p", THREE), ("p", ONE), ("p", TWO)])
    assert parse_html(make_page(page)).body == (ONE, "40 billion euros", TWO, THREE)


def test_a_text_that_stands_in_a_script_alone_is_read(make_page):
    """The copy in JSON-LD serves where the page itself is an empty shell."""
    article = {"@type": "NewsArticle", "headline": "A plan is adopted", "articleBody": f"<p>{ONE}</p>\n<p>{TWO}</p>"}
    script = f'<script type="application/ld+json">{json.dumps([article])}</script>'
    release = parse_html(make_page(f"<html><head>{script}</head><body><div id=app></div></body></html>"))
    assert (release.title, release.body) == ("A plan is adopted", (ONE, TWO))


def test_addresses_are_made_whole_from_the_page_s_own(make_page):
    """A relative canonical address and those of the other languages are resolved; front pages are no translations."""
    head = ('<link rel="canonical" href="/en/plan"><link rel="alternate" hreflang="fr" href="../fr/plan">'
            '<link rel="alternate" hreflang="x-default" href="/plan">'
            '<link rel="alternate" hreflang="de" href="/de/">')  # fmt: skip
    page = replace(make_page(html(head=head)), location="https://newsroom.example/en/plan?from=feed")
    release = parse_html(page)
    assert release.url == "https://newsroom.example/en/plan"
    assert release.translations == ("https://newsroom.example/fr/plan",)


@pytest.mark.parametrize("stamp", ["2999-01-01T00:00:00Z", "2024-06-13T10:00:00Z", "2024-06-14T18:30:00Z"])
def test_a_stamp_that_is_no_update_is_passed_over(make_page, stamp):
    """A date to come, one before the publication and one of the same day are none."""
    head = (f'<meta property="article:published_time" content="2024-06-14T10:00:00Z">'
            f'<meta property="article:modified_time" content="{stamp}">')  # fmt: skip
    assert parse_html(make_page(html(head=head))).updated is None


def test_the_server_s_word_on_the_encoding_goes_before_the_page_s(make_page):
    """A page that calls itself something else than it was sent as keeps its accents."""
    page = html(ONE, TWO, THREE.replace("July", "été"), head='<meta charset="mac-roman">')
    sent = replace(make_page(page.encode("cp1252")), charset="windows-1252")
    assert "été" in parse_html(sent).body[-1]


def test_a_date_that_opens_the_text_is_the_last_resort(make_page):
    """Where no other date is to be had, that of the dateline counts."""
    release = parse_html(make_page(html(f"PASADENA, Calif., April 22, 2024 /Wire/ -- {ONE}", TWO, THREE)))
    assert release.published == datetime(2024, 4, 22, tzinfo=UTC)


def test_a_text_in_the_state_of_a_script_is_read(make_page):
    """A shell whose text a script would draw gives the article that its state holds."""
    article = {"title": "A plan is adopted", "publishedAt": "2024-06-14", "content": [{"text": ONE}, {"text": TWO}]}
    script = f"<script>window.__INITIAL_STATE__ = {json.dumps({'menu': [], 'news': article})}; start()</script>"
    release = parse_html(make_page(f"<html><body><div id=app></div>{script}</body></html>"))
    assert (release.title, release.body) == ("A plan is adopted", (ONE, TWO))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


def test_the_day_beside_the_headline_goes_before_a_stamp_of_another_day(make_page):
    """A stamp that says when the page was moved to a new site is not when the release was published."""
    stamp = '<meta property="article:published_time" content="2025-02-01T10:00:00Z">'
    page = html(head=stamp).replace("</h1>", "</h1><p>14 June 2024</p>")
    assert parse_html(make_page(page)).published == datetime(2024, 6, 14, tzinfo=UTC)


def test_midnight_somewhere_is_the_day_that_is_written(make_page):
    """The fourth of March in Paris stays the fourth, though it is still the third in UTC."""
    stamp = '<meta property="article:published_time" content="2024-03-04T00:00:00+01:00">'
    assert parse_html(make_page(html(head=stamp))).published == datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "line", "day"),
    [
        ("en_US", "03/04/2024", datetime(2024, 3, 4, tzinfo=UTC)),
        ("en_GB", "03/04/2024", datetime(2024, 4, 3, tzinfo=UTC)),
        ("en_GB", "03/04/2024 9:00 AM", datetime(2024, 4, 3, 9, tzinfo=UTC)),
        ("en", "Mon, 03/04/2024 - 10:15", datetime(2024, 3, 4, 10, 15, tzinfo=UTC)),
    ],
)
def test_a_page_in_english_says_where_its_dates_are_from(make_page, locale, line, day):
    """By its locale; else by the weekday that a date falls on."""
    page = html(head=f'<meta property="og:locale" content="{locale}">').replace("</h1>", f"</h1><p>{line}</p>")
    assert parse_html(make_page(page)).published == day


def test_the_day_in_the_address_is_the_last_resort(make_page):
    """A page that shows no date has the one of its address."""
    page = replace(make_page(html()), location="https://newsroom.example/2024/06/14/plan")
    assert parse_html(page).published == datetime(2024, 6, 14, tzinfo=UTC)


def test_the_same_text_in_another_language_is_left_out(make_page):
    """Of two versions in one page, the one in the page's language is the release."""
    other = f'<div lang="fr"><h1>Un plan est adopté</h1><p>{"Un plan a été adopté à Bruxelles. " * 8}</p></div>'
    page = html().replace("<article>", f'{other}<article lang="en">')
    release = parse_html(make_page(page))
    assert (release.title, release.body) == ("A plan is adopted", (ONE, TWO, THREE))


def test_a_lead_between_headline_and_text_is_kept_whatever_marks_it(make_page):
    """A sentence in a small heading under the headline opens the text."""
    lead = "Forty billion euros are promised for the next year."
    page = html().replace("</h1>", f"</h1><h3>{lead}</h3>").replace("<article>", "").replace("</article>", "")
    assert lead in parse_html(make_page(page)).text


@pytest.mark.parametrize("link", ["http://[broken", "https://newsroom.test:port/", "//[", "http://\ud7ff\x01/"])
def test_an_address_that_cannot_be_read_costs_no_release(make_page, link):
    """In the base, the canonical link, Open Graph, JSON-LD or a translation: the page's own address holds."""
    head = (
        f'<base href="{link}"><link rel="canonical" href="{link}"><meta property="og:url" content="{link}">'
        f'<link rel="alternate" hreflang="fr" href="{link}">'
        f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "url": link})}</script>'
    )
    page = replace(make_page(html(head=head)), location="https://newsroom.test/a")

    assert parse_html(page).title == "A plan is adopted"


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://a:secret@newsroom.test/b">',
        '<meta property="og:url" content="https://a:secret@newsroom.test/b">',
        '<base href="https://a:secret@newsroom.test/c/"><link rel="canonical" href="../b">',
    ],
)
def test_no_address_that_a_page_names_has_a_user(make_page, head):
    """Whoever follows it would send a password, or trust a name that is none."""
    head += '<link rel="alternate" hreflang="fr" href="https://a:secret@newsroom.test/fr/c">'
    release = parse_html(replace(make_page(html(head=head)), location="https://newsroom.test/a"))

    assert release.url == "https://newsroom.test/b"
    assert "secret" not in str(release.translations)


def test_elements_within_each_other_are_read_to_the_end(make_page):
    """Old pages open a font for each paragraph and close none; libxml2 would drop all behind the 256th, in silence."""
    release = parse_html(make_page(html("<font>" * 500 + ONE, TWO, THREE), "page.html"))
    assert release.body == (ONE, TWO, THREE)


def test_a_page_that_is_nested_without_end_says_so(make_page):
    """Half of a release is none."""
    with pytest.raises(LimitError, match=r"page\.html: its elements are nested too deeply"):
        parse_html(make_page(html("<div>" * 5_000, ONE, TWO, THREE), "page.html"))


def test_an_element_with_attributes_without_end_is_read(make_page):
    """libxml2 compares each of them with all others, as often as it reads them."""
    crowded = "<i " + " ".join(f'data-{number}="x"' for number in range(8_000)) + ">in all</i>"
    release = parse_html(make_page(html(ONE, f"{crowded} {TWO}", THREE), "page.html"))
    assert release.body == (ONE, f"in all {TWO}", THREE)


def test_no_character_is_lost_on_the_way(make_page):
    """Joiners and private signs stand in the text as on the page; an icon alone is none of it."""
    words = "A family 👨‍👩‍👧 of\u00a0five met in Brussels under the sign \ue123, which nobody but its makers has."
    release = parse_html(make_page(html(words, TWO, "<i>\ue001</i>", THREE), "page.html"))
    assert release.body == (words, TWO, THREE)
    assert release.warnings == ()


def test_a_character_that_cannot_be_kept_is_told(make_page):
    """Once for a page, wherever in what readers see; references by number are read as browsers do."""
    words = ONE.replace("Allies", "Allies&#1; &#146;\x1b&#x9d;")
    release = parse_html(make_page(html(words, TWO, THREE), "page.html"))
    assert release.body[0] == ONE.replace("Allies", "Allies ’")
    assert release.warnings == (
        "control characters were left out: 3, the first in 's of the Allies\\x01 ’\\x1b\\x9d adopted a '",
    )


@pytest.mark.parametrize(
    ("server", "meta", "content"),
    [
        (None, "iso-8859-1", "cp1252"),
        ("ISO-8859-1", None, "cp1252"),
        ("us-ascii", "utf-8", "cp1252"),
        ("iso-8859-15", "iso-8859-1", "iso8859-15"),
        ("no-such-thing", "windows-1252", "cp1252"),
        ("iso-8859-1", "iso-8859-1", "utf-8-sig"),
    ],
)
def test_bytes_are_read_as_browsers_do(make_page, server, meta, content):
    """The mark before the server, the server before the page, and Latin-1 as windows-1252."""
    words = (
        "L’œuvre coûte 84 millions d’€ — dont la moitié à la charge de l’État."
        if content != "iso8859-15"
        else "L'œuvre : 84 €."
    )
    text = html(words, TWO, THREE, head=f"<meta charset={meta}>" if meta else "")
    release = parse_html(replace(make_page(text.encode(content), "page.html"), charset=server))
    assert release.body[0] == words
    assert release.warnings == ()


REPEATED = {
    "tables": "<table><tr><td>x</td></tr></table>",
    "cells": "<table><tr><td>one</td><td>two</td></tr></table>",
    "times": "<time datetime='2024-03-03'>3 March 2024</time>",
    "changes": "<p><time itemprop='dateModified' datetime='2024-03-03'>3 March 2024</time></p>",
    "breaks": "A line of words here<br>",
    "apart": "<br><i>words of a line</i><br>",
    "items": "<li>A point of the list</li>",
}


@pytest.mark.long
@pytest.mark.parametrize("piece", REPEATED.values(), ids=REPEATED)
def test_time_grows_with_the_page_and_not_with_its_square(make_page, piece):
    """Four times the page takes four times as long, not sixteen."""

    def seconds(times: int) -> float:
        page = make_page(html(ONE, TWO, piece * times), "page.html")
        began = time.process_time()
        parse_html(page)
        return time.process_time() - began

    seconds(10)
    assert seconds(10_000) < 10 * max(seconds(2_500), 0.2)


def test_tables_within_tables_are_undone_in_no_time():
    """Old pages place everything by them; each is not looked through once more for all around it."""
    depth = 600
    tree = tree_of("<table><tr><td>" * depth + f"<p>{ONE}</p>" + "</td></tr></table>" * depth, "a page")
    began = time.process_time()
    undo_layout_tables(tree)

    assert time.process_time() - began < 0.5
    assert [len(list(tree.iter(tag))) for tag in ("table", "tr", "td")] == [1, 1, 1]


@pytest.mark.parametrize("mark", ["shareholder-news", "social-policy", "shared-content", "correlated"])
def test_a_section_of_the_text_is_no_box_of_links_by_its_class(make_page, mark):
    """Such a box holds little but links."""
    rest = [f"Part {number} of the plan: {ONE[:-1]}, says its annex." for number in range(4)]
    page = html(*rest, TWO, THREE).replace(f"<p>{TWO}</p>", f'<section class="{mark}"><p>{TWO}</p></section>')

    assert parse_html(make_page(page)).body == (*rest, TWO, THREE)


def test_a_stamp_of_the_day_in_the_dateline_is_no_update(make_page):
    """Also where nothing but the text says when a page was published."""
    head = '<meta property="og:updated_time" content="2024-04-22T11:04:19-0400">'
    release = parse_html(make_page(html(f"PASADENA, Calif., April 22, 2024 /Wire/ -- {ONE}", TWO, THREE, head=head)))

    assert (release.published, release.updated) == (datetime(2024, 4, 22, tzinfo=UTC), None)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_list_that_opens_or_closes_the_text_belongs_to_it(make_page, is_first):
    """Key points above the first paragraph, or hours below the last one; a list of names does not."""
    points = ("Bolts may loosen on vans built last year", "No crashes or injuries have been reported")
    items = f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"
    text = "".join(f"<p>{words}</p>" for words in (ONE, TWO, THREE))
    names = "<ul><li>Ann Lee</li><li>Bo Ek</li></ul>"
    inner = items + text + names if is_first else names + text + items
    body = parse_html(make_page(f"<html><body><h1>A plan is adopted</h1><div>{inner}</div></body></html>")).body

    assert body == ((*points, ONE, TWO, THREE) if is_first else (ONE, TWO, THREE, *points))


@pytest.mark.parametrize(
    "box",
    [
        '<b>Dans la même rubrique</b><br>09/10/2009 <a href="/a">Une bière de Clisson</a><br><a href="/b">Le miel</a>',
        "<h3>Related Images (2)</h3><div><p>The new van, seen from its side</p><a>Add to cart</a></div>",
    ],
)
def test_a_box_of_related_things_is_told_by_its_first_words(make_page, box):
    """In bold print, or with a count behind them."""
    text = "".join(f"<p>{words}</p>" for words in (ONE, TWO, THREE))
    page = f"<html><body><h1>A plan is adopted</h1><div>{text}</div><div class=x>{box}</div></body></html>"

    assert parse_html(make_page(page)).body == (ONE, TWO, THREE)
