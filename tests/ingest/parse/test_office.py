"""Tests of `ingest.parse.office`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import LimitError, ParseError
from ingest.parse.page import parse_page
from tests.ingest.parse.documents import archive, docx, odt, run, words

TITLE = "A ferry for the northern islands"
ONE = "The ferry carries 320 passengers and 60 cars, and replaces two ships that were built in 1984."
BOMB = b"<a>" + b"x" * (65 * 2**20) + b"</a>"


def test_a_word_file_becomes_a_release(make_page):
    """Its heading is the title, its date line the publication, a table's row one paragraph."""
    changed = "<w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del>"
    mark = run("3", '<w:vertAlign w:val="superscript"/>')
    fare = f"{run('A crossing costs ')}{run('11.50', '<w:strike/>')}{run(' 12.80 euros')}{mark}{run(' for adults.')}"
    table = f"<w:tbl><w:tr><w:tc>{words('Length')}</w:tc><w:tc>{words('94 m')}</w:tc></w:tr></w:tbl>"
    content = docx(
        words(TITLE, style="Heading1") + words("3 February 2025") + words(ONE) + f"<w:p>{fare}{changed}</w:p>" + table
    )
    release = parse_page(make_page(content, "ferry.docx"))
    assert (release.title, release.published) == (TITLE, datetime(2025, 2, 3, tzinfo=UTC))
    assert release.body == (ONE, "A crossing costs 12.80 euros for adults.", "Length | 94 m")


def test_a_field_is_the_text_that_it_shows(make_page):
    """A simple one, such as an office's name, and one that a program wrote run by run."""
    office = (
        f'<w:fldSimple w:instr=" IF 2 &gt; 1 "><w:fldData>AA==</w:fldData>{run("the Office of Roads")}</w:fldSimple>'
    )
    mark = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>".format
    town = f"{mark('begin')}<w:r><w:instrText>TOWN</w:instrText></w:r>{mark('separate')}{run('Bern')}{mark('end')}"
    content = docx(
        words(TITLE, style="Heading1") + f"<w:p>{run('Released by ')}{office}{run(' in ')}{town}{run('.')}</w:p>"
    )
    assert parse_page(make_page(content, "ferry.docx")).body == ("Released by the Office of Roads in Bern.",)


@pytest.mark.parametrize("around", ["{}", "<w:tbl><w:tr><w:tc>{}<w:p/></w:tc></w:tr></w:tbl>"])
def test_a_letterhead_is_no_table(make_page, around):
    """The whole text may stand in one of its cells; a table of facts stays one."""
    facts = f"<w:tbl><w:tr><w:tc>{words('Fares')}</w:tc><w:tc>{words('12.80')}{words('6.40')}</w:tc></w:tr></w:tbl>"
    text = words(TITLE, style="Heading1") + words("3 February 2025") + words(ONE) + words(ONE) + facts
    table = f"<w:tbl><w:tr><w:tc>{words('Port Authority')}</w:tc><w:tc>{text}</w:tc></w:tr></w:tbl>"
    release = parse_page(make_page(docx(around.format(table)), "ferry.docx"))
    assert (release.title, release.published) == (TITLE, datetime(2025, 2, 3, tzinfo=UTC))
    assert release.body == (ONE, ONE, "Fares | 12.80 | 6.40")


def test_an_open_document_becomes_a_release(make_page):
    """So does the other kind, without struck-out and deleted words and marks of notes; a note stands at the end."""
    styles = (
        '<style:style style:name="T1"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="T2"><style:text-properties style:text-position="super 58%"/></style:style>'
    )
    body = "<text:note-body><text:p>Residents of the islands pay half of that.</text:p></text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    text = (
        "<text:tracked-changes><text:deletion><text:p>Deleted.</text:p></text:deletion></text:tracked-changes>"
        f'<text:h text:outline-level="1">{TITLE}</text:h><text:p>3 February 2025</text:p><text:p>{ONE}</text:p>'
        '<text:p>A crossing costs <text:span text:style-name="T1">11.50</text:span> 12.80 euros'
        '<text:span text:style-name="T2">3</text:span> for<text:s/>adults'
        f"{note}.</text:p>"
    )
    release = parse_page(make_page(odt(text, styles), "ferry.odt"))
    assert (release.title, release.published) == (TITLE, datetime(2025, 2, 3, tzinfo=UTC))
    assert release.body == (
        ONE,
        "A crossing costs 12.80 euros for adults.",
        "Residents of the islands pay half of that.",
    )


def test_a_document_is_known_by_its_content(make_page):
    """From the web or from a pipe it has no name that tells."""
    assert (
        parse_page(make_page(docx(words(ONE)), "download")).body
        == parse_page(make_page(docx(words(ONE)), "a.docx")).body
    )


LETTERHEAD = "Ministry of the Northern Islands"
ADDRESS = "1 Harbour Street, Lerwick"
NAMED = "".join(
    f'<w:style w:type="paragraph" w:styleId="{mark}"><w:name w:val="{name}"/>{size}</w:style>'
    for mark, name, size in (
        ("Titre", "Title", ""),
        ("Titre1", "heading 1", ""),
        ('Normal" w:default="1', "Normal", '<w:rPr><w:sz w:val="22"/></w:rPr>'),
        ("Gros", "Gros", '<w:basedOn w:val="Normal"/><w:rPr><w:sz w:val="32"/></w:rPr>'),
        ("Corps", "Corps", '<w:basedOn w:val="Normal"/>'),
    )
)


@pytest.mark.parametrize(
    ("above", "stated"),
    [(words(LETTERHEAD) + words(TITLE, style="Titre"), ""), (words(LETTERHEAD) + words(TITLE, style="Titre1"), ""),
     (words(LETTERHEAD, style="Titre1") + words(TITLE, style="Titre"), ""),
     (words("Press release", style="Titre") + words(TITLE, style="Titre1"), ""),
     (words(LETTERHEAD, style="Titre1") + words("Press release") + words(TITLE, style="Titre1"), ""),
     (words(LETTERHEAD) + words(ADDRESS) + words(TITLE), TITLE),
     (words(LETTERHEAD) + words(TITLE, marks='<w:sz w:val="36"/>'), LETTERHEAD),
     (words(LETTERHEAD) + words(ADDRESS) + words(TITLE, style="Gros"), "Template 2019"),
     (words(LETTERHEAD, style="Gros") + words("Press release") + words(TITLE, style="Gros"), ""),
     (words("Isles Port Authority", marks='<w:sz w:val="40"/>') + words(TITLE, style="Gros"), ""),
     (words(LETTERHEAD) + words(TITLE, marks="<w:b/>"), ""),
     (words("Embargoed until 3 February 2025 at noon.") + words(TITLE, marks="<w:b/>"), ""),
     (words(LETTERHEAD) + words(TITLE[:11], style="Titre") + words(TITLE[12:], style="Titre"), "")],
    ids=["title", "heading", "title after heading", "kicker as title", "two headings", "properties", "bigger print",
         "bigger style", "below the kicker", "a name in bigger print", "bold print", "below an embargo", "two lines"],
)  # fmt: skip
def test_a_letterhead_is_no_title_where_the_document_has_one(make_page, above, stated):
    """By its style, as a heading, by its properties or in bigger print, in this order."""
    text = words("3 February 2025") + words(ONE, style="Corps") + words("Fares", style="Titre1") + words(ONE[::-1])
    release = parse_page(make_page(docx(above + text, styles=NAMED, title=stated), "ferry.docx"))
    assert (release.title, release.body[0]) == (TITLE, ONE)


def test_a_letterhead_may_be_a_table_with_the_day(make_page):
    """And contacts may stand below a heading, which goes with them."""
    letterhead = f"<w:tbl><w:tr><w:tc>{words(LETTERHEAD)}</w:tc><w:tc>{words('3 February 2025')}</w:tc></w:tr></w:tbl>"
    contacts = words("Media contact", style="Titre1") + words("Ann Lee, 020 7946 0711") + words("press@isles.example")
    content = docx(letterhead + words(TITLE, style="Titre1") + words(ONE) + words(ONE[::-1]) + contacts, styles=NAMED)
    release = parse_page(make_page(content, "ferry.docx"))
    assert (release.title, release.published) == (TITLE, datetime(2025, 2, 3, tzinfo=UTC))
    assert release.body == (ONE, ONE[::-1])


def test_a_heading_below_the_text_is_no_title(make_page):
    """What stands above it would be lost."""
    heading = '<text:h text:outline-level="1">Fares</text:h>'
    text = f"<text:p>{TITLE}</text:p><text:p>{ONE}</text:p>{heading}<text:p>{ONE[::-1]}</text:p>"
    release = parse_page(make_page(odt(text), "ferry.odt"))
    assert (release.title, release.body) == (TITLE, (ONE, ONE[::-1]))


def test_without_a_sign_the_first_line_is_the_title(make_page):
    """Whatever the properties say that no line does, and though a section has a heading."""
    text = (
        words(TITLE) + words("3 February 2025") + words(ONE) + words(ADDRESS, marks='<w:sz w:val="36"/>') + words(ONE)
    )
    release = parse_page(make_page(docx(text, styles=NAMED, title="Template 2019"), "ferry.docx"))
    assert (release.title, release.body) == (TITLE, (ONE, ONE))


def test_the_title_of_an_open_document_may_be_set_by_hand(make_page):
    """Its style is then one of the document's own, based on that for titles, and goes before headings."""
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    heading = f'<text:h text:outline-level="1">{LETTERHEAD}</text:h>'
    title = f'<text:p text:style-name="P1">{TITLE}</text:p>'
    release = parse_page(make_page(odt(f"{heading}{title}<text:p>{ONE}</text:p>", styles), "ferry.odt"))
    assert (release.title, release.body) == (TITLE, (ONE,))


@pytest.mark.parametrize(
    ("content", "name", "cause"),
    [(b"PK\x03\x04 and nothing more", "a.docx", "no document that a word processor reads"),
     (b"Some words.", "a.odt", "no document that a word processor reads"),
     (archive(notes_xml="<a/>"), "a.docx", "lacks `word/document.xml`"),
     (docx("<w:p>", ""), "a.docx", "damaged"), (docx(""), "a.docx", "no text"), (odt(""), "a.odt", "no text"),
     (odt("<text:p>"), "a.odt", "`content.xml` in it is damaged"),
     (docx(words("&a;"), '<!DOCTYPE x [<!ENTITY a "b">]>'), "a.docx", "declares entities")],
)  # fmt: skip
def test_what_is_no_document_says_why(make_page, content, name, cause):
    """Damaged, empty, something else, or with entities of its own."""
    with pytest.raises(ParseError, match=cause):
        parse_page(make_page(content, name))


def test_an_archive_that_unpacks_without_end_is_refused_unread(make_page):
    """A few kilobytes that would fill the memory."""
    content = archive(word__document_xml=BOMB)
    assert len(content) < 2**20
    with pytest.raises(LimitError, match="unpacks to 65 MiB"):
        parse_page(make_page(content, "bomb.docx"))
