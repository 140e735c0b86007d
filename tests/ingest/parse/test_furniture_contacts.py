"""Boxes of contacts stay out of a release in every format; sentences with a telephone number stay in."""

from __future__ import annotations

import pytest

from ingest.parse.furniture import Line, contact_lines, has_detail
from ingest.parse.html import parse_html
from ingest.parse.text import parse_text

BODY = (
    "The regional council has approved the purchase of twelve battery-powered trains for the line to Tindale.",
    "The trains will enter service in the spring of 2027 and replace diesel units that have run since 1988.",
    "The contract is worth 96 million euros and includes maintenance for fifteen years.",
)
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)


def read(make_page, box: str):
    page = f"<html lang=en><head><title>Trains for Tindale</title></head><body><main><h1>Trains for Tindale</h1>{TEXT}"
    return parse_html(make_page(f"{page}{box}</main></body></html>")).body


@pytest.mark.parametrize(
    "box",
    [
        "<div><h2>Media contact</h2><p>Jon Weller<br>Office<br>+44 20 5550 0137<br>press@harlow.example</p></div>",
        "<h3>Media enquiries</h3><p>Jon Weller, press office</p><p>Tel: 5550 0137</p><p>press@harlow.example</p>",
        "<p><strong>Contact presse :</strong><br>Anne Vasseur – 02 55 50 01 37 – presse@region.example</p>",
        "<section><h2>Contacts presse</h2><dl><dt>Anne Vasseur</dt><dd>02 55 50 01 37</dd></dl></section>",
        "<h4>Contact</h4><table><tr><td>Anne Vasseur</td></tr><tr><td>Tél.</td><td>02 55 50 01 37</td></tr></table>",
        "<p>Renseignements</p><p>Direction générale de l’environnement, 021 000 00 00</p>",
        "<p>Service de presse du ministère – 01 00 00 00 00</p>",
        "<p>Clerk of the Committee, telephone 555 0142</p><p>transport.committee@parliament.example</p>",
        "<p>Direction des relations extérieures</p><p>presse@musee.example</p>",
        "<h2>Contact</h2><p>Office<br>TEL: +81-00-5550-0155 / E-mail: press[at]harlow.example<br>*Change [at].</p>",
    ],
)  # fmt: skip
def test_a_box_stays_out(make_page, box):
    """By its label, or because it stands behind the last sentence."""
    assert read(make_page, box) == BODY


@pytest.mark.parametrize(
    "kept",
    [
        "For further information, contact the press office on +44 20 5550 0137 or at press@harlow.example.",
        "Residents can report faults to the council’s hotline on +44 20 5550 0188.",
        "Contact lenses were handed out to 1 500 000 000 people by the council, from 2019-2024.",
        "Les renseignements recueillis sont conservés jusqu’au 30.10.2024.",
    ],
)
def test_a_sentence_stays_in(make_page, kept):
    """Also under a label, and though it holds a number."""
    assert read(make_page, f"<div class=box><h2>Contact</h2><p>{kept}</p></div>") == (*BODY, kept)


def test_what_stands_below_a_box_stays_in(make_page):
    """A box ends with its last number, at a sentence or at a heading."""
    box = "<h3>Contact</h3><p>Jon Weller</p><p>+44 20 5550 0137</p><h3>About</h3><p>The council serves the bay.</p>"

    assert read(make_page, box) == (*BODY, "The council serves the bay.")


def test_a_label_without_a_number_stays_in():
    """Then it is no box of contacts, but words of the text."""
    assert contact_lines([Line("Contact"), Line("Ten trains"), Line("Twelve stops")]) == set()


def test_items_of_a_list_are_no_closing_contacts():
    """A list at the end may tell readers where to write."""
    lines = [Line("Three offices take applications."), Line("Harlow: apply@harlow.example", is_item=True)]

    assert contact_lines(lines, closing=True) == set()


def test_a_text_loses_its_box_too(make_page):
    """The same rule as on pages, but for numbers without a label."""
    text = "\n\n".join(("Trains for Tindale", *BODY, "Press contact", "Jon Weller", "+44 20 5550 0137"))

    assert parse_text(make_page(text)).body == BODY


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Tel. 555 0142", True),
        ("+44 20 5550 0137", True),
        ("press@harlow.example", True),
        ("30.10.2024", False),
        ("726 000 | 678 000", False),
        ("from 2019-2024", False),
    ],
)
def test_a_detail_is_a_number_or_an_address(text, is_one):
    """No date and no figure; nine digits, or fewer that are announced."""
    assert has_detail(text) is is_one


def test_a_line_with_all_details_is_a_box_by_itself():
    """Number and address behind the label, in a text where nothing but words says what a line is."""
    lines = [Line(BODY[0]), Line("Contact presse : 02 55 50 01 37 – presse@region.example"), Line("Contact : Rennes")]

    assert contact_lines(lines, fewest=2) == {1}
