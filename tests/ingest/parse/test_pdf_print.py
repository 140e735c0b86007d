"""What layout programs do to the print of a PDF, and what readers see all the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from pypdfium2 import PdfDocument

from ingest.parse.pdf import parse_pdf
from tests.ingest.parse.pdf_builder import Placed, bold, build_pdf, column

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.types import Page
    from vectorstore.types import Release

HEAD: list[Placed] = [(70, 780, 18, "A new ferry for the islands"), (70, 755, 10, "Oban, 3 June 2024")]
TEXT = "The ferry will sail from the autumn on, with room for\nnine hundred passengers and a hundred cars."


@pytest.fixture
def read(make_page: Callable[..., Page]) -> Callable[..., Release]:
    """Reads pages that are written in a line or two."""
    return lambda *pages: parse_pdf(make_page(build_pdf(*pages)))


def in_columns(left: list[str], right: list[str], *, row_by_row: bool) -> list[Placed]:
    """Two columns, written row by row or one after the other."""
    placed: list[list[Placed]] = [
        [(x, 720 - 14 * row, 11, words) for row, words in enumerate(lines)] for x, lines in ((70, left), (310, right))
    ]
    if row_by_row:
        return [piece for row in zip(*placed, strict=True) for piece in row]
    return [*placed[0], *placed[1]]


@pytest.mark.parametrize("row_by_row", [True, False])
def test_columns_are_read_down(read: Callable[..., Release], *, row_by_row: bool) -> None:
    """In whichever order the file has their lines."""
    left = [
        "The ferry will sail from the",
        "autumn on, with room for nine",
        "hundred passengers and some",
        "hundred cars.",
    ]
    right = [
        "It was built in two years at",
        "a yard on the Clyde, and costs",
        "as much as the two that it will",
        "replace.",
    ]

    release = read([*HEAD, *in_columns(left, right, row_by_row=row_by_row)])

    assert release.body == (" ".join(left), " ".join(right))


def test_columns_close_together_are_read_down(read: Callable[..., Release]) -> None:
    """Little more than a letter's width lies between them."""
    left = [
        "The ferry will sail from the",
        "autumn on, with room for nine",
        "hundred passengers and some",
        "hundred cars.",
    ]
    right = [
        "It was built in two years at",
        "a yard on the Clyde, and costs",
        "as much as the two that it will",
        "replace.",
    ]
    edge = 70 + 153 + 13  # beside the longest line on the left, in Helvetica

    lines = in_columns(left, right, row_by_row=True)
    release = read([*HEAD, *((edge if x > 70 else x, y, size, words) for x, y, size, words in lines)])

    assert release.body == (" ".join(left), " ".join(right))


def test_a_paragraph_goes_on_in_the_next_column(read: Callable[..., Release]) -> None:
    """Its sentence stands in one piece."""
    left = ["The ferry will sail from the", "autumn on, with room for nine", "hundred passengers and some"]
    right = ["hundred cars. It was built at", "a yard on the Clyde, and costs", "as much as two others."]

    release = read([*HEAD, *in_columns(left, right, row_by_row=True)])

    assert release.body == (" ".join([*left, *right]),)


def test_the_cells_of_a_table_stay_in_their_rows(read: Callable[..., Release]) -> None:
    """Columns of figures are not read down."""
    rows = [("Year", "Passengers"), ("2022", "310,000"), ("2023", "342,000"), ("2024", "355,000")]
    table = [
        (x, 660 - 14 * row, 11, cell)
        for row, cells in enumerate(rows)
        for x, cell in zip((70, 310), cells, strict=True)
    ]

    release = read([*HEAD, *column(TEXT, top=720), *table])

    assert release.body[1:] == ("Year | Passengers", "2022 | 310,000", "2023 | 342,000", "2024 | 355,000")


def test_justified_lines_with_wide_gaps_are_no_table(read: Callable[..., Release]) -> None:
    """Their words stand in line with none of the next line."""
    gaps = [[(70, "The"), (150, "ferry"), (240, "sails")], [(70, "from"), (130, "the"), (222, "autumn")]]
    lines = [(x, 720 - 14 * row, 11, word) for row, words in enumerate(gaps) for x, word in words]

    assert read([*HEAD, *lines, (70, 692, 11, "on, and all are on board.")]).body == (
        "The ferry sails from the autumn on, and all are on board.",
    )


@pytest.mark.parametrize(
    ("before", "small", "behind", "text"),
    [
        ("The yard employs 42", "1", "people", "The yard employs 42 people today."),
        ("The yard employs 42", "(2)", "people", "The yard employs 42 people today."),
        ("It covers 300 m", "2", "of land", "It covers 300 m² of land today."),
        ("It makes 10", "6", "bolts", "It makes 10⁶ bolts today."),
        ("It opened on the 1", "st", "of May", "It opened on the 1st of May today."),
    ],
)
@pytest.mark.parametrize("by_rise", [True, False])
def test_raised_small_print_is_no_part_of_a_figure(
    read: Callable[..., Release], before: str, small: str, behind: str, text: str, *, by_rise: bool
) -> None:
    """The mark of a footnote goes, a power and an ending stay; set in its own place, or by text rise."""
    if by_rise:
        escaped = small.replace("(", r"\(").replace(")", r"\)")
        line: list[Placed | str] = [
            f"BT /F1 11 Tf 1 0 0 1 70 720 Tm ({before}) Tj 4 Ts /F1 6.5 Tf ({escaped}) Tj "
            f"0 Ts /F1 11 Tf ( {behind} today.) Tj ET"
        ]
    else:
        line = placed_behind([(720, 11, before), (724, 6.5, small), (720, 11, f"{behind} today.")])

    assert read([*HEAD, *line]).body == (text,)


def placed_behind(pieces: list[tuple[float, float, str]]) -> list[Placed | str]:
    """A word, its small print and what comes a space behind it, by the widths of Helvetica."""
    placed: list[Placed | str] = []
    edge = 70.0
    for index, (y, size, words) in enumerate(pieces):
        placed.append((edge, y, size, words))
        page = PdfDocument(build_pdf([(0, 100, size, words)]))[0].get_textpage()
        edge += page.get_charbox(page.count_chars() - 1, loose=True)[2] + (0.5 if index == 0 else 3)
    return placed


def test_lowered_small_print_stays_in_its_word(read: Callable[..., Release]) -> None:
    """As in chemistry."""
    line = (
        "BT /F1 11 Tf 1 0 0 1 70 720 Tm (The ferry emits less CO) Tj -2 Ts /F1 7 Tf (2) Tj "
        "0 Ts /F1 11 Tf ( than the two before it.) Tj ET"
    )

    assert read([*HEAD, line]).body == ("The ferry emits less CO2 than the two before it.",)


def test_a_footnote_does_not_cut_the_sentence_above_it(read: Callable[..., Release]) -> None:
    """It stands before the paragraph that goes on over the page's end, and is on the page that it was on."""
    first = [*HEAD, *column(TEXT, "The yard will hand it over to the company in August, and\nits crew will", top=720)]
    note = [(70, 80, 8, "(1) Counted without lorries, which have a deck of"), (70, 70, 8, "their own.")]

    release = read([*first, *note], column("try it in the sound for a month.", top=780))

    sentence = "The yard will hand it over to the company in August, and its crew will try it in the sound for a month."
    assert release.body[1:] == ("(1) Counted without lorries, which have a deck of their own.", sentence)
    assert release.text[release.pages[1] :] == "try it in the sound for a month."


def test_what_was_printed_twice_to_be_bold_is_read_once(read: Callable[..., Release]) -> None:
    """Twin letters are two all the same."""
    bold = [(x, y, size, words) for x, y, size, words in HEAD for x in (x, x + 0.4)]
    twice = [(70 + shift, 720, 11, "All passengers will board at the new ferry hall.") for shift in (0, 0.3, 0.6)]

    release = read([*bold, *twice])

    assert release.title == "A new ferry for the islands"
    assert release.body == ("All passengers will board at the new ferry hall.",)


def test_accents_that_were_set_apart_join_their_letters(read: Callable[..., Release]) -> None:
    """The accent printed first and the letter over it, or the other way round."""
    before = r"[(Le conseil a d) (\264) 333 (ecid) (\264) 333 (e d\222ouvrir l\222ann) (\264) 333 (ee prochaine.)] TJ"
    behind = r"[(La for) 0 (c) 416 (\270) -83 (ade sera refaite en deux ans au plus.)] TJ"

    release = read([*HEAD, f"BT /F1 11 Tf 70 720 Td {before} ET", f"BT /F1 11 Tf 70 690 Td {behind} ET"])

    assert release.body[0] == "Le conseil a décidé d’ouvrir l’année prochaine."
    assert release.body[1].startswith("La forçade sera refaite")


@pytest.mark.parametrize(
    "heading",
    [
        "BT /F1 18 Tf 5 Tc 70 780 Td (Un nouveau ferry) Tj ET",
        "BT /F1 18 Tf 70 780 Td (U n   n o u v e a u   f e r r y) Tj ET",
        "BT /F1 18 Tf 10 Tc 70 780 Td (Un nouveau ferry) Tj ET",
    ],
)
def test_a_letterspaced_heading_is_read_as_words(read: Callable[..., Release], heading: str) -> None:
    """Spread by the program, or by spaces between the letters."""
    assert read([heading, *HEAD[1:], *column(TEXT, top=720)]).title == "Un nouveau ferry"


@pytest.mark.parametrize(
    "day",
    [
        "BT /F1 10 Tf 70 755 Td (1 7   O C T O B E R   2 0 2 5) Tj ET",
        "BT /F1 10 Tf 4 Tc 70 755 Td (17 OCTOBRE 2025) Tj ET",
        "BT 3 Tc 70 755 Td /F1 10 Tf (17 O) Tj /F1 7 Tf (CTOBER) Tj /F1 10 Tf ( 2025) Tj ET",
        "BT /F1 10 Tf 70 755 Td (L y o n ,   l e   1 7   o c t o b r e   2 0 2 5) Tj ET",
    ],
)
def test_a_letterspaced_date_is_read(read: Callable[..., Release], day: str) -> None:
    """With as many figures as letters, in small capitals too."""
    published = read([HEAD[0], day, *column(TEXT, top=720)]).published

    assert published is not None
    assert published.date().isoformat() == "2025-10-17"


@pytest.mark.parametrize("cells", ["Day 3 5 7 8 9 2 1 4", "A B C 1 2 3 4 5", "M T W 17 18 19 20 25"])
def test_figures_beside_a_few_letters_stay_apart(read: Callable[..., Release], cells: str) -> None:
    """Only a date is set so."""
    assert cells in read([*HEAD, *column(f"{TEXT}\nThese are the numbers: {cells}.", cells, top=720)]).text


def test_figures_in_a_row_are_no_letterspaced_word(read: Callable[..., Release]) -> None:
    """However short they are."""
    release = read([*HEAD, *column(TEXT, "The winning numbers of this year are 3 5 7 8 9 and 2.", top=720)])

    assert release.body[1] == "The winning numbers of this year are 3 5 7 8 9 and 2."


def test_a_page_that_is_turned_is_read_like_any_other(read: Callable[..., Release]) -> None:
    """A landscape page, its text set upwards; what runs across it is a stamp in the margin."""
    lines = ["A new ferry for the islands", "The ferry will sail from the autumn on, and all", "will be on board."]
    turned = [
        f"BT /F1 {18 if not row else 11} Tf 0 1 -1 0 {100 + 20 * row} 70 Tm ({words}) Tj ET"
        for row, words in enumerate(lines)
    ]

    release = read([*turned, (70, 800, 8, "Received")])

    assert (release.title, release.body) == (lines[0], (" ".join(lines[1:]),))


def test_what_a_browser_prints_around_a_page_is_left_out(read: Callable[..., Release]) -> None:
    """The day of printing is no date of the release."""
    around = [
        (30, 825, 8, "12 July 2026, 10:55"),
        (260, 825, 8, "A new ferry | The newsroom"),
        (30, 20, 8, "https://newsroom.example/ferry"),
        (540, 20, 8, "1/1"),
    ]

    release = read([*around, *HEAD, *column(TEXT, top=720)])

    assert release.published is not None
    assert release.published.date().isoformat() == "2024-06-03"
    assert release.body == (TEXT.replace("\n", " "),)


def test_small_print_far_below_the_text_is_left_out(read: Callable[..., Release]) -> None:
    """The address of a newsroom, on a single page too."""
    foot = [(120, 40, 7, "The Ferry Company is registered in Scotland under the number 00000.")]

    assert read([*HEAD, *column(TEXT, top=720), *foot]).body == (TEXT.replace("\n", " "),)


def test_a_box_beside_the_text_does_not_cut_it(read: Callable[..., Release]) -> None:
    """Contacts in the margin are no column."""
    box = [(400, 720 - 11 * row, 8, words) for row, words in enumerate(["Contact", "Press office", "Telephone 00"])]

    assert read([*HEAD, *box, *column(TEXT, top=715)]).body[-1] == TEXT.replace("\n", " ")


@pytest.mark.parametrize("kicker", ["Press release", "COMMUNIQUÉ DE PRESSE N° 12"])
def test_a_letterhead_above_the_kind_of_page_is_no_title(read: Callable[..., Release], kicker: str) -> None:
    """However big it is, if there is big print below as well."""
    head: list[Placed] = [
        (70, 800, 26, "The ferries of the north"),
        (70, 770, 10, kicker),
        (70, 740, 18, "A new ferry for the islands"),
    ]

    assert read([*head, *column(TEXT)]).title == "A new ferry for the islands"


def test_a_title_may_end_with_a_day_in_a_line_of_its_own(read: Callable[..., Release]) -> None:
    """Where it did not fit into the one above; the day is then not that of publication."""
    head: list[Placed] = [
        (70, 800, 10, "London, 21 August 2025"),
        (70, 770, 18, "Northern Ferries plc: results for the half year to"),
        (70, 749, 18, "30 June 2025"),
    ]
    release = read([*head, *column(TEXT)])

    assert release.title == "Northern Ferries plc: results for the half year to 30 June 2025"
    assert release.published == datetime(2025, 8, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "line", ["RNS announcement | 21 August 2025 | 07:00", "EMBARGOED UNTIL 11AM AEST, THURSDAY 21 AUGUST 2025"]
)
def test_the_day_stands_between_bars_or_ends_an_embargo(read: Callable[..., Release], line: str) -> None:
    """It is that of publication where the file says no other."""
    release = read([(70, 800, 10, line), (70, 770, 18, "A new ferry for the islands"), *column(TEXT)])
    assert release.published is not None
    assert release.published.date() == date(2025, 8, 21)


def test_a_title_is_spelt_as_it_is_printed(make_page: Callable[..., Page]) -> None:
    """The file's own has straight apostrophes often."""
    printed = build_pdf(
        [(70, 770, 18, "The ferry’s engines run on wood"), *column(TEXT)], title="The ferry's engines run on wood"
    )
    assert parse_pdf(make_page(printed)).title == "The ferry’s engines run on wood"


def test_a_rail_that_comes_back_is_left_out(read):
    """The address beside the text of each page, at one place."""
    rail: list[Placed] = [(20, 600, 8, "Kaigata 4, Skorra"), (20, 588, 8, "www.havsund.example")]
    release = read([*HEAD, *column(TEXT), *rail], [*column(TEXT.replace("ferry", "boat")), *rail])

    assert "Skorra" not in release.text
    assert "www" not in release.text


def test_the_day_stands_below_a_subtitle(read):
    """In the dateline of the first paragraph that is a sentence."""
    subtitle = "Room for nine hundred people and a hundred cars on it, from the autumn on, and for dogs"
    dateline = "OBAN, Scotland – June 3, 2024 – The ferry will sail from the autumn on, says its owner."
    release = read([HEAD[0], (70, 750, 11, subtitle), (70, 715, 11, dateline), *column(TEXT)])

    assert release.published == datetime(2024, 6, 3, tzinfo=UTC)


def test_figures_with_a_sign_stand_below_each_other(read):
    """At their right edges, as figures without one do."""
    rows = [("Industrial", "34%", 400, "–6%", 489), ("Automotive", "29%", 400, "–17%", 483)]
    table = [
        (x, 650 - 16 * row, 9, words)
        for row, (name, share, first, change, second) in enumerate(rows)
        for x, words in ((70, name), (first, share), (second, change))
    ]
    body = read([*HEAD, *column(TEXT), *table]).body

    assert "Industrial | 34% | –6%" in body


SAYS = "Each passage costs twelve pounds, and seven pounds for children; dogs"
GOES_ON = "travel for nothing, as the company announced in the spring of last year."


@pytest.mark.parametrize(
    ("lines", "body"),
    [((TEXT.replace("\n", " "), "*Fares and dogs", SAYS, GOES_ON), (TEXT.replace("\n", " "), f"{SAYS} {GOES_ON}")),
     (("*Each passage costs twelve pounds, seven for children, twenty for two. Dogs", f"*ferret{GOES_ON[6:]}"), None),
     (("*Each passage costs twelve pounds, seven for children, twenty for two of the", "Allies and their dogs."), None),
     (("*Class Share of 2024", "Share of 2025", "First 20 per cent"), None)],
    ids=["alone", "two lines in bold", "a full line in bold", "the head of a table"],
)  # fmt: skip
def test_a_bold_line_of_its_own_is_a_subheading(read, lines, body):
    """Also where it is as big as the text and as near to it; it is left out, and no quote begins with it."""
    placed = [
        bold((70, 690 - 14 * row, 11, words[1:])) if words.startswith("*") else (70, 690 - 14 * row, 11, words)
        for row, words in enumerate(lines)
    ]
    assert read([*HEAD, *placed]).body == (body or (" ".join(lines).replace("*", ""),))
