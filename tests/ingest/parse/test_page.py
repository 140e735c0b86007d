"""Tests of `ingest.parse.page`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.errors import ParseError
from ingest.parse.page import parse_page

SENTENCE = "The ministers of the Allies adopted a plan in Brussels on how assistance to Ukraine will be coordinated."


@pytest.mark.parametrize(
    ("content", "name"),
    [(f"<!DOCTYPE html><html><body><h1>A plan</h1><p>{SENTENCE}</p></body></html>", "plan.txt"),
     (f"<h1>A plan</h1><p>{SENTENCE}</p>", "plan"),
     (f"---\ntitle: A plan\n---\n\n**{SENTENCE}**\n", "plan.txt"),
     (f"# A plan\n\n*{SENTENCE}*\n", "plan.md"),
     (f"A plan\n\n{SENTENCE}\n", "plan.txt"),
     (f"A plan\n\n{SENTENCE}\n", "plan.press")],
)  # fmt: skip
def test_the_format_is_told_by_content_then_by_name(make_page, content, name):
    """HTML and front matter are known by their marks, Markdown without by its name, all else is text."""
    release = parse_page(make_page(content, name))
    assert (release.title, release.body) == ("A plan", (SENTENCE,))


def test_a_line_of_a_jsonl_file_is_read_as_json(make_page):
    """A page that is one line of a file goes to the parser of lines."""
    page = replace(make_page(f'{{"title": "A plan", "body": "{SENTENCE}"}}', "plans.jsonl"), line=7)
    release = parse_page(page)
    assert release.body == (SENTENCE,)
    assert release.id.startswith("plans.jsonl#")


@pytest.mark.parametrize("name", ["release.fr.md", "news.en.html", "washington.en.txt"])
def test_reading_a_page_twice_gives_the_same_release(saved, name):
    """Parsing is pure."""
    assert parse_page(saved(name)) == parse_page(saved(name))


@pytest.mark.parametrize(
    ("content", "name", "cause"),
    [("", "a.txt", "empty"), ("", "a.pdf", "empty"), ("no pdf", "a.pdf", "not a PDF"),
     ("<rss></rss>", "a.xml", "this is XML"),
     (b"%PDF-1.4 cut off", "a.txt", "PDF is damaged"),
     (b"PK\x03\x04\x00\x00", "a.docx", "no document that a word processor reads"),
     (rf"{{\rtf1\ansi \f0\fs24 {SENTENCE}\par}}", "plan.txt", "is RTF, which is not read; save it as .docx"),
     (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "plan.doc.txt", "older Microsoft Office")],
)  # fmt: skip
def test_what_is_no_release_is_refused_with_its_cause(make_page, content, name, cause):
    """Each refusal names the file and the cause."""
    with pytest.raises(ParseError, match=rf"folder/{name}: .*{cause}"):
        parse_page(make_page(content, name))
