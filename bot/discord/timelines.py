"""Timelines as messages of Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.citations import page_label, quotation_marks
from bot.discord.rendering import LIMIT, MessagePage, entitled, harmless, link_of, shown_day, split
from bot.language.prompt_injection import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answering.timeline import Timeline, TimelineEntry

ENTRIES = 12
"""Releases that are shown: more would fill the channel."""

_TITLE, _QUOTE, _NOTE, _PUBLISHER, _SPEAKER = 200, 400, 250, 80, 60  # characters, of which some are escaped


def timeline_pages(timeline: Timeline) -> list[MessagePage]:
    """The releases about a topic, oldest first, in as few messages as hold them; none is cut in two that fits one."""
    head = [f"**{harmless(timeline.head)}**", *([f"-# {harmless(timeline.more)}"] if timeline.more else [])]
    pages = ["\n".join(head)]
    for text in ("\n".join(_lines(entry)) for entry in timeline.entries):
        if len(pages[-1]) + len(text) + 1 <= LIMIT:
            pages[-1] += f"\n{text}"
        else:
            pages += split(text)
    return [MessagePage(page) for page in pages]


def _lines(entry: TimelineEntry) -> Iterator[str]:
    """A release in at most half a message, as a rule: day and title, sentence, difference, what became of it."""
    citation, release = entry.citation, entry.release
    day = f"{shown_day(release.published)} · " if release.published else ""
    known = filter(None, (_cut(release.publisher or "", _PUBLISHER), page_label(citation)))
    yield f"{day}{entitled(_cut(headline(release.title), _TITLE), link_of(citation))}" + "".join(
        f" · {harmless(one)}" for one in known
    )
    opens, closes = quotation_marks(citation.quote, release.language)
    quote = harmless(_cut(" ".join(citation.quote.split()), _QUOTE))
    speaker = f" — {harmless(_cut(citation.speaker, _SPEAKER))}" if citation.speaker else ""
    yield f"> {opens}{quote}{closes}{speaker}"
    if entry.change:
        yield f"**{harmless(entry.change.text)}**"
    for note in entry.notes:
        yield f"-# {harmless(_cut(note.text, _NOTE))}"


def _cut(text: str, limit: int) -> str:
    """A text of at most so many characters, cut between words."""
    return text if len(text) <= limit else f"{text[: limit - 2].rsplit(' ', 1)[0]} …"
