"""Tells what a page shows around a release from the release itself: share links, breadcrumbs, credits, captions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

# A line without closing punctuation counts as a caption or a heading up to here; longer ones carry content.
SHORT_WORDS = 12

# A point between figures is none: those behind it are no mark of a note.
_CLOSING = re.compile(r"(?:[!?…:;]|(?<!\d)\.|\.(?!\d))[\s\u00a0\u202f]*[»”\"’')\]]*(\[?\d{1,2}\]?)?$")
_SEPARATOR = re.compile(r"[\W_]*")
_LISTED = tomllib.loads(Path(__file__).with_name("furniture.toml").read_text("utf-8"))


def _any(name: str) -> str:
    """A pattern for whatever a list of `furniture.toml` holds."""
    return "|".join(_LISTED[name])


_ICON = f"(?:{_any('icons')})"
_ICONS = re.compile(rf"{_ICON}(?:[\s,|/·•-]+(?:{_ICON}|and|et|or|ou))*", re.IGNORECASE)
_NAVIGATION = re.compile(_any("navigation"), re.IGNORECASE)
_SITE = r"(?:(?:this|our) (?:web)?site|we|by (?:using|continuing)|(?:ce|notre) site|nous utilisons|en poursuivant)"
_COOKIES = re.compile(rf"{_SITE}\b.{{0,80}}\bcookies?\b.{{0,300}}", re.IGNORECASE | re.DOTALL)
_CREDIT = re.compile(_any("credits"), re.IGNORECASE)
_RELATED = re.compile(_any("related"), re.IGNORECASE)
_RELATED_INLINE = re.compile(
    r"(?:(?:à )?(?:lire|voir) (?:aussi|également)|(?:see|read) also|related)[\s\u00a0]?[:–—>|].{0,200}", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<!\s)\s+(?:(?:no\.?|nr\.?|n[°º]\.?|#)\s?)?\d{1,4}(?:[/.-]\d{1,4})?$", re.IGNORECASE)
_KICKER = re.compile(f"(?:{_any('kickers')})", re.IGNORECASE)
_KICKER_MARK = re.compile(r":|(?<!\s)\s[|–—-]\s")
_END_MARK = re.compile(r"(?:-++(?: ?(?:\d++|[a-z]{2,8}+)? ?-++)?|#+|\**|ends?|fin)\.?", re.IGNORECASE)


def is_sentence(text: str) -> bool:
    """Whether a paragraph says something: closing punctuation, or more than a dozen words."""
    return bool(_CLOSING.search(text)) or len(text.split()) > SHORT_WORDS


def is_closed(text: str) -> bool:
    """Whether a paragraph or a line ends with closing punctuation."""
    return bool(_CLOSING.search(text))


def is_separator(text: str) -> bool:
    """Whether a line holds no letter and no digit: a rule, a bar, an empty bullet, a mark of the end."""
    return bool(_SEPARATOR.fullmatch(text) or _END_MARK.fullmatch(text))


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the page: share links, navigation, cookies, credits, breadcrumbs, a link elsewhere."""
    patterns = (_ICONS, _NAVIGATION, _COOKIES, _CREDIT, _RELATED_INLINE)
    return is_separator(text) or is_breadcrumb(text) or any(pattern.fullmatch(text) for pattern in patterns)


def is_breadcrumb(text: str) -> bool:
    """Whether a line is a path through a site, like `Home > News > 2024`."""
    if "«" in text or is_closed(text):
        return False
    for mark, fewest in ((">", 2), ("›", 2), ("»", 2), ("/", 3)):
        crumbs = [crumb.strip() for crumb in text.split(mark)]
        # the last crumb is often the release's whole title
        if len(crumbs) >= fewest and f" {mark} " in text and all(len(crumb.split()) <= 6 for crumb in crumbs[:-1]):
            return True
    return False


def is_related_heading(text: str) -> bool:
    """Whether a line opens a list of other pages: "Related news", « À lire aussi »."""
    return bool(_RELATED.fullmatch(text.strip(" :\u00a0\u202f")))


def is_kicker(text: str) -> bool:
    """Whether a line only names the kind of page, like "Press release" or "Press release No 7/24", above the title."""
    return bool(_KICKER.fullmatch(_NUMBER.sub("", text.strip(" :|-–\u00a0"))))


def without_kicker(title: str) -> str:
    """A title without "Press release:" before it, or "Press release - "."""
    mark = _KICKER_MARK.search(title)
    before, rest = (title[: mark.start()], title[mark.end() :]) if mark else ("", title)
    is_kind = (" " in before and is_kicker(before)) or before.strip().casefold() in _LISTED["subjects"]
    return rest.strip() if is_kind and len(rest.split()) > 1 else title
