from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.answering.types import Note, NoteKind, Refusal, Reply, Searched
from bot.discord.rendering import custom_id, harmless, listed, rendered, split
from tests.bot.releases import an_answer, stored

SENTENCE = "The ferry sails every hour to the island. "


def test_notes_stand_small_under_the_answer() -> None:
    """They belong to the text, for some people see no embeds."""
    answer = replace(an_answer(text="Paid. [1]", quote="Paid."), notes=(Note(NoteKind.PERIOD, "Releases of June."),))

    (page,) = rendered(answer)

    assert page.content == "Paid. [1]\n-# Releases of June."


def test_a_list_of_releases_stands_in_the_text() -> None:
    """Each leads to its release, and the number of the rest is told."""
    listing = (stored("a", "x", title="The *new* harbour"), stored("b", "y", title="Old harbour"))
    answer = replace(an_answer(text="12 releases:"), citations=(), reply=Reply("about_archive.list", listing, 10))

    (page,) = rendered(answer)

    assert page.embeds == ()
    assert page.content == (
        "12 releases:\n- [The \\*new\\* harbour](<https://example.org/a>) · <t:1704110400:D>\n"
        "- [Old harbour](<https://example.org/b>) · <t:1704110400:D>\n… and 10 more."
    )


def test_a_quote_from_a_pdf_names_its_page() -> None:
    """Behind where it comes from, in the embed and in the paragraph around it."""
    answer = an_answer(text="Paid. [1]", quote="Paid.")
    (citation,) = answer.citations
    paged = replace(citation, release=replace(citation.release, pages=(0,)))

    (page,) = rendered(replace(answer, citations=(paged,)))

    assert (page.embeds[0].description or "").endswith(" · p. 1")


def test_two_quotes_of_one_address_are_two_embeds() -> None:
    """Discord would show them as one."""
    answer = an_answer(text="Paid. [1][2]", quote="Paid.")
    second = replace(answer.citations[0], key="2")

    (page,) = rendered(replace(answer, citations=(*answer.citations, second)))

    assert [embed.url for embed in page.embeds] == ["https://example.org/a", None]


def test_more_than_discord_takes_goes_into_further_messages() -> None:
    """Six thousand characters over all embeds of a message, ten of them, two thousand of content."""
    answer = an_answer(text="Long. " * 700, quote="word " * 600)
    cited = tuple(replace(answer.citations[0], key=str(key)) for key in range(1, 13))

    pages = rendered(replace(answer, citations=cited))

    assert all(len(page.content) <= 2_000 for page in pages)
    assert all(sum(map(len, page.embeds)) <= 6_000 and len(page.embeds) <= 10 for page in pages)
    assert sum(len(page.embeds) for page in pages) == 12


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.fr/a b", "https://x.fr/(a)", "data:text/html,x"])
def test_only_a_plain_web_address_becomes_a_link(url: str) -> None:
    """In lists and under refusals."""
    release = replace(stored("a", "Text.", title="T"), url=url)
    refused = an_answer(text="No.", refusal=Refusal("No.", Searched(1), (release,)))

    assert url not in listed([release])[0].content
    assert rendered(refused)[0].embeds[0].url is None


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "<@&123456789012345678>",
        "[x](javascript:y)",
        "# Big",
        "**bold** `code`",
        "||s||",
        "-# small",
        "> quoted",
        "said\n-# small",
        "said\n\n\n-# small",
        "\\\n- one",
        "  - one",
        "1. one",
        "2) two",
        "+ one",
        "said\u2028# Big",
        "\u202e-# small",
        "\u200b> quoted",
        "https://me:word@evil.example/",
        "https://a.example@evil.example/",
        "<https://evil.example>",
        "[nato.int](https://evil.example)",
        "x](https://evil.example) y",
        "<t:0:R>",
        "</ask:123456789012345>",
        "<#123456789012345678>",
        "<:smile:123456789012345678>",
        "<a:smile:123456789012345678>",
        "<id:browse>",
    ],
)
def test_markdown_and_mentions_are_shown_as_they_are_written(text: str) -> None:
    """Each with something before it that takes its meaning."""
    shown = harmless(text)

    assert shown != text
    assert "](" not in shown
    assert not re.search(r"^\s*(?:[-+>#*]|\d+[.)]\s)|(?<!\\)(?:\\\\)*<|https?://[^\s/]*@", shown, re.MULTILINE)
    assert all(one.isprintable() or one == "\n" for one in shown.replace("\u200b", ""))


def test_a_title_cannot_lead_elsewhere() -> None:
    """However it is bracketed."""
    release = replace(stored("a", "Text.", title="x](https://evil.example) y"), url="https://example.org/a")

    (page,) = listed([release])

    assert page.content.count("](") == 1
    assert "](<https://example.org/a>)" in page.content


@pytest.mark.parametrize(
    "text",
    [
        "Sweden joined on 7 March 2024 - at last.",
        "5.5 per cent and 1.2 (or 3) of A/B: “yes”",
        "See https://example.org/a_b_c?x=*1*&y=~2~#d_e, and (https://example.org/).",
    ],
)
def test_ordinary_text_and_addresses_stay_as_they_are(text: str) -> None:
    """An address with a backslash in it leads nowhere."""
    assert harmless(text) == text


def test_titles_of_embeds_hold_no_markdown_and_forge_no_key() -> None:
    """They are shown formatted as well."""
    answer = an_answer(text="Paid. [1]", quote="Paid.", title="[2] **Peace**\n\u202e-# now")

    (page,) = rendered(answer)

    assert page.embeds[0].title == "[1] (2) \\*\\*Peace\\*\\* -# now"


def test_an_address_with_a_user_leads_nowhere() -> None:
    """In citations, lists and under refusals."""
    answer = an_answer(text="Paid. [1]", quote="Paid.")
    (one,) = answer.citations
    release = replace(one.release, url="https://me:word@example.org/a")
    cited = replace(answer, citations=(replace(one, release=release, link=None),))
    refused = an_answer(text="No.", refusal=Refusal("No.", Searched(1), (release,)))

    pages = [*rendered(cited), *rendered(refused), *listed([release])]

    assert all(embed.url is None for page in pages for embed in page.embeds)
    assert not any("word@" in page.content for page in pages)


@pytest.mark.parametrize("length", [1, 1_999, 2_000, 2_001, 20_000])
def test_no_piece_is_longer_than_a_message_and_nothing_is_lost(length: int) -> None:
    """Whatever the length."""
    text = (SENTENCE * (length // len(SENTENCE) + 1))[:length]

    pieces = split(text)

    assert all(0 < len(piece) <= 2_000 for piece in pieces)
    assert " ".join(" ".join(pieces).split()) == " ".join(text.split())


def test_a_text_is_cut_between_paragraphs_then_sentences() -> None:
    """A reader should not notice."""
    assert split("a" * 30 + "\n\n" + "b" * 30, 40) == ["a" * 30, "b" * 30]
    assert split("It is long. It goes on and on.", 20) == ["It is long.", "It goes on and on."]


@pytest.mark.parametrize(
    "whole", ["« deux mots cités »", "“two quoted words”", "[a link](https://x.fr/a)", "<https://x.fr/a>"]
)
def test_a_quotation_or_a_link_is_never_cut(whole: str) -> None:
    """The cut moves before it."""
    text = f"{'word ' * 6}{whole} {'word ' * 6}"

    assert any(whole in piece for piece in split(text, 40))


def test_a_word_longer_than_a_message_is_cut_somewhere() -> None:
    """Better than nothing at all."""
    assert split("x" * 45, 20) == ["x" * 20, "x" * 20, "x" * 5]
    assert split("   ") == []


def test_ids_of_buttons_fit() -> None:
    """100 characters."""
    assert len(custom_id("passages", "0" * 16)) <= 100
