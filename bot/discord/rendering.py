"""Answers, releases and timelines as messages of Discord: pages of text, embeds, and buttons that name the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ActionRow, Embed, ui
from discord.utils import escape_mentions

from bot.answering.citations import emphasised, in_quote, page_label, quotation_marks, quote_link
from bot.answering.wording import rest
from bot.discord.localisation import wording
from bot.language.prompt_injection import headline, plain
from bot.redaction import shareable
from vectorstore.types import is_bare_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from discord import Message

    from bot.answering.timeline import Timeline, TimelineEntry
    from bot.answering.types import Answer, Citation, Reply
    from vectorstore.types import StoredRelease

LIMIT = 2_000
"""Characters of a message."""

_NOON = 12 * 3600  # seconds

_WHOLE = re.compile(r"\[[^\[\]\n]*\]\([^()\s]*\)|<[^<>\s]*>|«[^«»]{1,1500}»|“[^“”]{1,1500}”|`[^`\n]*`|https?://\S+")
_CUTS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?…»”\]])\s+"), re.compile(r"\s+"))


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The text in pieces of at most `limit` characters, none empty.

    It is cut between paragraphs, else sentences, else words; never inside a link or a quotation.
    """
    rest, pieces = text.strip(), []
    while len(rest) > limit:
        end, following = _cut(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[following:].lstrip()
    return [piece for piece in [*pieces, rest] if piece]


def _cut(text: str, limit: int) -> tuple[int, int]:
    """Where the first piece ends and the next begins."""
    whole = [found.span() for found in _WHOLE.finditer(text, 0, limit + 1_600)]
    for pattern in _CUTS:
        places = [found.span() for found in pattern.finditer(text, 0, limit + 1)]
        for start, end in reversed(places):
            inside = any(first < start < last for first, last in whole)
            if start <= limit and start > limit // 4 and not inside:
                return start, end
    return limit, limit


_SIGNS = re.compile(r"[\\*_~|`<]")  # what formats inside a line, and what opens a mention, a time or an emoji
_LINE_BEGINS = re.compile(r"\A\s*+(?:(?=[-+>#])|\d{1,9}+(?=[.)](?:\s|\Z)))")  # a list, a heading, small print
_LINE_ENDS = dict.fromkeys((0x2028, 0x2029), "\n")
# An address as it is left; one with a user in it is none, and leads nowhere.
_WRITTEN = re.compile(r"https?://[\w.-]++(?::\d{1,5})?+(?:[/?#][^\s<>\[\]|\\`]*+)?+(?![@:\\])")
_ADDRESS = re.compile(r"(?<!(?<!\\)<)https?://[^\s<>\[\]\\]*[^\s<>\[\]\\.,;:!?)»”]")
_AROUND, _PARAGRAPH_QUOTE = 400, 2_000  # characters on either side of a quote, and of the quote
_BEGINNING = 400
_HEAD, _EXCERPT = 160, 400  # ten excerpts fit into one message
_URL = 2_000
_TITLE, _QUOTE, _ALL, _EMBEDS = 256, 3_600, 5_800, 10  # Discord's limits, with room for what stands around them


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message: its content, and its embeds."""

    content: str
    embeds: tuple[Embed, ...] = ()


def rendered(answer: Answer) -> list[MessagePage]:
    """An answer or a refusal as the messages that show it, in order."""
    notes = "".join(f"\n-# {harmless(note.text)}" for note in answer.notes)
    listing = "".join(f"\n{line}" for line in _listing(answer.reply, answer.language)) if answer.reply else ""
    texts = split(_unfolding_nothing(_strong(emphasised(answer)) + listing + notes))
    embeds = [_quoted(citation) for citation in answer.citations]
    if answer.refusal:
        embeds = [_nearest(release) for release in answer.refusal.nearest]
    pages = list(_paged(unlike(embeds)))
    first = [MessagePage(text) for text in texts[:-1]]
    return [*first, MessagePage(texts[-1], pages[0] if pages else ()), *(MessagePage("", page) for page in pages[1:])]


def passages_of(answer: Answer) -> list[MessagePage]:
    """Each quote of an answer in bold, within the paragraph that it stands in; empty if nothing is quoted."""
    embeds = [_in_paragraph(citation) for citation in answer.citations]
    return [MessagePage("", page) for page in _paged(unlike(embeds))]


def with_lines(pages: list[MessagePage], *, question: str | None, below: Iterable[str] = ()) -> list[MessagePage]:
    """Pages with the question quoted over the first, if there is room, and lines below the last."""
    first, last = pages[0], "".join(f"\n{line}" for line in below)
    asked = f"> {harmless(' '.join(question.split()))}\n" if question else ""
    if asked and len(asked) + len(first.content) <= LIMIT:
        pages = [MessagePage(asked + first.content, first.embeds), *pages[1:]]
    if last and len(pages[-1].content) + len(last) <= LIMIT:
        pages = [*pages[:-1], MessagePage((pages[-1].content + last).lstrip("\n"), pages[-1].embeds)]
    return pages


def listed(releases: Iterable[StoredRelease]) -> list[MessagePage]:
    """Releases, each on a line with its day."""
    return [MessagePage(piece) for piece in split("\n".join(map(_line, releases)))]


def _line(release: StoredRelease) -> str:
    return f"- {linked(release)}{_day(release)}"


def _listing(reply: Reply, language: str) -> Iterator[str]:
    yield from map(_line, reply.releases)
    if reply.rest:
        yield rest(reply.rest, language)


def card(release: StoredRelease) -> Embed:
    """How a release begins, and where it comes from; its title stands above."""
    beginning = release.lead or release.text
    beginning = beginning if len(beginning) <= _BEGINNING else beginning[:_BEGINNING].rsplit(" ", 1)[0] + " …"
    return Embed(description=f"{harmless(beginning)}\n{_origin(release)}".strip())


def excerpt(release: StoredRelease, start: int, end: int) -> Embed:
    """A sentence of a release, `text[start:end]`, that leads to where it stands; the title alone where it is empty."""
    quote = " ".join(harmless(release.text[start:end]).split())
    quote = quote if len(quote) <= _EXCERPT else quote[:_EXCERPT].rsplit(" ", 1)[0] + " …"
    title = harmless(headline(release.title))
    return Embed(
        title=title if len(title) <= _HEAD else title[: _HEAD - 1].rstrip("\\ ") + "…",
        url=_web(quote_link(release, start, end)) or _web(release.url),
        description="\n".join(filter(None, (f"> {quote}" if quote else "", _origin(release)))) or None,
    )


def harmless(text: str) -> str:
    """A text that mentions nobody, formats nothing, hides nothing, and leads nowhere that it does not show."""
    lines = plain(text).translate(_LINE_ENDS).split("\n")
    return "\n".join(map(_harmless_line, lines))


def _harmless_line(line: str) -> str:
    """A line that begins nothing, and of which only addresses are left as they are written."""
    parts: list[str] = []
    end = 0
    for address in _WRITTEN.finditer(line):
        parts += [_escaped(line[end : address.start()]), address.group()]
        end = address.end()
    escaped = escape_mentions("".join([*parts, _escaped(line[end:])])).replace("](", "]\\(")
    return _LINE_BEGINS.sub(r"\g<0>\\", escaped)


def _strong(pieces: Iterable[tuple[str, bool]]) -> str:
    """Pieces of a text, harmless, those that are to stand out in bold, line by line."""
    shown = ((harmless(piece), strong) for piece, strong in pieces)
    return "".join(re.sub(r"[^\n]+", r"**\g<0>**", piece) if strong else piece for piece, strong in shown)


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text).replace("://", "\\://")


def _unfolding_nothing(text: str) -> str:
    """A text whose bare addresses Discord does not unfold into cards."""
    return _ADDRESS.sub(lambda found: f"<{found[0]}>", text)


def _quoted(citation: Citation) -> Embed:
    release = citation.release
    before, words, after = in_quote(citation)
    quote = _strong(((before, False), (words, bool(words)), (after, False)))
    quote = quote if len(quote) <= _QUOTE else quote[:_QUOTE].rsplit(" ", 1)[0] + " …"
    body = "\n".join(f"> {line}" for line in quote.split("\n"))
    speaker = f"\n— {harmless(citation.speaker)}" if citation.speaker else ""
    return Embed(
        title=_title(release, citation.key),
        url=link_of(citation),
        description=f"{body}{speaker}\n{_place(citation)}",
    )


def _in_paragraph(citation: Citation) -> Embed:
    text, start, end = citation.release.text, citation.start, citation.end
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    last = text.find("\n", end)
    last = min(len(text) if last < 0 else last, end + _AROUND)
    before, quote, after = (harmless(part) for part in (text[first:start], text[start:end], text[end:last]))
    quote = quote if len(quote) <= _PARAGRAPH_QUOTE else quote[:_PARAGRAPH_QUOTE].rsplit(" ", 1)[0] + " …"
    return Embed(
        title=_title(citation.release, citation.key),
        url=link_of(citation),
        description=f"{before}**{quote.strip()}**{after}\n{_place(citation)}",
    )


def _nearest(release: StoredRelease) -> Embed:
    return Embed(title=_title(release), url=_web(release.url), description=_origin(release))


def _place(citation: Citation) -> str:
    return " · ".join(filter(None, (_origin(citation.release), page_label(citation))))


def _origin(release: StoredRelease) -> str:
    parts = [harmless(release.publisher or ""), _day(release).removeprefix(" · ")]
    if release.updated:
        parts.append(f"↻ <t:{int(release.updated.timestamp())}:f>")
    return " · ".join(filter(None, parts))


def _day(release: StoredRelease) -> str:
    return f" · {shown_day(release.published)}" if release.published else ""


def shown_day(moment: datetime, style: str = "D") -> str:
    """A day as each reader’s language and zone have it; a bare day is the same nearly everywhere (noon in UTC)."""
    return f"<t:{int(moment.timestamp()) + (_NOON if is_bare_day(moment) else 0)}:{style}>"


def linked(release: StoredRelease) -> str:
    """A release's title, which leads to it if its address is known."""
    return linked_to(release, release.url)


def linked_to(release: StoredRelease, link: str | None) -> str:
    """A release's title, which leads to a place in it if that is known, else to the release."""
    return entitled(headline(release.title), _web(link) or _web(release.url))


def entitled(title: str, address: str | None) -> str:
    """A title of any origin that leads to an address, if there is one."""
    return f"[{harmless(title)}](<{address}>)" if address else harmless(title)


def link_of(citation: Citation) -> str | None:
    """Where a quote may be opened: at the sentence, else at its release."""
    return _web(citation.link) or _web(citation.release.url)


def _web(address: str | None) -> str | None:
    """A web address, or none: a release may name any, and one with a user in it is nobody's business."""
    address = shareable(address)
    if not address or len(address) > _URL or set(address) & set(' <>()\n"`\\') or not address.isprintable():
        return None
    return address if address.lower().startswith(("https://", "http://")) else None


def _title(release: StoredRelease, key: str = "") -> str:
    """The title of an embed, after the key of its citation."""
    title = harmless(headline(release.title))
    title = f"[{key}] {title}" if key else title
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip("\\ ") + "…"


def unlike(embeds: list[Embed]) -> list[Embed]:
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


_BUTTONS = ("good", "bad", "passages", "follow_up", "save", "post")
_EMOJI = {"good": "👍", "bad": "👎"}
_CUSTOM_ID = re.compile(r"communique:(?P<action>[a-z_]+):(?P<answer>[0-9a-f]{16})")


def custom_id(action: str, answer_id: str) -> str:
    """What Discord sends back when a button is pressed or a form is sent in."""
    return f"communique:{action}:{answer_id}"


def read_custom_id(text: str) -> tuple[str, str] | None:
    """The action and the answer's id in a custom id of ours; None for any other."""
    found = _CUSTOM_ID.fullmatch(text)
    return (found["action"], found["answer"]) if found else None


def buttons(
    answer_id: str, locale: str | None, *, answered: bool, postable: bool, question_id: str | None = None
) -> ui.View:
    """The row under an answer: a refusal has no passages to show, and only a private answer can be posted.

    Who asked a question that is kept, by this id, can wish to be told of an answer.
    """
    view = ui.View(timeout=None)
    for action in _BUTTONS:
        if (action == "passages" and not answered) or (action == "post" and not postable):
            continue
        emoji = _EMOJI.get(action)
        label = None if emoji else getattr(wording(locale), action)
        button: ui.Button[Any] = ui.Button(label=label, emoji=emoji, custom_id=custom_id(action, answer_id))
        view.add_item(button)
    if question_id:
        view.add_item(ui.Button(label=wording(locale).tell, emoji="🔔", custom_id=custom_id("tell", question_id)))
    view.stop()  # discord.py need not remember it: a press is handled by its custom id, after a restart too
    return view


def answer_id_of(message: Message) -> str | None:
    """The id of the answer that a message's buttons name; None if it has no such buttons."""
    for row in message.components:
        for button in row.children if isinstance(row, ActionRow) else ():
            if named := read_custom_id(getattr(button, "custom_id", None) or ""):
                return named[1]
    return None


ENTRIES = 12
"""Releases that are shown: more would fill the channel."""

_ENTRY_TITLE, _ENTRY_QUOTE, _NOTE, _PUBLISHER, _SPEAKER = 200, 400, 250, 80, 60  # characters, of which some are escaped


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
    known = filter(None, (_shortened(release.publisher or "", _PUBLISHER), page_label(citation)))
    yield f"{day}{entitled(_shortened(headline(release.title), _ENTRY_TITLE), link_of(citation))}" + "".join(
        f" · {harmless(one)}" for one in known
    )
    opens, closes = quotation_marks(citation.quote, release.language)
    quote = harmless(_shortened(" ".join(citation.quote.split()), _ENTRY_QUOTE))
    speaker = f" — {harmless(_shortened(citation.speaker, _SPEAKER))}" if citation.speaker else ""
    yield f"> {opens}{quote}{closes}{speaker}"
    if entry.change:
        yield f"**{harmless(entry.change.text)}**"
    for note in entry.notes:
        yield f"-# {harmless(_shortened(note.text, _NOTE))}"


def _shortened(text: str, limit: int) -> str:
    """A text of at most so many characters, cut between words."""
    return text if len(text) <= limit else f"{text[: limit - 2].rsplit(' ', 1)[0]} …"
