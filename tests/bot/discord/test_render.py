from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import Note, NoteKind, Refusal, Searched
from bot.discord.render import harmless, listed, rendered
from tests.bot.releases import an_answer, stored


def test_notes_stand_small_under_the_answer() -> None:
    """They belong to the text, for some people see no embeds."""
    answer = replace(an_answer(text="Paid. [1]", quote="Paid."), notes=(Note(NoteKind.PERIOD, "Releases of June."),))

    (page,) = rendered(answer)

    assert page.content == "Paid. [1]\n-# Releases of June."


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
    assert harmless(text) != text
    assert "](" not in harmless(text)


def test_a_title_cannot_lead_elsewhere() -> None:
    """However it is bracketed."""
    release = replace(stored("a", "Text.", title="x](https://evil.example) y"), url="https://example.org/a")

    (page,) = listed([release])

    assert page.content.count("](") == 1
    assert "](<https://example.org/a>)" in page.content
