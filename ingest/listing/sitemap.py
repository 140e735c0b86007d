"""Sitemaps: https://www.sitemaps.org/protocol.html, with Google's extensions for languages and news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.addresses import canonical, in_own_order, is_web, joined
from ingest.errors import SourceError
from ingest.listing.entries import Part, in_utf8, plain_title, publication, refuse_entities
from ingest.parse.characters import decode_anyhow, tidy_line
from ingest.parse.complete import normalise_language
from ingest.types import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.etree import _Element


def read_sitemap(content: bytes, address: str, *, now: datetime) -> Part:
    """The entries of a `urlset`, or of a text with an address a line, in order.

    Complete unless it is broken, empty, or a sitemap of news, which holds the last two days. Raises SourceError where
    entities are declared or nothing can be read.
    """
    if b"<" not in content[:4]:
        return _text_sitemap(content, address)
    root, mistake = _root(content, address)
    found = [_entry(url, address, now) for url in _children(root, "url")]
    news = bool(found) and all(dated for _, dated in found)
    kept, warnings = _on_the_web([entry for entry, _ in found], address)
    complete = bool(kept) and not mistake and not news
    return Part(kept, complete=complete, warnings=(*_broken(address, mistake), *warnings))


def read_index(content: bytes, address: str) -> Part:
    """The sitemaps that a `sitemapindex` names, as `following`: their addresses as they stand, and their `lastmod`."""
    root, mistake = _root(content, address)
    stated = [
        Entry(joined(address, location), lastmod=_text(sitemap, "lastmod"))
        for sitemap in _children(root, "sitemap")
        if (location := _text(sitemap, "loc"))
    ]
    named = tuple(entry for entry in stated if is_web(entry.address))
    return Part(following=named, complete=bool(named) and not mistake, warnings=_broken(address, mistake))


def _root(content: bytes, address: str) -> tuple[_Element, str | None]:
    """The first element, and what is wrong with the XML, which is read as far as it goes."""
    from lxml import etree

    refuse_entities(content, address)
    content = in_utf8(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except etree.XMLSyntaxError as exc:
        raise SourceError(address, f"is no sitemap that can be read: {exc}") from exc
    if root is None:
        raise SourceError(address, "is no sitemap that can be read: there is no element in it")
    # an undeclared prefix is a fault of form that hides nothing; the rest may have cost entries
    errors = [error for error in parser.error_log if error.domain != etree.ErrorDomains.NAMESPACE]
    return root, f"line {errors[0].line}: {errors[0].message}" if errors else None


def _entry(url: _Element, address: str, now: datetime) -> tuple[Entry, bool]:
    """An entry, and whether it is one of a sitemap of news."""
    written = joined(address, _text(url, "loc") or "") if _text(url, "loc") else ""
    page = canonical(written)
    news = next(_children(url, "news"), None)
    stated = _text(news, "publication_date") if news is not None else None
    twins = {canonical(joined(address, href)): language for language, href in _alternates(url)}
    publisher = next(_children(news, "publication"), None) if news is not None else None
    language = (_text(publisher, "language") if publisher is not None else None) or twins.get(page)
    entry = Entry(
        address=page,
        published=publication(stated, now=now),
        title=plain_title(_text(news, "title")) if news is not None else None,
        language=normalise_language(language),
        lastmod=_text(url, "lastmod"),
        twins=tuple(twin for twin in twins if twin != page and is_web(twin)),
        asked=in_own_order(written),
    )
    return entry, bool(stated)


def _alternates(url: _Element) -> Iterator[tuple[str, str]]:
    """Language and address of each version; `x-default` is one of the others once more."""
    for link in _children(url, "link"):
        language, href = link.get("hreflang"), link.get("href")
        if language and href and link.get("rel") == "alternate" and language.lower() != "x-default":
            yield language, href.strip()


def _text_sitemap(content: bytes, address: str) -> Part:
    lines = [line.strip() for line in decode_anyhow(content).splitlines() if line.strip()]
    kept, warnings = _on_the_web([Entry(canonical(line), asked=in_own_order(line)) for line in lines], address)
    return Part(kept, complete=bool(kept), warnings=warnings)


def _on_the_web(entries: list[Entry], address: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries that have an address of a page, and a warning that counts the others."""
    kept = tuple(entry for entry in entries if is_web(entry.address))
    dropped = len(entries) - len(kept)
    return kept, (f"{address}: entries without a page on the web: {dropped} of {len(entries)}",) if dropped else ()


def _broken(address: str, mistake: str | None) -> tuple[str, ...]:
    return (f"{address}: the sitemap is malformed ({mistake}); entries may be missing",) if mistake else ()


def _children(parent: _Element, name: str) -> Iterator[_Element]:
    """Children of that name in whichever namespace: many sitemaps name a wrong one, or a prefix without any."""
    for child in parent:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2].rpartition(":")[2] == name:
            yield child


def _text(parent: _Element, name: str) -> str | None:
    child = next(_children(parent, name), None)
    return (tidy_line("".join(child.itertext())) or None) if child is not None else None
