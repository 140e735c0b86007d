"""What tells readers and machines of the newsroom's releases: feeds and sitemaps."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from tests.newsroom.pages import PUBLISHER, iso

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.newsroom.releases import Published

LATEST = 20  # entries in a feed
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class Told:
    """A release as a feed or sitemap tells of it; `revision` counts its corrections, `changed` is the last one."""

    release: Published
    revision: int = 0
    changed: datetime | None = None
    twin: Published | None = None

    @property
    def guid(self) -> str:
        """A name that becomes another with each correction, as in many newsrooms."""
        return f"{self.release.key}-{self.revision}"

    @property
    def lastmod(self) -> str | None:
        """The last change as a sitemap says it; None where nothing is known."""
        return self.changed.isoformat() if self.changed else iso(self.release)


def marked(release: Published) -> str:
    """The address as feeds give it: many carry the parameters of whoever counts visits."""
    return release.url + ("?utm_source=rss&utm_medium=feed", "", "?ref=home")[release.number % 3]


def rss(told: Sequence[Told], *, root: str) -> bytes:
    """RSS 2.0 of summaries; a day without a time stands in `dc:date`, and an undated release has no date."""
    items = "".join(_item(one) for one in told)
    return (
        f'{_DECLARATION}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{PUBLISHER['en']}</title><link>{root}/</link><description>All releases</description>\n"
        f"{items}</channel></rss>\n"
    ).encode()


def atom(told: Sequence[Told], *, root: str) -> bytes:
    """Atom 1.0; without `updated` where a release is undated, which the standard does not allow and sites do."""
    entries = "".join(_entry(one) for one in told)
    return (
        f'{_DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"><title>{PUBLISHER["en"]}</title>'
        f'<id>{root}/atom.xml</id><link rel="self" href="{root}/atom.xml"/>\n{entries}</feed>\n'
    ).encode()


def json_feed(told: Sequence[Told], *, root: str) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": one.guid,
            "url": marked(one.release),
            "title": one.release.title,
            "language": one.release.language,
            "summary": one.release.lead or "",
            "date_published": one.release.moment.isoformat() if one.release.moment else None,
        }
        for one in told
    ]
    kept = [{name: value for name, value in item.items() if value} for item in items]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": PUBLISHER["en"], "home_page_url": f"{root}/",
            "feed_url": f"{root}/feed.json", "items": kept}  # fmt: skip
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def sitemaps(told: Sequence[Told]) -> dict[str, bytes]:
    """The parts of the sitemap by their paths: English, French (packed), and those with their other language named."""
    parts: dict[str, list[Told]] = {"/sitemap-en.xml": [], "/sitemap-fr.xml.gz": [], "/sitemap-both.xml": []}
    for one in told:
        parts[_part(one.release)].append(one)
    texts = {path: _urlset(part) for path, part in parts.items()}
    return {path: gzip.compress(text, mtime=0) if path.endswith(".gz") else text for path, text in texts.items()}


def sitemap_index(told: Sequence[Told], *, root: str) -> bytes:
    """The sitemap's index, each part with the date of its last change."""
    lines = []
    for path in sitemaps(()):
        dates = [one.lastmod for one in told if _part(one.release) == path and one.lastmod]
        lines.append(f"<sitemap><loc>{root}{path}</loc>{_element('lastmod', max(dates, default=None))}</sitemap>\n")
    return f'{_DECLARATION}<sitemapindex xmlns="{_SITEMAPS}">\n{"".join(lines)}</sitemapindex>\n'.encode()


def _part(release: Published) -> str:
    if release.joined == "sitemap" or (release.joined == "page" and release.number % 8 == 0):
        return "/sitemap-both.xml"
    return "/sitemap-en.xml" if release.language == "en" else "/sitemap-fr.xml.gz"


def _urlset(told: Sequence[Told]) -> bytes:
    lines = [_url(one, one.release.url) for one in told]
    lines += [_url(one, f"{one.release.url}?ref=home") for one in told if one.release.number % 16 == 1]
    return (
        f'{_DECLARATION}<urlset xmlns="{_SITEMAPS}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        f"{''.join(lines)}</urlset>\n"
    ).encode()


def _url(one: Told, address: str) -> str:
    twins = ""
    if one.twin and _part(one.release) == "/sitemap-both.xml":
        twins = "".join(
            f'<xhtml:link rel="alternate" hreflang="{each.language}" href="{each.url}"/>'
            for each in (one.release, one.twin)
        )
    return f"<url><loc>{escape(address)}</loc>{_element('lastmod', one.lastmod)}{twins}</url>\n"


def _item(one: Told) -> str:
    release = one.release
    exact = release.moment if release.moment == release.published else None
    return (
        f"<item><title>{escape(release.title)}</title><link>{escape(marked(release))}</link>"
        f'<guid isPermaLink="false">{one.guid}</guid>{_element("description", release.lead)}'
        f"{_element('pubDate', format_datetime(exact, usegmt=True) if exact else None)}"
        f"{_element('dc:date', None if exact else iso(release))}</item>\n"
    )


def _entry(one: Told) -> str:
    release = one.release
    published = release.moment.isoformat() if release.moment else None
    updated = one.changed.isoformat() if one.changed and published else published
    return (
        f'<entry xml:lang="{release.language}"><title>{escape(release.title)}</title><id>urn:release:{one.guid}</id>'
        f'<link rel="alternate" type="text/html" href="{escape(marked(release))}"/>'
        f"{_element('published', published)}{_element('updated', updated)}{_element('summary', release.lead)}</entry>\n"
    )


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""
