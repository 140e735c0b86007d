"""An answer as a Markdown document: complete, and the same whatever a release says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from markdown_it import MarkdownIt

from bot.answering.citations import in_turn
from bot.answering.codec import AnswerRecord
from bot.answering.types import Citation, Note, NoteKind, Refusal, Reply, Searched
from bot.documents import answer_markdown, document_name, escaped, link
from tests.bot.releases import an_answer, stored

MOMENT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
TEXT = "Sweden joined NATO.\n- item\n\n    four spaces\n# No heading\nA line\u2028> another"


def shown(text: str) -> html.HtmlElement:
    """A document as a browser shows it, tables and struck text included."""
    return html.document_fromstring(
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    )


def of_text(text: str, **changes: Any) -> AnswerRecord:
    """An answer that quotes all of a release."""
    release = replace(stored("a", text), **{"title": "A *title*", "published": MOMENT, **changes})
    citation = Citation("1", text, 0, len(text), release, "https://example.org/a?x=1&lt;=2#:~:text=Sweden", "A. B.")
    answer = replace(an_answer(text=in_turn([citation]), quote=text), citations=(citation,))
    return AnswerRecord.model_validate(answer)


def test_a_document_has_all_that_an_answer_has() -> None:
    """Question, moment in the zone, answer with keys that lead to the sentences, notes, and each quote's source."""
    record = of_text("Sweden joined NATO.", version=2, withdrawn=MOMENT, pages=(0,))
    record = record.model_copy(
        update={
            "notes": AnswerRecord.model_validate(
                replace(an_answer(text="", quote="."), notes=(Note(NoteKind.PERIOD, "Releases of *May*."),))
            ).notes
        }
    )

    text = answer_markdown(record, MOMENT, zone=ZoneInfo("Europe/Zurich"))

    assert text == (
        "# Who?\n\n"
        "*Asked on 1 December 2026, 00:30 CET*\n\n"
        "Sweden joined NATO. [\\[1\\]](<https://example.org/a?x=1&amp;lt;=2#:~:text=Sweden>)\n\n"
        "- Releases of \\*May\\*.\n\n"
        "## Sources\n\n"
        "**\\[1\\]** [A \\*title\\*](<https://example.org/a?x=1&amp;lt;=2#:~:text=Sweden>)\n\n"
        "> Sweden joined NATO.\n\n"
        "— A. B.  \nNATO · 1 December 2026 · p. 1 · English · version 2 · found withdrawn on 1 December 2026\n"
    )
    assert shown(text).xpath("//a/@href") == ["https://example.org/a?x=1&lt;=2#:~:text=Sweden"] * 2


def test_a_french_answer_speaks_french() -> None:
    """The language is the question's; that of the release is named."""
    record = of_text("Sweden joined NATO.").model_copy(update={"language": "fr", "model": "openai:x"})

    text = answer_markdown(record, MOMENT)

    assert "*Demandé le 30 novembre 2026, 23:30 UTC · rédigé par openai:x*" in text
    assert "NATO · 30 novembre 2026 · anglais" in text


def test_a_quote_stays_in_its_block() -> None:
    """With its lines as they are, whichever signs end or begin them."""
    page = shown(answer_markdown(of_text(TEXT), MOMENT))

    [quote] = page.xpath("//blockquote")
    assert [line.strip() for line in quote.text_content().split("\n") if line.strip()] == [
        line.strip() for line in TEXT.replace("\u2028", "\n").split("\n") if line.strip()
    ]
    assert not page.xpath("//blockquote//*[self::h1 or self::li or self::pre or self::code or self::blockquote]")
    assert len(page.xpath("//blockquote//br")) == 4


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "[x](javascript:alert(1)) ![y](http://a.example/z) [z][1] [^1]",
        "[1]: http://a.example/\n[1]",
        "***bold*** __bold__ ~~gone~~ `code` ``x`` ==marked== %%hidden%% $x^2$",
        "```\ncode\n```\n~~~\ncode\n~~~",
        "Title\n=====\nTitle\n-----\n---\n***\n# x\n1. one\n1) one\n- a\n+ b\n* c\n> d",
        "| a | b |\n|---|---|\n| c | d |",
        "&lt;b&gt; &copy; &#60; \\* \\",
        "<http://a.example/> <a@b.example> http://a.example/ https://b.example www.c.example",
        "\tcode\n        code",
        "{{ x }} {% x %} ::: warning\n: definition",
        "<!-- hidden --> <![CDATA[x]]> <?x ?>",
    ],
)
def test_what_a_release_says_is_text(hostile: str) -> None:
    """In the quote, the answer, the title and the name: no element of its own, and every sign is shown."""
    record = of_text(hostile, title=hostile, publisher=hostile)
    plain = answer_markdown(of_text("x", title="x", publisher="x"), MOMENT)

    page = shown(answer_markdown(record, MOMENT))

    assert _elements(page) == _elements(shown(plain))
    assert page.xpath("//a/@href") == ["https://example.org/a?x=1&lt;=2#:~:text=Sweden"] * 2
    words = "".join(page.xpath("string(//blockquote)").split())
    assert words == "".join(hostile.split())


def _elements(page: html.HtmlElement) -> list[str]:
    return [str(one.tag) for one in page.iter() if one.tag != "br"]


@pytest.mark.parametrize(
    ("address", "leads"), [("https://a.example/b", True), ("javascript:alert(1)", False), (None, False)]
)
def test_only_web_addresses_are_links(address: str | None, leads: bool) -> None:
    """Others would run where a person clicks."""
    assert link("[x]", address) == ("[\\[x\\]](<https://a.example/b>)" if leads else "\\[x\\]")


def test_lines_of_a_text_stay_lines() -> None:
    """An empty line parts paragraphs, and needs no break."""
    assert escaped("a\nb\n\nc\n") == "a  \nb\n\nc\n"


def test_a_refusal_names_the_nearest_releases() -> None:
    """With links, and as no quotes."""
    refusal = Refusal("No.", Searched(3), (stored("b", "x", title="Aid [bold]"),))

    text = answer_markdown(AnswerRecord.model_validate(an_answer(text="No.", refusal=refusal)), MOMENT)

    assert (
        "## The nearest releases\n\n- [Aid \\[bold\\]](<https://example.org/b>) · NATO · 1 January 2024 · English"
        in text
    )
    assert ">" not in text.replace(">)", "")


def test_a_list_says_how_many_more_there_are() -> None:
    """As on the terminal."""
    listing = replace(
        an_answer(text="3 releases:", quote="x"), citations=(), reply=Reply("archive", (stored("b", "x"),), 2)
    )

    text = answer_markdown(AnswerRecord.model_validate(listing), MOMENT)

    assert text.endswith("English\n\n… and 2 more.\n")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("When did Sweden join NATO?", "when-did-sweden-join-nato.md"),
        ("Où l’Éducation a-t-elle œuvré ?", "ou-l-education-a-t-elle-oeuvre.md"),
        ("../../etc/passwd\x00\n", "etc-passwd.md"),
        ("CON", "answer-3e08a0a3.md"),
        ("что?", "answer-d2ccb8a3.md"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word.md"),
        ("w" * 100, f"{'w' * 60}.md"),
    ],
)
def test_a_question_names_its_file(question: str, name: str) -> None:
    """Always the same name, which every system takes."""
    named = document_name(question)

    assert named == name if not name.startswith("answer-") else named.startswith("answer-")
    assert named == document_name(question)
    assert len(named) <= 64
