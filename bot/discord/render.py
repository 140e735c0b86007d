"""Answers as people read them on Discord: the text in the content, the quotes with their sources in embeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord import Embed
from discord.utils import escape_markdown, escape_mentions

from bot.discord.split import split
from bot.instructions import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answer import Answer, Citation
    from vectorstore.passage import StoredRelease

_TITLE, _QUOTE, _ALL, _EMBEDS = 256, 3_600, 5_800, 10  # Discord's limits, with room for what stands around


@dataclass(frozen=True, slots=True)
class Page:
    """One message: its content, and its embeds."""

    content: str
    embeds: tuple[Embed, ...] = ()


def rendered(answer: Answer) -> list[Page]:
    """An answer or a refusal as the messages that show it, in order."""
    notes = "".join(f"\n-# {harmless(note.text)}" for note in answer.notes)
    texts = split(harmless(answer.text) + notes)
    embeds = [_quoted(citation) for citation in answer.citations]
    if answer.refusal:
        embeds = [_nearest(release) for release in answer.refusal.nearest]
    pages = list(_paged(_unlike(embeds)))
    first = [Page(text) for text in texts[:-1]]
    return [*first, Page(texts[-1], pages[0] if pages else ()), *(Page("", page) for page in pages[1:])]


def listed(releases: Iterable[StoredRelease]) -> list[Page]:
    """Releases, each on a line with its day."""
    lines = [f"- {_linked(release)}{_day(release)}" for release in releases]
    return [Page(piece) for piece in split("\n".join(lines))]


def harmless(text: str) -> str:
    """A text that mentions nobody, formats nothing and hides nothing."""
    return escape_mentions(escape_markdown(plain(text)))


def _quoted(citation: Citation) -> Embed:
    release = citation.release
    quote = harmless(citation.quote)
    quote = quote if len(quote) <= _QUOTE else quote[:_QUOTE].rsplit(" ", 1)[0] + " …"
    body = "\n".join(f"> {line}" for line in quote.split("\n"))
    speaker = f"\n— {harmless(citation.speaker)}" if citation.speaker else ""
    return Embed(
        title=_short(f"[{citation.key}] {plain(release.title)}"),
        url=citation.link,
        description=f"{body}{speaker}\n{_origin(release)}",
    )


def _nearest(release: StoredRelease) -> Embed:
    return Embed(title=_short(plain(release.title)), url=_address(release), description=_origin(release))


def _origin(release: StoredRelease) -> str:
    parts = [harmless(release.publisher or ""), _day(release).removeprefix(" · ")]
    if release.updated:
        parts.append(f"↻ <t:{int(release.updated.timestamp())}:f>")
    return " · ".join(filter(None, parts))


def _day(release: StoredRelease) -> str:
    return f" · <t:{int(release.published.timestamp())}:D>" if release.published else ""


def _linked(release: StoredRelease) -> str:
    title, address = harmless(plain(release.title)).replace("\n", " "), _address(release)
    return f"[{title}](<{address}>)" if address else title


def _address(release: StoredRelease) -> str | None:
    """A web address, or none: a release may name any."""
    address = release.url or ""
    fits = address.lower().startswith(("https://", "http://")) and not set(address) & set(' <>()\n"`')
    return address if fits and len(address) <= 2_000 else None


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"


def _unlike(embeds: list[Embed]) -> list[Embed]:
    """Two embeds with one address would be shown as one: the later ones go without."""
    seen: set[str] = set()
    for embed in embeds:
        if embed.url in seen:
            embed.url = None
        elif embed.url:
            seen.add(embed.url)
    return embeds


def _paged(embeds: list[Embed]) -> Iterator[tuple[Embed, ...]]:
    page: list[Embed] = []
    for embed in embeds:
        if page and (len(page) == _EMBEDS or sum(map(len, page)) + len(embed) > _ALL):
            yield tuple(page)
            page = []
        page.append(embed)
    if page:
        yield tuple(page)
