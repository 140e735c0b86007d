"""Tests of `ingest.parse.html_text`: marks of notes, powers, struck-out words, lists of facts, text set by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.parse.html import parse_html
from ingest.parse.html_text import fragment_blocks

ONE = "The regional council adopted the plan for the valley on Monday, and work begins in the spring of 2027."
TWO = "It provides for forests on both banks of the river, and for a path that is open to walkers all year round."


def page(*blocks: str) -> str:
    return f'<html lang="en"><head><title>A plan</title></head><body><h1>A plan</h1>{"".join(blocks)}</body></html>'


def text_of(fragment: str) -> list[str]:
    return [words for _, words in fragment_blocks(fragment, "a text")]


@pytest.mark.parametrize(
    ("written", "text"),
    [("Sales rose by 37<sup>2</sup> per cent.", "Sales rose by 37 per cent."),
     ("In 2023<sup>1,2</sup> and 2024<sup>(3)</sup>.", "In 2023 and 2024."),
     ('Some 18<sup><a href="#n1">10</a></sup> boats.', "Some 18 boats."),
     ('Some 18<a href="#n1">4</a> boats.', "Some 18 boats."),
     ('Some 18<span style="vertical-align: super; font-size: 8px">4</span> boats.', "Some 18 boats."),
     ("The report<sup>*</sup> says so.", "The report says so."),
     ('Up to 10<sup class="footnote">4</sup> places.', "Up to 10 places.")],
)  # fmt: skip
def test_the_mark_of_a_note_never_joins_a_figure(written, text):
    """Whatever way it is raised or linked."""
    assert text_of(f"<p>{written}</p>") == [text]


@pytest.mark.parametrize(
    ("written", "text"),
    [("3 × 10<sup>8</sup> m/s", "3 × 10⁸ m/s"), ("some 2<sup>64</sup> grains", "some 2⁶⁴ grains"),
     ("10<sup>−9</sup> g", "10⁻⁹ g"), ("a park of 85 km<sup>2</sup>", "a park of 85 km²"),
     ("40 m<sup>3</sup> of wood", "40 m³ of wood"), ("CO<sub>2</sub> and CO<sup>2</sup>", "CO2 and CO2"),
     ("H<sub>2</sub>O", "H2O"), ("PM<sub>2.5</sub>", "PM2.5"), ("1<sup>er</sup> mai", "1er mai"),
     ("the 21<sup>st</sup> century", "the 21st century"), ("la 3<sup>e</sup> édition", "la 3e édition"),
     ("n<sup>o</sup> 12", "no 12"), ("2<sup>1</sup>/<sub>2</sub> hours", "2 1/2 hours"), ("101<sub>2</sub>", "101₂")],
)  # fmt: skip
def test_powers_formulas_ordinals_and_fractions_stay_what_they_are(written, text):
    """They are no notes."""
    assert text_of(f"<p>{written}</p>") == [text]


def test_ten_with_a_note_of_that_number_is_no_power():
    """Where the page has a note 3, the mark behind « 10 » is its."""
    assert text_of("<p>It took 10<sup>3</sup> years.</p><p><sup>3</sup>As of May.</p>") == [
        "It took 10 years.",
        "3 As of May.",
    ]


@pytest.mark.parametrize(
    "gone", ["<del>9 April</del>", "<s>9 April</s>", "<strike>9 April</strike>",
             '<span style="text-decoration: line-through">9 April</span>'],
)  # fmt: skip
def test_struck_out_words_go_and_inserted_ones_stay(make_page, gone):
    """The last version counts."""
    release = parse_html(
        make_page(page(f"<p>{ONE}</p><p>The hall opens on {gone} <ins>16 April</ins>, says the town.</p>"))
    )
    assert release.body[-1] == "The hall opens on 16 April, says the town."


def test_lists_of_facts_stay_and_those_of_the_page_go(make_page):
    """A date among facts is one of them; the day of publication is the page's own."""
    own = "<dl><dt>Published</dt><dd>2 March 2026</dd><dt>From</dt><dd>Regional council</dd></dl>"
    pairs = {"Opening": "4 May 2027", "Length": "12 km", "Cost:": "3.1 million euros"}
    facts = f"<dl>{''.join(f'<dt>{term}</dt><dd>{told}</dd>' for term, told in pairs.items())}</dl>"
    release = parse_html(make_page(page(own, f"<p>{ONE}</p>", facts, f"<p>{TWO}</p>")))
    assert release.published == datetime(2026, 3, 2, tzinfo=UTC)
    assert release.body == (ONE, "Opening: 4 May 2027", "Length: 12 km", "Cost: 3.1 million euros", TWO)


def test_text_that_was_set_by_hand_is_paragraphs_with_a_date(make_page):
    """Of an old `<pre>` the lines are joined, and the date in its head is that of publication."""
    pre = """<pre>
PRESS RELEASE 14/99                               7 July 1999

The regional council adopted the plan for the valley on Monday, and work
begins in the spring of the year 2001, after the harvest.

It provides for forests on both banks of the river, and for a path that
is open to walkers all year round.
</pre>"""
    release = parse_html(
        make_page(f"<html lang='en'><head><title>Plan for the valley</title></head><body>{pre}</body></html>")
    )
    assert release.published == datetime(1999, 7, 7, tzinfo=UTC)
    assert release.body[-2:] == (
        "The regional council adopted the plan for the valley on Monday, and work begins in the spring of the year "
        "2001, after the harvest.",
        TWO,
    )


def test_entities_are_decoded_once(make_page):
    """What a page shows as `&lt;b&gt;` is not made an element of."""
    written = "The form asks for &amp;lt;name&amp;gt; and for Q&amp;amp;A, the council says in its guide."
    release = parse_html(make_page(page(f"<p>{ONE}</p><p>{written}</p>")))
    assert release.body[-1].startswith("The form asks for &lt;name&gt; and for Q&amp;A, the council")


@pytest.mark.long
def test_time_grows_with_raised_figures_and_not_with_their_square(make_page):
    """Twenty thousand empty marks in a row are looked at within the limits of a page."""
    release = parse_html(make_page(page(f"<p>{ONE}{'<sup></sup>' * 20_000}</p>")))
    assert release.body == (ONE,)


def test_a_day_whose_parts_are_boxes_is_one_line():
    """Boxes of other short words stay as they are."""
    assert text_of("<div><div>17</div><div>March</div><div>2025</div></div>") == ["17 March 2025"]
    assert text_of("<div><div>17</div><div>trains</div></div>") == ["17", "trains"]


@pytest.mark.parametrize(
    "layout",
    ["<table><tr><td><table><tr><td>{0}</td></tr></table></td></tr></table>",
     "<table><tr><td><h1>A plan</h1>{0}</td><td>Valley</td></tr></table>",
     "<table><tbody><tr><td><img src='a.png'></td><td>{0}</td></tr><tr><td>&nbsp;</td></tr></tbody></table>"],
)  # fmt: skip
def test_a_table_that_only_places_a_text_parts_its_paragraphs(layout):
    """As newsletters are set, whether tables stand in tables, a headline stands in one, or all is in one column."""
    found = text_of(layout.format(f"<p>{ONE}</p><p>{TWO}</p>"))
    assert [words for words in found if words in {ONE, TWO}] == [ONE, TWO]


def test_a_table_of_data_stays_one_row_by_row():
    """With headings or without; a line for all columns is a row as well."""
    rows = "<tr><td>Forest</td><td>12 ha</td></tr><tr><td colspan='2'>In all</td></tr>"
    for head, read in (("", []), ("<tr><th>What</th><th>How much</th></tr>", [("row", "What | How much")])):
        found = list(fragment_blocks(f"<table>{head}{rows}</table>", "a text"))
        assert found == [*read, ("row", "Forest | 12 ha"), ("row", "In all")]
    assert list(fragment_blocks("<table><tr><th>Prizes</th></tr><tr><td>Heron</td></tr></table>", "a text")) == [
        ("row", "Prizes"),
        ("row", "Heron"),
    ]
