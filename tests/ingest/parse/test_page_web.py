"""What stands at an address and is no release, and titles that say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.errors import ParseError
from ingest.parse import parse
from ingest.types import Entry, Page, Source

if TYPE_CHECKING:
    from vectorstore.types import Release

HERE = "https://news.test/a"
PROSE = "The council met on Monday; it will build a bridge. It costs 84 million euros, said the minister."


def read(content: str, media_type: str | None = None, title: str | None = None) -> Release:
    page = Page(HERE, HERE, content.encode(), Source(HERE), entry=Entry(HERE, title=title), media_type=media_type)
    return parse(page)


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        ("h1 { color: red }\n@media print { p { margin: 0; } }", None, "a style sheet"),
        (PROSE, "text/css", "a style sheet"),
        ('var a = {b: 1};\nfunction go() { return a.b; }\nwindow.onload = go;', "text/html", "a script"),
        ('[{"title": "<p>A bridge</p>"}]', "text/html", "JSON"),
        ('{"a": 1}\n{"a": 2}\n', "text/plain", "JSON"),
        (PROSE, "application/activity+json", "JSON"),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:Press office\nEND:VCARD", "text/plain", "a visiting card"),
        ("\ufeffBEGIN:VCALENDAR\r\nSUMMARY:Opening\r\nEND:VCALENDAR", None, "a calendar"),
        ("day,place,number\n1,Lyon,40\n2,Nice,50\n3,Metz,60\n", "text/plain", "a table of data"),
        ("jour;lieu;nombre\n1;Lyon;40\n2;Nice;50\n3;Metz;60\n", None, "a table of data"),
        (PROSE, "image/svg+xml", "a picture"),
    ],
)  # fmt: skip
def test_what_nobody_reads_as_prose_is_no_release(content: str, media_type: str | None, kind: str) -> None:
    """By its content, whatever the server calls it, and by what the server calls it, if it could be a text."""
    with pytest.raises(ParseError, match=kind):
        read(content, media_type)


@pytest.mark.parametrize("media_type", [None, "text/plain", "text/html", "application/octet-stream"])
def test_prose_is_read_whatever_the_server_calls_it(media_type: str | None) -> None:
    """Semicolons, commas and figures included."""
    assert read(f"A bridge for Lyon\n\n{PROSE}\n\n{PROSE}", media_type).body


def test_a_web_page_is_read_though_the_server_calls_it_a_style_sheet() -> None:
    """Its own first mark counts."""
    page = f"<!doctype html><title>A bridge for Lyon</title><main><h1>A bridge for Lyon</h1><p>{PROSE}</p></main>"

    assert read(page, "text/css").title == "A bridge for Lyon"


@pytest.mark.parametrize(
    "own", ["Press", "Newsroom | City of Lyon", "Communiqué de presse", "Actualités – Ville de Lyon"]
)
def test_the_list_s_title_stands_in_for_one_that_names_a_section(own: str) -> None:
    """In both languages, also beside the name of the site."""
    page = f"<html><head><title>{own}</title></head><body><p>{PROSE}</p><p>{PROSE}</p></body></html>"

    assert read(page, title="A bridge for Lyon").title == "A bridge for Lyon"


@pytest.mark.parametrize(
    ("own", "listed"),
    [
        ("A tunnel for Nice", "A bridge for Lyon"),
        ("Press: a bridge for the city of Lyon", "A bridge for Lyon"),
        ("Press", "Latest news"),
        ("Press", None),
        ("Page not found", "A bridge for Lyon"),
    ],
)
def test_a_title_of_its_own_stays(own: str, listed: str | None) -> None:
    """So does that of an error page, which gives it away; and a list may say nothing either."""
    page = f"<html><head><title>{own}</title></head><body><p>{PROSE}</p><p>{PROSE}</p></body></html>"

    assert read(page, title=listed).title == own


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ('<div class="t">A bridge for Lyon</div>', "A bridge for Lyon"),
        ('<div><a href="/b">A bridge for Lyon</a></div>', "Ministry of Finance"),
        ("<p>Soon there is a bridge for Lyon, as was said.</p>", "Ministry of Finance"),
    ],
)
def test_the_list_s_title_goes_before_one_of_the_site_if_the_page_shows_it(line: str, title: str) -> None:
    """In a line of its own, that is no link to another page."""
    page = (
        f"<html><head><title>Ministry of Finance</title></head><body>{line}<p>{PROSE}</p><p>{PROSE}</p></body></html>"
    )

    assert read(page, title="A bridge for Lyon").title == title


def test_the_language_of_a_list_is_not_believed_against_the_text() -> None:
    """A feed's template is copied unread, as those of pages are."""
    entry = Entry(HERE, title="A bridge for Lyon", language="fr")
    page = f"<title>A bridge for Lyon</title><h1>A bridge for Lyon</h1><p>{PROSE} {PROSE} {PROSE}</p>"

    assert parse(Page(HERE, HERE, page.encode(), Source(HERE, language="fr"), entry=entry)).language == "en"


TODAY = datetime.now(UTC)


@pytest.mark.parametrize(
    "day", ["1970-01-01", "1969-12-31", "1900-01-01", f"{TODAY + timedelta(days=40):%Y-%m-%d}", "2099-05-12"]
)
def test_a_date_that_cannot_be_is_none(day: str) -> None:
    """Whatever says it: the head of a page, the line below its headline, front matter, a line of JSON."""
    page = f"<title>A bridge for Lyon</title><main><h1>A bridge for Lyon</h1>{{}}<p>{PROSE}</p></main>"
    meta = f'<!doctype html><meta property="article:published_time" content="{day}T00:00:00Z">{page.format("")}'
    shown = f"<!doctype html>{page.format(f'<p>{day}</p>')}"
    lines = f'{{"title": "A bridge for Lyon", "body": "{PROSE}", "date": "{day}", "updated": "{day}"}}'.encode()
    front = f"---\ntitle: A bridge for Lyon\ndate: {day}\n---\n\n{PROSE}\n".encode()

    from_lines = parse(Page("a.jsonl:1", "a", lines, Source("a.jsonl"), line=1))
    from_front = parse(Page("a.md", "a", front, Source("a.md")))

    assert [read(meta).published, read(shown).published] == [None, None]
    assert [from_lines.published, from_lines.updated, from_front.published] == [None, None, None]
    assert any(day in warning for warning in from_lines.warnings)


def test_the_date_that_readers_see_counts_where_the_stated_one_cannot_be() -> None:
    """A stamp of the year 2099 above a line of 12 May 2025."""
    stamp = '<meta property="article:published_time" content="2099-05-12T08:00:00Z">'
    text = f"<h1>A bridge for Lyon</h1><p>12 May 2025</p><p>{PROSE}</p>"
    page = f"<!doctype html><html><head>{stamp}</head><body><main>{text}</main></body></html>"

    assert read(page).published == datetime(2025, 5, 12, tzinfo=UTC)
