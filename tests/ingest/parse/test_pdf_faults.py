"""PDFs that were once read wrongly, from the shared data."""

from __future__ import annotations

import pytest

from ingest.errors import ParseError
from ingest.parse.pdf import parse_pdf
from ingest.parse.workers import Workers
from tests.shared_data import shared

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aes-empty-password/aes-128", "every fifteen minutes in both directions from 2026."),
        ("aes-empty-password/aes-256", "every fifteen minutes in both directions from 2026."),
        ("columns-by-row/a", "so that trains can run every fifteen minutes."),
        ("columns-by-row/a", "The work costs 84 million euros, of which the canton pays 51 million and the company"),
        ("footnote-in-sentence/a", "the agreement that the two of them signed in the spring of 2025"),
        ("footnote-mark/rise", "The work costs 84 million euros, of which the canton pays"),
        ("footnote-mark/word", "The work costs 84 million euros, of which the canton pays"),
    ],
)
def test_sentences_stand_in_one_piece(make_page, name, said):
    """Whatever the layout program did to them."""
    assert said in parse_pdf(make_page(shared(f"faults/pdf-{name}.pdf").read_bytes())).text


def test_print_that_was_doubled_is_read_once(make_page):
    """In the headline and in the text."""
    release = parse_pdf(make_page(shared("faults/pdf-overprinted-bold/a.pdf").read_bytes()))
    assert release.title == "Second track for the Aldrin line"
    assert release.body[-1] == "The canton pays 51 million euros of it."


@pytest.mark.long
def test_a_pdf_that_draws_without_end_does_not_hang(make_page):
    """Neither on one page nor on five hundred."""
    workers = Workers(at_once=1)
    try:
        page = make_page(shared("faults/hang-pdf/pdf-ops5MB.pdf").read_bytes())
        assert workers.call("a", parse_pdf, page).title == "The council met in Berne on 3 March 2024."
        page = make_page(shared("faults/hang-pdf/pdf-ops-500pages.pdf").read_bytes())
        with pytest.raises(ParseError):  # a LimitError, unless it comes to the end of the empty pages in time
            workers.call("b", parse_pdf, page)
    finally:
        workers.close()
