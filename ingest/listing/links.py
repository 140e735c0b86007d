"""A listing page: its links to releases, its next page, and the feeds that it names."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.addresses import canonical, in_own_order, is_web, joined
from ingest.errors import LimitError, ParseError, SourceError
from ingest.parse.characters import decode_anyhow, stated_encoding, tidy_line
from ingest.parse.complete import normalise_language
from ingest.parse.furniture import is_front
from ingest.parse.html_tree import lists_others, tree_of
from ingest.types import Entry, Page, Part, Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from vectorstore.types import Release

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_LONGEST_TITLE = 300  # characters; an anchor around a whole card of text is no title
_TOKEN = "contains(concat(' ', normalize-space({0}), ' '), ' {1} ')"  # noqa: S105 - a word of an attribute
_NEXT = (
    f"//link[{_TOKEN.format('@rel', 'next')}]/@href | //a[{_TOKEN.format('@rel', 'next')}]/@href"
    # WordPress themes name the next page in the class alone
    f" | //a[{_TOKEN.format('@class', 'next')} and {_TOKEN.format('@class', 'page-numbers')}]/@href"
)


def compile_pattern(source: Source) -> re.Pattern[str] | None:
    """The pattern that the addresses of a source's releases match, or None. Raises SourceError where it is none."""
    if source.links is None:
        return None
    try:
        return re.compile(source.links)
    except (re.error, RecursionError, OverflowError) as exc:
        raise SourceError(source.location, f"`links` is no regular expression: {source.links!r}: {exc}") from exc


def matches(pattern: re.Pattern[str], address: str) -> bool:
    """Whether a pattern is found in an address, as it is sent or as it is read, with its accents."""
    return bool(pattern.search(address) or pattern.search(unquote(address)))


def read_links(content: bytes, address: str, *, charset: str | None = None) -> Part:
    """Every link of a page to another, each address once in the order of the page, and the listing's next page."""
    tree = _tree(content, address, charset)
    if tree is None:
        return Part()
    base = _base(tree, address)
    titles: dict[str, str | None] = {}
    asked: dict[str, str | None] = {}
    for anchor in tree.xpath("//a[@href] | //area[@href]"):
        target = _resolved(base, anchor.get("href"))
        if target and target != canonical(address):
            # a card links its picture, its headline and "read more" to one page: the longest is the headline
            asked.setdefault(target, in_own_order(joined(base, anchor.get("href"))))
            titles[target] = max(titles.get(target), _title_of(anchor), key=lambda title: len(title or ""))
    onward = _next_page(tree, base, address)
    entries = tuple(Entry(target, title=title, asked=asked[target]) for target, title in titles.items())
    following = (Entry(onward),) if onward else ()
    return Part(entries, following, feeds=_feeds(tree, base), language=normalise_language(tree.get("lang")))


def read_page(content: bytes, address: str, *, charset: str | None = None) -> Part:
    """What a web page is where its links do not count: one release, or a list of others and the feeds that it names.

    A site's front page is a list too, unless what it shows has a date.
    """

    @cache
    def release() -> Release | None:
        from ingest.parse.page import parse_page

        try:
            return parse_page(Page(address, address, content, Source(address), charset=charset))
        except ParseError:
            return None

    is_list = is_front(address) and ((read := release()) is None or read.published is None)
    if not (is_list or lists_others(content, address, release, charset=charset)):
        return Part()
    return replace(read_links(content, address, charset=charset), entries=(), following=(), is_list=True)


def _title_of(anchor: HtmlElement) -> str | None:
    """What a link says: the headline in it, its text, or its `title`."""
    headlines = anchor.xpath(".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6")
    stated = [*(heading.text_content() for heading in headlines), anchor.text_content(), anchor.get("title") or ""]
    return next((words for words in map(tidy_line, stated) if 0 < len(words) <= _LONGEST_TITLE), None)


def _feeds(tree: HtmlElement, base: str) -> tuple[str, ...]:
    """The feeds that a page names in its head, each once."""
    named = [
        joined(base, link.get("href"))
        for link in tree.xpath(f"//link[@href][{_TOKEN.format('@rel', 'alternate')}]")
        if (link.get("type") or "").partition(";")[0].strip().lower() in _FEED_TYPES
    ]
    return tuple(dict.fromkeys(feed for feed in named if is_web(feed)))


def _next_page(tree: HtmlElement, base: str, address: str) -> str | None:
    targets = (joined(base, href) for href in tree.xpath(_NEXT))
    return next((target for target in targets if is_web(target) and canonical(target) != canonical(address)), None)


def _base(tree: HtmlElement, address: str) -> str:
    stated = tree.xpath("//base/@href")
    return joined(address, stated[0]) or address if stated else address


def _resolved(base: str, href: str) -> str | None:
    target = canonical(joined(base, href))
    return target if is_web(target) else None


def _tree(content: bytes, address: str, charset: str | None) -> HtmlElement | None:
    """The page's tree, None of an empty one."""
    try:
        return tree_of(decode_anyhow(content, charset, stated_encoding(content)), address)
    except LimitError as exc:
        raise SourceError(address, exc.cause) from exc
    except ParseError:
        return None
