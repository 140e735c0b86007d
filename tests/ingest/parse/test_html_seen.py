"""Tests of `ingest.parse.html_seen`: what readers of a page see is text of the release, and nothing else is."""

from __future__ import annotations

import pytest

from ingest.parse.html import parse_html

ONE = "The tramway between Harbour Square and the university opens on 3 September 2026."
SECRET = "Internal remark for the board: the contract has not been signed, and the price may still rise by a tenth."
ANSWER = "A ticket for one zone costs 2.80 euros, and children under six travel free of charge with their parents."


def page(inner: str, *, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>The tramway opens</title>{head}</head><body>'
        f"<h1>The tramway opens</h1><p>2 March 2026</p><p>{ONE}</p>{inner}</body></html>"
    )


@pytest.mark.parametrize(
    "unseen",
    [f"<noscript><p>{SECRET}</p></noscript>", f"<template><p>{SECRET}</p></template>",
     f"<div hidden><p>{SECRET}</p></div>", f'<section style="color: red; DISPLAY : none"><p>{SECRET}</p></section>',
     f'<p style="visibility:hidden">{SECRET}</p>', f'<div class="box d-none"><p>{SECRET}</p></div>',
     f"<dialog><p>{SECRET}</p></dialog>", f"<video><p>{SECRET}</p></video>",
     f"<div><noscript><div><p>{SECRET}</p></div></noscript></div>"],
)  # fmt: skip
def test_text_that_nobody_sees_stays_out_of_a_short_page(make_page, unseen):
    """However it is hidden, and although it is longer than the release."""
    assert parse_html(make_page(page(unseen))).body == (ONE,)


@pytest.mark.parametrize(
    "panel",
    [f"<details><summary>Fares</summary><p>{ANSWER}</p></details>",
     f'<h3><button aria-controls="a" aria-expanded="false">Fares</button></h3><div id="a" hidden><p>{ANSWER}</p></div>',
     f'<button data-bs-target="#a">Fares</button><div id="a" style="display:none">{ANSWER}</div>',
     f'<a href="#a">Fares</a><div id="a" style="display: none"><p>{ANSWER}</p></div>',
     f'<div role="tab" id="t">Fares</div><div role="tabpanel" aria-labelledby="t" hidden="">{ANSWER}</div>',
     f'<div class="accordion__body" aria-hidden="true" style="display:none">{ANSWER}</div>',
     f'<div hidden="until-found">{ANSWER}</div>',
     f'<h3 aria-expanded="false">Fares</h3><div aria-hidden="true" style="display:none">{ANSWER}</div>'],
)  # fmt: skip
@pytest.mark.parametrize("more", ["", f"<p>{ONE[:-1]}, as the council decided. {SECRET} {SECRET[9:]}</p>"])
def test_text_that_a_click_shows_comes_in(make_page, panel, more):
    """On a short page and on a long one."""
    assert ANSWER in parse_html(make_page(page(more + panel))).body


@pytest.mark.parametrize(
    "box",
    [f'<nav><button aria-controls="m">Menu</button><div id="m" hidden><p>{SECRET}</p></div></nav>',
     f'<a data-target="#m">Write to us</a><div class="modal" id="m" style="display:none"><p>{SECRET}</p></div>',
     f'<button aria-controls="m">Sites</button><ul id="m" hidden><li><a href="/a">{SECRET}</a></li></ul>'],
)  # fmt: skip
def test_menus_and_forms_that_a_click_shows_stay_out(make_page, box):
    """They open too, and are no text of the page."""
    assert SECRET not in parse_html(make_page(page(box))).text


def test_a_page_that_waits_for_its_script_to_show_it_is_read(make_page):
    """Where all headlines stand in the hidden part, it is the page."""
    hidden = page("").replace("<h1>", '<div style="display:none"><h1>').replace("</body>", "</div></body>")
    assert parse_html(make_page(hidden)).body == (ONE,)


def test_what_hidden_parts_state_for_machines_counts(make_page):
    """JSON-LD may stand in an element that nobody sees."""
    statement = '{"@type": "NewsArticle", "headline": "The tramway opens", "datePublished": "2026-03-01T08:00:00Z"}'
    hidden = f'<div hidden><script type="application/ld+json">{statement}</script></div>'
    release = parse_html(make_page(page(hidden).replace("<p>2 March 2026</p>", "")))
    assert release.published is not None
    assert release.published.isoformat() == "2026-03-01T08:00:00+00:00"


@pytest.mark.parametrize(
    "consent",
    ["<div id='cookie-banner'><p>We and our 120 partners keep data on your device, to measure and to advertise. You "
     "may change your mind at any time in the settings of this page.</p></div>",
     "<div class='x1'><p>À nous de vous demander votre accord : des traceurs mesurent notre audience et servent à vous "
     "montrer des publicités adaptées à vos centres d'intérêt.</p><button>Tout accepter</button></div>",
     "<div class='x2'><div><p>Your privacy matters to us. We share what you do here with the companies that pay for "
     "this page, so that they know you better.</p></div><div><a href='#'>Manage preferences</a><a href='#'>I agree</a>"
     "</div></div>"],
)  # fmt: skip
def test_consent_texts_stay_out_of_a_short_page(make_page, consent):
    """By the names of their boxes, or by their buttons and their words."""
    assert parse_html(make_page(page(consent))).body == (ONE,)


def test_a_release_about_cookies_is_no_consent_text(make_page):
    """It has no buttons that ask for any."""
    text = "The authority fined two sites 3 million euros because their banners for cookies had no button to refuse."
    assert parse_html(make_page(page(f"<p>{text}</p>"))).body == (ONE, text)


RULING = "The authority fined two sites 3 million euros. They had sold personal data without the consent of anybody."


@pytest.mark.parametrize(
    "field", ['<form><input name="mail"><input type="submit" value="OK"></form>', "<button>Got it</button>"]
)
@pytest.mark.parametrize("title", ["<h1>Two sites are fined</h1>", "<b>Two sites are fined</b>"])
def test_a_button_beside_a_release_does_not_cut_it(make_page, field, title):
    """A newsletter, a search or a hint in the same box, with or without a headline outside of it."""
    text = f"{RULING} It is the first decision of this kind in the country, and both of them will appeal against it."
    inner = f'{title}<div class="w"><div>{field}</div><p>{text}</p><p>{ONE}</p></div><p>Press office</p>'
    html = f"<html><head><title>Two sites are fined</title></head><body>{inner}</body></html>"

    assert parse_html(make_page(html)).body[:2] == (text, ONE)


@pytest.mark.parametrize(
    "mark",
    ["gdpr-iframe-blocked", "has-cookie", "cookies-accepted", "topic-cookie", "tag-consentement",
     "cck-f100 cck-line-body"],
)  # fmt: skip
def test_a_class_with_a_word_of_consent_in_it_does_not_cut_the_text(make_page, mark):
    """Sites say so of the visitor's choice, of a topic, of a film that waits; one builder of pages has `cck-`."""
    html = page("").replace(f"<p>{ONE}</p>", f'<div class="{mark}"><p>{ONE}</p><p>{RULING}</p></div>')

    assert parse_html(make_page(html)).body == (ONE, RULING)
