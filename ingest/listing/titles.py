"""Titles and languages as listings state them, cleaned."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LONGEST = 300  # characters; an anchor around a whole card of text is no title


def plain_title(stated: object, *, markup: bool = False) -> str | None:
    """A title as readers see it, None where there is none. `markup` says that it is HTML, not text."""
    if not isinstance(stated, str) or not stated.strip():
        return None
    return tidy_line(_without_markup(stated) if markup else html.unescape(stated)) or None


def link_title(anchor: HtmlElement) -> str | None:
    """What a link says: the headline in it, its text, or its `title`."""
    headlines = anchor.xpath(".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6")
    stated = [*(heading.text_content() for heading in headlines), anchor.text_content(), anchor.get("title") or ""]
    return next((words for words in map(tidy_line, stated) if 0 < len(words) <= _LONGEST), None)


def _without_markup(stated: str) -> str:
    from lxml import etree
    from lxml.html import fragment_fromstring

    try:
        return str(fragment_fromstring(stated, create_parent="div").text_content())
    except (etree.LxmlError, ValueError):  # a comment alone, a NUL
        return html.unescape(stated)
