"""Fills in what a page does not say of its release: from the source, or from the text itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.addresses import without_user
from ingest.dates import can_be
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import without_kicker
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.types import Page
    from vectorstore.types import Release

_LONGEST_TITLE = 120
_MOST_OF_TITLE = 2_000
_MOST_OF_TEXT = 2_000_000  # a thousand pages: what follows parsing has no limit of time
# Characters. Names and figures rule shorter texts, and no text contradicts its page by these.
_ENOUGH_TO_JUDGE = 200
_LANGUAGE_NAMES = {
    "english": "en", "anglais": "en", "eng": "en",
    "french": "fr", "français": "fr", "francais": "fr", "fra": "fr", "fre": "fr",
}  # fmt: skip


def complete(release: Release, page: Page) -> Release:
    """The release with a title, and with a language and a publisher wherever one can be had; no address names a user.

    Raises:
        ParseError: neither title nor text is left of the page.
        LimitError: its text is longer than any release.

    """
    title, warnings = without_kicker(release.title or title_from(release.text)), release.warnings
    if not title:
        raise ParseError(page.location, "there is no release on this page, only links and the like")
    if len(release.text) > _MOST_OF_TEXT:
        cause = f"has {len(release.text):,} characters; a release has at most {_MOST_OF_TEXT:,}: split it"
        raise LimitError(page.location, cause)
    if len(title) > _MOST_OF_TITLE:
        warnings += (f"title: has {len(title):,} characters: all after the first {_MOST_OF_TITLE:,} were left out",)
        title = title[:_MOST_OF_TITLE].rsplit(" ", 1)[0]
    source = page.source
    language = release.language or (normalise_language(source.language) if source.language else None)
    if release.language is None and page.entry and page.entry.language:  # a feed's template is copied unread too
        language = believed_language(language, release.text)
    return replace(
        release,
        id=without_user(release.id),
        url=without_user(release.url) if release.url else None,
        translations=tuple(map(without_user, release.translations)),
        title=title,
        warnings=warnings,
        language=language or detect_language(opening(title, release)),
        publisher=release.publisher or source.publisher,
    )


def dated(release: Release, *, now: datetime) -> Release:
    """The release without dates that cannot be, with a warning for each."""
    stated = {"published": release.published, "updated": release.updated}
    wrong = {name: moment for name, moment in stated.items() if moment and not can_be(moment, now=now)}
    if not wrong:
        return release
    warnings = [f"{name}: left out, since {moment:%Y-%m-%d} is no date of a release" for name, moment in wrong.items()]
    return replace(
        release,
        published=None if "published" in wrong else release.published,
        updated=None if "updated" in wrong else release.updated,
        warnings=(*release.warnings, *warnings),
    )


def opening(title: str, release: Release) -> str:
    """The words that a language is judged by: the title and some 500 characters after it."""
    return f"{title}\n{release.text[:500]}"


def believed_language(stated: str | None, text: str) -> str | None:
    """The stated language, unless both halves of the text plainly are in another: templates are copied unread."""
    if stated is None or len(text) < _ENOUGH_TO_JUDGE:
        return stated
    among = tuple(sorted({"en", "fr", stated}))
    halves = {detect_language(text[: len(text) // 2], among), detect_language(text[len(text) // 2 :], among)}
    found = halves.pop()
    return found if not halves and found in {"en", "fr"} else stated


def normalise_language(value: object) -> str | None:
    """A language code in lower case without its region (`fr-CH` gives `fr`), or None for what is not a language."""
    if not isinstance(value, str):
        return None
    name = value.strip().lower()
    if name in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[name]
    code = re.split(r"[-_]", name)[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) and code not in {"und", "mul", "zxx"} else None


def month_first(*stated: object) -> bool | None:
    """Whether 3/4/2024 has its month first, by the codes of languages that are stated; None where English says no more.

    The first that names a country counts.
    """
    codes = [code.strip().lower().replace("_", "-") for code in stated if isinstance(code, str) and code.strip()]
    code = next((code for code in codes if "-" in code), next(iter(codes), "en"))
    return None if code in {"en", "eng", "english"} else code.startswith("en-us")


def title_from(text: str) -> str:
    """A title for a text without one: its first sentence, cut at a word border near 120 characters."""
    line = tidy_line(text.strip().split("\n", 1)[0])
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«“\"])", line, maxsplit=1)[0]
    if len(sentence) <= _LONGEST_TITLE:
        return sentence
    return sentence[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
