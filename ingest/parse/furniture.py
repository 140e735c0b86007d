"""Tells what a page shows around a release from the release itself: share links, breadcrumbs, credits, contacts.

What such lines say is listed in `furniture.toml`. A box of contacts, who answers the press, with telephone and mail, is
told by its structure: a label such as "Media contact" and below it, or behind it in the line, lines that are no
sentences and hold a telephone number or a mail address. "For further information call 020 5550 0137." is a sentence,
and stays. A page may be furniture as a whole: a section of its site by its title, the front page by its address.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ingest.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Sequence

# A line without closing punctuation counts as a caption or a heading up to here; longer ones carry content.
SHORT_WORDS = 12

# A point between figures is none: those behind it are no mark of a note.
_CLOSING = re.compile(r"(?:[!?…:;]|(?<!\d)\.|\.(?!\d))[\s\u00a0\u202f]*[»”\"’')\]]*(\[?\d{1,2}\]?)?$")
_SEPARATOR = re.compile(r"[\W_]*")
LISTED: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("furniture.toml").read_text("utf-8"))
"""Words and patterns of what is no release, by the names of their lists."""


def _any(name: str) -> str:
    """A pattern for whatever a list of `furniture.toml` holds."""
    return "|".join(LISTED[name])


@cache
def listed_pattern(name: str) -> re.Pattern[str]:
    """The same, compiled when it is first asked for."""
    return re.compile(_any(name), re.IGNORECASE)


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
    is_kind = (" " in before and is_kicker(before)) or before.strip().casefold() in LISTED["subjects"]
    return rest.strip() if is_kind and len(rest.split()) > 1 else title


_MAIL = re.compile(r"\w(?:@| ?[\[(]at[\])] ?)\w", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+?\d[\d .()/-]{5,}\d")
_FEWEST_DIGITS = 9  # of a telephone number that nothing announces
_ENDS = (".", "!", "?", "…", ";", ".”", ".»", ". »", ".)")
_ABBREVIATED = re.compile(r"\b(?:tel|tél|ext|no)\.\Z", re.IGNORECASE)
_LONGEST_LINE = 40  # words
_MOST_LINES = 30  # of a box
_LONGEST_OWNER = 12  # words of a name, an office or a label
_AFTER_LABEL = (":", "–", "—", ",", "|", "-")


class Line(NamedTuple):
    """A paragraph of a text; `is_heading` where its format marks it as one, `is_item` an item of a list or a row."""

    text: str
    is_heading: bool = False
    is_item: bool = False


def contact_lines(lines: Sequence[Line], *, fewest: int = 1, closing: bool = False) -> set[int]:
    """The indices of the lines that belong to boxes of contacts, of so many lines at the least, or one with all in it.

    `closing` also takes numbers and addresses that stand behind the last sentence without a label, with their owner.
    """
    found: set[int] = set()
    for index, line in enumerate(lines):
        if index not in found and (behind := _behind_label(line.text)) is not None:
            end = _end(lines, index, is_detail=has_detail(behind))
            if end - index >= fewest or (end > index and _has_both(behind)):
                found.update(range(index, end))
    return found | (_closing(lines) if closing else set())


def has_detail(text: str) -> bool:
    """Whether a line holds a mail address or a telephone number."""
    if _MAIL.search(text):
        return True
    if find_dates(text):
        return False
    numbers = [sum(map(str.isdecimal, number)) for number in _TELEPHONE.findall(text)]
    return any(digits >= _FEWEST_DIGITS for digits in numbers) or (
        bool(numbers) and bool(listed_pattern("telephone").search(text))
    )


def _has_both(text: str) -> bool:
    """Whether a line holds a mail address and a telephone number."""
    return bool(_MAIL.search(text)) and any(
        sum(map(str.isdecimal, number)) >= _FEWEST_DIGITS for number in _TELEPHONE.findall(text)
    )


def _behind_label(text: str) -> str | None:
    """What stands behind the label in a line that is one or begins with one; None for all other lines."""
    found = _label().match(text)
    if found is None or _ends_as_sentence(text):
        return None
    rest = text[found.end() :]
    if not rest.strip(" :\u00a0\u202f"):
        return ""
    return rest if rest.lstrip().startswith(_AFTER_LABEL) or has_detail(rest) else None


def _end(lines: Sequence[Line], start: int, *, is_detail: bool) -> int:
    """Where the box ends that a label opens: behind its last detail; `start` itself where there is none."""
    end = start + 1 if is_detail and _may_belong(lines[start]) else start
    for index in range(start + 1, min(len(lines), start + _MOST_LINES)):
        if not _may_belong(lines[index]):
            break
        if has_detail(lines[index].text):
            end = index + 1
    return end


def _may_belong(line: Line) -> bool:
    is_listed = _has_both(line.text) and _telephone_listed().search(line.text)  # what a note closes is no sentence
    if line.is_heading or (_ends_as_sentence(line.text) and not is_listed):
        return False
    words = len(line.text.split())
    return words <= _LONGEST_OWNER or (words <= _LONGEST_LINE and has_detail(line.text))


def _closing(lines: Sequence[Line]) -> set[int]:
    """Details behind the last sentence, each with the short line above it where it is a detail and nothing else."""
    last = max((index for index, line in enumerate(lines) if _ends_as_sentence(line.text)), default=len(lines))
    found: set[int] = set()
    for index in range(last + 1, len(lines)):
        line = lines[index]
        if line.is_item or not _may_belong(line) or not has_detail(line.text):
            continue
        found.add(index)
        owner = index - 1
        if owner > last and not lines[owner].is_item and _may_belong(lines[owner]) and _is_bare(line.text):
            found.add(owner)
    return found


def _is_bare(text: str) -> bool:
    """Whether hardly a word stands beside the number or the address."""
    return len([word for word in text.split() if word.isalpha()]) < 2


def _ends_as_sentence(text: str) -> bool:
    """Whether a line ends as sentences do."""
    bare = text.rstrip()
    return bare.endswith(_ENDS) and not _ABBREVIATED.search(bare)


@cache
def _label() -> re.Pattern[str]:
    return re.compile(rf"(?:{_any('contacts')})(?!\w)", re.IGNORECASE)


@cache
def _telephone_listed() -> re.Pattern[str]:
    return re.compile(rf"(?:{_any('telephone')})\.? ?: ?\+?\d", re.IGNORECASE)


_SECTIONS, _WHOLE_SECTIONS = frozenset(LISTED["sections"]), frozenset(LISTED["whole_sections"])
_PARTS = re.compile(r"\s[|–—·»>-]\s|[|…]|:\s")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)
_HOST = re.compile(r"\A\s*(?:https?:)?//[^/?#]*", re.IGNORECASE)


def names_section(title: str) -> bool:
    """Whether a title, or a part of it, is what newsrooms call a section or a template: "Press | City of Lyon"."""
    return is_section(title) or any(folded(part) in _SECTIONS for part in _PARTS.split(title))


def is_section(words: str) -> bool:
    """Whether words are, as a whole, what newsrooms call a section or a template."""
    return folded(words) in _SECTIONS | _WHOLE_SECTIONS


def is_front(address: str) -> bool:
    """Whether an address is a site's front page, perhaps of one language; one with parameters may be any page."""
    path, _, parameters = _HOST.sub("", address).partition("#")[0].partition("?")
    steps = [step for step in path.split("/") if step]
    if steps and steps[-1].partition(".")[0].lower() in LISTED["front"]:
        steps.pop()
    return not parameters and (not steps or (len(steps) == 1 and bool(_LANGUAGE.fullmatch(steps[0]))))


def folded(words: str) -> str:
    """Small letters without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
