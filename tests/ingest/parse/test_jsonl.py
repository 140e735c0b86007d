"""Tests of `ingest.parse.jsonl`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.errors import ParseError
from ingest.parse.jsonl import parse_line


def line(**fields: object) -> str:
    return json.dumps(fields)


def test_every_known_field_is_read(make_page):
    """The usual names reach their places."""
    content = line(id="7#fr", pair="7", publisher="OTAN", date="2024-06-14", updated="2024-06-15T09:30:00+02:00",
                   title="Un plan", lead="En bref.", body="Un.\nDeux.",
                   url="https://newsroom.example/7", lang="fr")  # fmt: skip
    release = parse_line(make_page(content))
    assert (release.id, release.pair, release.publisher, release.language) == ("7#fr", "7", "OTAN", "fr")
    assert (release.title, release.lead, release.body) == ("Un plan", "En bref.", ("Un.", "Deux."))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.updated == datetime(2024, 6, 15, 7, 30, tzinfo=UTC)
    assert (release.url, release.source) == ("https://newsroom.example/7", "folder/release.txt")


def test_a_date_keeps_the_day_that_is_written(make_page):
    """Midnight in Paris is of that day, and not of the one before."""
    content = line(title="A plan", body="One.", date="2024-09-03T00:00:00+02:00")
    assert parse_line(make_page(content)).published == datetime(2024, 9, 3, tzinfo=UTC)


def test_author_section_and_translations_are_read(make_page):
    """One address or a list of them."""
    content = line(
        title="A plan", body="One.", author="Press office", section="News", translations=["https://a.example/fr"]
    )
    release = parse_line(make_page(content))
    assert (release.author, release.section) == ("Press office", "News")
    assert release.translations == ("https://a.example/fr",)


def test_the_other_names_of_fields_are_known(make_page):
    """`text`, `published`, `language`, `source` and `translation_of` serve as well."""
    content = line(
        title="A plan", text="One.", published="14 June 2024", language="en", source="NATO", translation_of="7"
    )
    release = parse_line(make_page(content))
    assert (release.body, release.language, release.publisher, release.pair) == (("One.",), "en", "NATO", "7")
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


def test_names_of_ones_own_are_mapped(make_page):
    """A field named by the operator stands in for the usual one, under either of its names."""
    page = make_page(
        line(headline="A plan", content="One.", body="ignored"), fields={"title": "headline", "text": "content"}
    )
    release = parse_line(page)
    assert (release.title, release.body) == ("A plan", ("One.",))


def test_paragraphs_part_at_every_line_end(make_page):
    """Single and double line ends part alike, and so does a list of strings."""
    text = parse_line(make_page(line(title="A plan", body="One.\n\nTwo.\r\nThree.")))
    strings = parse_line(make_page(line(title="A plan", body=["One.", "Two.\nThree."])))
    assert text.body == strings.body == ("One.", "Two.", "Three.")


def test_a_lead_that_opens_the_body_is_not_doubled(make_page):
    """The lead stands once, in its own place."""
    release = parse_line(make_page(line(title="A plan", lead="In brief.", body="In brief.\nOne.")))
    assert (release.lead, release.body) == ("In brief.", ("One.",))


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        ({"id": 12, "url": "https://a.example"}, "12"),
        ({"url": "https://a.example"}, "https://a.example"),
    ],
)
def test_identity_is_the_id_or_the_address(make_page, fields, identity):
    """The first of them that is there names the release; a number is written out."""
    assert parse_line(make_page(line(title="A plan", body="One.", **fields))).id == identity


def test_a_line_without_id_and_address_is_named_by_title_and_date(make_page):
    """An edited body keeps the name, another date changes it, and where the line stands does not matter."""
    first, edited, other = (
        parse_line(make_page(line(title="A plan", body=body, date=day))).id
        for body, day in (("One.", "2024-01-02"), ("Two.", "2024-01-02"), ("One.", "2024-01-03"))
    )

    assert first == edited != other
    assert first.startswith("release.txt#")


def test_a_missing_title_is_cut_from_the_body(make_page):
    """The first sentence serves, cut at a word border near 120 characters."""
    release = parse_line(make_page(line(body="word " * 60)))
    assert release.title.endswith("word…")
    assert 100 < len(release.title) <= 121


def test_a_title_alone_is_a_release(make_page):
    """Without a body the title can still be found and quoted."""
    assert parse_line(make_page(line(title="A plan is adopted"))).text == "A plan is adopted"


def test_a_bad_date_is_a_warning(make_page):
    """The release goes on undated, and the warning names place, field and value."""
    release = parse_line(make_page(line(title="A plan", body="One.", date="soon")))
    assert release.published is None
    assert release.warnings == ("field date: cannot read the date 'soon': left undated",)


def test_what_cannot_be_stored_is_taken_out(make_page):
    """NUL characters and lone surrogates are gone from every field."""
    release = parse_line(
        make_page('{"id": "a\\u0000b", "title": "A \\ud800plan", "body": "One\\u0000.", "publisher": "N\\udfffATO"}')
    )
    assert (release.id, release.title, release.body, release.publisher) == ("ab", "A plan", ("One.",), "NATO")


@pytest.mark.parametrize(
    ("content", "cause"),
    [("{", "not JSON"),
     ("[1]", "a JSON object is needed on each line, not a list"), ('{"x": 1}', "no title and no body"),
     ('{"title": {}}', "field title: a string is needed, not an object"),
     ('{"body": [1]}', "field body: a string or a list of strings is needed, not a number"), ("", "empty")],
)  # fmt: skip
def test_a_line_that_is_no_release_says_why(make_page, content, cause):
    """Each cause is told, with the field that it is about."""
    with pytest.raises(ParseError, match=rf"folder/release.txt: .*{cause}"):
        parse_line(make_page(content))


@pytest.mark.parametrize(
    "content", ['{"title": "T", "x": ' + "[" * 200_000 + "]" * 200_000 + "}", '{"a":' * 9_000, "[" * 9_000]
)
def test_brackets_without_end_are_no_json(make_page, content):
    """Nested too deeply is a cause like any other."""
    with pytest.raises(ParseError, match=r"release\.txt: this line is not JSON: "):
        parse_line(make_page(content))


def test_characters_that_cannot_be_kept_are_told(make_page):
    """Those of the fields that are read; others do not matter."""
    release = parse_line(make_page(r'{"title": "A \ud800plan", "body": ["One\u0000.", "Two\ufffd."], "x": "\u0000"}'))
    assert (release.title, release.body) == ("A plan", ("One.", "Two\ufffd."))
    assert [warning.split(",")[0] for warning in release.warnings] == [
        "control characters were left out: 2",
        "characters were lost before the page came here: 1",
    ]


def test_html_in_fields_is_read_as_text(make_page):
    """Elements part paragraphs, entities are decoded once, and what content management systems wrap is unwrapped."""
    fields = {
        "title": {"rendered": "Port &amp; rail: a new <em>quay</em>"},
        "lead": "Ships &#8211; and trains",
        "body": {
            "processed": "<h2>Facts</h2><p>The quay is 640&nbsp;m long.</p><ul><li>Depth: 14 m</li></ul>"
            "<p>&amp;lt;b&gt;</p>"
        },
    }
    release = parse_line(make_page(json.dumps(fields)))
    assert release.title == "Port & rail: a new quay"
    assert release.lead == "Ships – and trains"
    assert release.body == ("The quay is 640\u00a0m long.", "Depth: 14 m", "&lt;b>")


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [("If a < b and b > c, nothing changes.\nAT&T pays.", ("If a < b and b > c, nothing changes.", "AT&T pays.")),
     ("One <b>bold</b> step.\nAnother one.", ("One bold step.", "Another one."))],
)  # fmt: skip
def test_a_plain_text_keeps_its_lines_and_its_signs(make_page, body, paragraphs):
    """A sign that looks like a mark is none, and a few marks in a line make no HTML page of it."""
    assert parse_line(make_page(line(title="A", body=body))).body == paragraphs
