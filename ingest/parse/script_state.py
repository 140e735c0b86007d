"""Reads a release from the state that a page's script starts with, where the page itself is an empty shell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

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
    articles = [article for state in _states(tree) for found in _objects(state) if (article := _article(found))]
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


def _objects(state: object) -> Iterator[Mapping[str, object]]:
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
