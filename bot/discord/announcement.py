"""What is announced, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from bot.discord.render import Page, card, linked
from bot.discord.split import LIMIT
from bot.discord.wording import wording
from bot.instructions import plain
from vectorstore.differences import differences

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from bot.discord.ledger import Subscription
    from vectorstore.differences import Difference
    from vectorstore.events import Event
    from vectorstore.passage import StoredRelease
    from vectorstore.store import PassageStore

_FIRST_RUN = timedelta(hours=1)  # what was published on the day of a first run, and came in with it, is no news
_RECENT = timedelta(days=30)  # changes of releases that are older, and were never announced, are no news
_CHANGES = 3
_SENTENCE = 400  # characters


@dataclass(frozen=True, slots=True)
class News:
    """Something to announce: a release that is new, changed or withdrawn, and the event that says so.

    `known` is the version that was current before everything that is announced here.
    """

    event: Event
    release: StoredRelease
    known: int


def news_of(
    events: Iterable[Event], store: PassageStore, subscription: Subscription, announced: Container[str]
) -> list[News]:
    """What of these events is news in a channel, oldest first, once for each release.

    `announced` are the releases that were announced there. What a newsroom had published before it was read for the
    first time is no news.
    """
    found: dict[str, News] = {}
    for event in events:
        release = store.get(event.release_id)
        if release is None:
            found.pop(event.release_id, None)  # it came and went
            continue
        before = found.pop(event.release_id, None)
        known = before.known if before else event.version - 1
        if event.kind in {"changed", "withdrawn"} and before and before.event.kind == "new":
            event = before.event  # noqa: PLW2901 - new, and changed since: announced once, as it is now
        if _fits(release, subscription) and _is_news(event, release, store, announced):
            found[event.release_id] = News(event, release, known)
    return sorted(found.values(), key=_when)


def page_of(news: News, store: PassageStore, locale: str) -> Page:
    """The message that announces it."""
    said, release = wording(locale), news.release
    if release.withdrawn:
        return _page(said.withdrawn, release)
    if news.event.kind == "new":
        return _page(said.new_release, release)
    before = store.get(release.id, news.known)
    changes = differences(before.text, release.text, release.language) if before else []
    lines = [line for change in changes[:_CHANGES] for line in _told(change)]
    if before and before.title != release.title:
        lines = [f"- {_cut(before.title)}", f"+ {_cut(release.title)}", *lines]
    more = said.more_changes.format(count=len(changes) - _CHANGES) if len(changes) > _CHANGES else ""
    told = "\n".join(["```diff", *lines, "```"]) if lines else ""
    return _page(said.changed_release, release, told, more)


def _page(what: str, release: StoredRelease, *more: str) -> Page:
    """What happened and to which release in the content, for some people see no embeds; how it begins below."""
    lines = [f"{what} · {linked(release)}", *filter(None, more)]
    return Page("\n".join(lines)[:LIMIT], (card(release),))


def _fits(release: StoredRelease, subscription: Subscription) -> bool:
    publishers, languages = subscription.publishers, subscription.languages
    return (not publishers or release.publisher in publishers) and (not languages or release.language in languages)


def _is_news(event: Event, release: StoredRelease, store: PassageStore, announced: Container[str]) -> bool:
    if event.kind == "withdrawn":
        return release.id in announced
    if release.withdrawn:
        return False
    if event.kind == "changed":
        return release.id in announced or (release.published is not None and release.published > _ago(event))
    return event.kind == "new" and _is_new(event, release, store.first_read(release.publisher))


def _is_new(event: Event, release: StoredRelease, first_read: datetime | None) -> bool:
    if first_read is None:
        return True
    if release.published is None:
        return event.moment > first_read + timedelta(days=1)
    day = first_read.astimezone(UTC).date()
    published = release.published.astimezone(UTC).date()
    return published > day or (published == day and event.moment > first_read + _FIRST_RUN)


def _ago(event: Event) -> datetime:
    return event.moment - _RECENT


def _when(news: News) -> tuple[datetime, int]:
    release = news.release
    moment = release.published if news.event.kind == "new" and release.published else news.event.moment
    return moment, news.event.number


def _told(change: Difference) -> list[str]:
    return [f"{mark} {_cut(text)}" for mark, text in (("-", change.before), ("+", change.after)) if text]


def _cut(text: str) -> str:
    """A sentence on one line of a code block, which nothing in it can end."""
    line = " ".join(plain(text).split()).replace("`", "ˋ")
    return line if len(line) <= _SENTENCE else line[:_SENTENCE].rsplit(" ", 1)[0] + " …"
