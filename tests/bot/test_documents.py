"""Answers and releases as documents: complete, and safe whatever a release says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import html
from markdown_it import MarkdownIt

from bot.answering.codec import AnswerRecord, answer_payload
from bot.answering.types import Answer, Citation
from bot.documents import DocumentFormat, answers_document, releases_document
from bot.state.questions import KeptAnswer
from tests.bot.releases import stored

MOMENT = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://a.example/z) &copy; <b>bold</b>\n"
    "# Head\n1. one\n- two\n\x1b[2J"
)
RELEASE = replace(
    stored("a", HOSTILE), title="Aid [bold] <i>now</i>", url="https://example.org/aid?a=1&b=2", publisher="*NATO*"
)
QUOTE = "<b>bold</b>"


def kept() -> KeptAnswer:
    """An answer that quotes the release."""
    start = HOSTILE.index(QUOTE)
    citation = Citation("1", QUOTE, start, start + len(QUOTE), RELEASE, "https://example.org/aid#:~:text=bold", "A. B.")
    answer = Answer("How _much_?", "How much?", f"{QUOTE} [1]", "en", (citation,), None, 0.9, "extractive", MOMENT, {})
    return KeptAnswer("0f", MOMENT, None, 1, AnswerRecord.model_validate(answer))


def page(form: DocumentFormat, *, of_answers: bool) -> html.HtmlElement:
    """A document of one answer or one release, as a browser shows it."""
    pieces = answers_document([kept()], form) if of_answers else releases_document([RELEASE], form)
    text = "".join(pieces)
    rendered = text if form is DocumentFormat.HTML else MarkdownIt("commonmark", {"html": True}).render(text)
    return html.document_fromstring(rendered)


@pytest.mark.parametrize("form", [DocumentFormat.MARKDOWN, DocumentFormat.HTML])
@pytest.mark.parametrize("of_answers", [True, False])
def test_what_a_release_says_stays_text(form: DocumentFormat, of_answers: bool) -> None:
    """No script, no heading, list, picture or link of its own; its words are all there."""
    shown = page(form, of_answers=of_answers)

    assert not shown.xpath("//script | //b | //i | //img | //li | //h1[. = 'Head']")
    assert {link.get("href").partition("?")[0].partition("#")[0] for link in shown.iter("a")} == {
        "https://example.org/aid"
    }
    assert QUOTE in shown.text_content()
    assert "\x1b" not in shown.text_content()
    assert shown.xpath("string(//h2)") == ("How _much_?" if of_answers else "Aid [bold] <i>now</i>")


@pytest.mark.parametrize("form", [DocumentFormat.MARKDOWN, DocumentFormat.HTML])
def test_an_answer_has_its_quote_and_where_it_stands(form: DocumentFormat) -> None:
    """As a block quote, word for word, with speaker, release and link."""
    shown = page(form, of_answers=True)

    assert QUOTE in shown.xpath("string(//blockquote)")
    links = shown.xpath("//a")
    assert {link.get("href") for link in links} == {"https://example.org/aid#:~:text=bold"}
    assert links[-1].text_content().startswith("Aid [bold] <i>now</i>")
    assert "*NATO*" in shown.text_content()
    assert "A. B." in shown.text_content()


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    """It would run where a person clicks."""
    hostile = replace(RELEASE, url="javascript:alert(1)")

    for form in (DocumentFormat.MARKDOWN, DocumentFormat.HTML):
        assert "javascript:alert(1)" not in "".join(releases_document([replace(hostile, text="x")], form))


def test_json_lines_are_what_json_prints() -> None:
    """With when an answer was given; nothing in them moves a cursor."""
    [line] = "".join(answers_document([kept()], DocumentFormat.JSONL)).splitlines()
    [release] = "".join(releases_document([RELEASE], DocumentFormat.JSONL)).splitlines()

    payload = json.loads(line)
    assert (payload.pop("id"), payload.pop("moment")) == ("0f", "2026-11-29T12:30:00+00:00")
    assert payload["citations"][0]["quote"] == QUOTE
    assert payload.keys() == answer_payload(kept_answer()).keys()
    assert json.loads(release)["text"] == HOSTILE
    assert "\x1b" not in release


def kept_answer() -> Answer:
    """An answer without quotes."""
    return Answer("?", "?", "", "en", (), None, 0.1, "extractive", MOMENT, {})
