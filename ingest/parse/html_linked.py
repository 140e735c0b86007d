"""The object that describes a page's text: JSON-LD of this article and no other, or the first state of a script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import TYPE_CHECKING

from ingest.addresses import joined
from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

# The kinds of object that describe the page's text, not its site or its publisher; the most telling first.
_ARTICLES = ("article", "release", "posting", "report", "statement", "announcement", "creativework", "webpage")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*+;?\s*+$")
# An article's `dateModified` is that of its text; a page's moves with every change of the layout.
_PAGE_KIND = "webpage"


def read_article(tree: HtmlElement, location: str = "") -> Mapping[str, object]:
    """The object that describes the page's text, with what its references stand for; empty where there is none.

    Of several the one with the page's address, or else with its headline. One that names another address and another
    headline describes another page, as those of a list of news do; where the page names no address, as one saved to a
    file, a headline of other words.
    """
    objects = list(_loaded(tree))
    named = {str(found["@id"]): found for found in objects if "@id" in found and len(found) > 1}
    page = _Page(tree, location)
    articles = sorted(
        (page.strangeness(found), rank, place)
        for place, found in enumerate(objects)
        if (rank := _rank(found)) is not None
    )
    if not articles or articles[0][0] == _ANOTHER:
        return {}
    _, best, place = articles[0]
    article = {key: _resolved(value, named) for key, value in objects[place].items()}
    if _ARTICLES[best] == _PAGE_KIND:
        article.pop("dateModified", None)
    return article


_THIS, _LIKELY, _ANOTHER = range(3)


class _Page:
    """What a page says of itself outside JSON-LD, by which an object is known to be about it."""

    def __init__(self, tree: HtmlElement, location: str) -> None:
        base = location if location.lower().startswith("http") else ""
        told = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
        self._addresses = {_plain_address(joined(base, address) or address) for address in (*told, base) if address}
        titles = tree.xpath("//meta[@property='og:title']/@content | //title/text()")
        self._headlines = [key for h in tree.iter("h1", "h2") if (key := _key(h.text_content()))]
        self._titles = "\n".join(map(_key, titles))
        self._words = _words(" ".join([*titles, *(h.text_content() for h in tree.iter("h1", "h2"))]))
        self._base = base

    def strangeness(self, found: Mapping[str, object]) -> int:
        """Whether an object is about this page, is likely to be, or is about another."""
        addresses = {
            _plain_address(joined(self._base, address) or address)
            for field in ("url", "mainEntityOfPage", "@id")
            for address in _addresses(found.get(field))
        }
        headline = _key(name(found.get("headline") or found.get("name")) or "")
        if addresses & self._addresses or (headline and (headline in self._headlines[:1] or headline in self._titles)):
            return _THIS
        is_elsewhere = bool(addresses) and (bool(self._addresses) or self._is_unlike(found))
        return _ANOTHER if headline and is_elsewhere and headline not in self._headlines else _LIKELY

    def _is_unlike(self, found: Mapping[str, object]) -> bool:
        """Whether an object's headline and the page's own headings share fewer than half of the words of either."""
        words = _words(name(found.get("headline") or found.get("name")) or "")
        return 2 * len(words & self._words) < min(len(words), len(self._words))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold()))


def _addresses(value: object) -> Sequence[str]:
    if isinstance(value, Mapping):
        value = value.get("@id") or value.get("url")
    return [value] if isinstance(value, str) and value.strip() else []


def _plain_address(address: str) -> str:
    """An address without what different spellings of one differ in: its scheme, a mark in it, the last slash."""
    return re.sub(r"^https?://(?:www\.)?", "", address.strip().split("#")[0], flags=re.IGNORECASE).rstrip("/")


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def name(value: object) -> str | None:
    """The name in a string, an object with a name, or a list of them: all the names, parted by commas."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(name, value)))) or None
    if isinstance(value, Mapping):
        value = value.get("name")
        return name(value) if isinstance(value, list | str) else None
    return tidy_line(unescape(value)) or None if isinstance(value, str) else None


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


_ASSIGNED = re.compile(r"window(?:\.\w+|\[[\"']\w+[\"']\])\s*=\s*(?=[{\[])")
_TITLES = ("headline", "title", "name")
_BODIES = ("articleBody", "body", "content", "text", "html", "bodyHtml", "description")
_LEADS = ("lead", "excerpt", "standfirst", "summary", "chapo", "intro", "description")
_DATES = ("datePublished", "publishedAt", "published_at", "publicationDate", "publishDate", "published", "date")
# Characters. A page that shows more is no shell, and a state with less holds no release.
_LEAST = 200


def is_shell(tree: HtmlElement) -> bool:
    """Whether a page shows next to no text of its own."""
    shown = tree.xpath("//body/descendant::text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
    return sum(len(words.strip()) for words in shown) < _LEAST


def read_state(tree: HtmlElement) -> Mapping[str, object]:
    """The object with a title and the longest text, under the names that JSON-LD has for them; empty without one."""
    articles = [article for state in _states(tree) for found in _state_objects(state) if (article := _article(found))]
    return max(articles, key=lambda article: len(str(article["articleBody"])), default={})


def _states(tree: HtmlElement) -> Iterator[object]:
    for script in tree.xpath("//script[not(@src)]"):
        words = script.text or ""
        kind = (script.get("type") or "").lower()
        assigned = None if kind == "application/json" else _ASSIGNED.search(words)
        if kind != "application/json" and not assigned:
            continue
        try:
            yield json.JSONDecoder(strict=False).raw_decode(words[assigned.end() if assigned else 0 :].lstrip())[0]
        except (ValueError, RecursionError):
            continue  # not JSON, but a program: there is nothing to read in it


def _state_objects(state: object) -> Iterator[Mapping[str, object]]:
    """Every object in it, at whatever depth."""
    waiting = [state]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _article(found: Mapping[str, object]) -> Mapping[str, object]:
    title, text = _first(found, _TITLES), _text(found)
    if not title or len(text) < _LEAST:
        return {}
    lead = _first(found, _LEADS)
    if lead and lead not in text:
        text = f"<p>{lead}</p>\n{text}" if "</" in text else f"{lead}\n{text}"
    article = {"headline": title, "articleBody": text, "datePublished": _first(found, _DATES)}
    return {name: value for name, value in article.items() if value}


def _text(found: Mapping[str, object]) -> str:
    """The longest text under one of the usual names, a list of paragraphs or an object that holds it included."""
    texts = []
    for name in _BODIES:
        value = found.get(name)
        if isinstance(value, Mapping):
            value = _first(value, ("html", "rendered", "value", "text"))
        if isinstance(value, list):
            value = "\n".join(filter(None, (_paragraph(part) for part in value)))
        if isinstance(value, str):
            texts.append(value)
    return max(texts, key=len, default="")


def _paragraph(part: object) -> str:
    if isinstance(part, Mapping):
        return _first(part, ("text", "html", "value", "content"))
    return part if isinstance(part, str) else ""


def _first(found: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := found.get(name), str) and value), "")
