"""What a page states in JSON-LD of its article, wherever in it that stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# The kinds of object that describe the page's text, not its site or its publisher; the most telling first.
_ARTICLES = ("article", "release", "posting", "report", "statement", "announcement", "creativework", "webpage")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*+;?\s*+$")
# An article's `dateModified` is that of its text; a page's moves with every change of the layout.
_PAGE_KIND = "webpage"


def read_article(tree: HtmlElement) -> Mapping[str, object]:
    """The object that describes the page's text, with what its references stand for; empty where there is none."""
    objects = list(_loaded(tree))
    named = {str(found["@id"]): found for found in objects if "@id" in found and len(found) > 1}
    articles = sorted(((rank, place) for place, found in enumerate(objects) if (rank := _rank(found)) is not None))
    if not articles:
        return {}
    best, place = articles[0]
    article = {key: _resolved(value, named) for key, value in objects[place].items()}
    if _ARTICLES[best] == _PAGE_KIND:
        article.pop("dateModified", None)
    return article


def name(value: object) -> str | None:
    """The name in a string, an object with a name, or a list of them: all the names, parted by commas."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(name, value)))) or None
    if isinstance(value, Mapping):
        value = value.get("name")
        return name(value) if isinstance(value, list | str) else None
    return tidy_line(value) or None if isinstance(value, str) else None


def first_name(value: object) -> str | None:
    """The first name in such a value."""
    return name(value[0] if isinstance(value, list) and value else value)


def _loaded(tree: HtmlElement) -> Iterator[Mapping[str, object]]:
    for script in tree.xpath("//script[starts-with(normalize-space(@type), 'application/ld+json')]/text()"):
        try:
            yield from _objects(json.loads(_WRAPPING.sub("", script), strict=False))
        except (ValueError, RecursionError):
            continue  # a page with one broken script still has its other marks


def _objects(loaded: object) -> Iterator[Mapping[str, object]]:
    """Objects, whether alone, in a list, or under `@graph` and the like."""
    if isinstance(loaded, list):
        for part in loaded:
            yield from _objects(part)
    elif isinstance(loaded, dict):
        yield loaded
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(loaded.get(key))


def _rank(found: Mapping[str, object]) -> int | None:
    kinds = str(found.get("@type", "")).lower()
    if "headline" not in found and "datePublished" not in found:
        return None
    return next((rank for rank, kind in enumerate(_ARTICLES) if kind in kinds), None)


def _resolved(value: object, named: Mapping[str, Mapping[str, object]]) -> object:
    if isinstance(value, list):
        return [_resolved(part, named) for part in value]
    if isinstance(value, dict) and len(value) == 1 and "@id" in value:
        return named.get(str(value["@id"]), value)
    return value
