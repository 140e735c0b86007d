from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import SourceError
from ingest.listing.feeds import read_index, read_sitemap
from ingest.types import Entry, Part

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HERE = "https://ministry.fr/sitemap.xml"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def read(text: str | bytes) -> Part:
    return read_sitemap(text.encode() if isinstance(text, str) else text, HERE, now=NOW)


def urlset(*urls: str) -> str:
    inside = "".join(f"<url>{url}</url>" for url in urls)
    spaces = f"xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='{NEWS}' xmlns:xhtml='http://www.w3.org/1999/xhtml'"
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {spaces}>{inside}</urlset>"


def news(title: str) -> str:
    publication = "<n:publication><n:name>Press</n:name><n:language>fr</n:language></n:publication>"
    dated = "<n:publication_date>2026-11-19T10:00:00+01:00</n:publication_date>"
    return f"<loc>https://ministry.fr/a</loc><n:news>{publication}{dated}<n:title>{title}</n:title></n:news>"


def test_every_address_is_listed_in_order() -> None:
    """As many as there are, not the first twenty; `lastmod` as it stands there."""
    urls = [f"<loc>\n https://ministry.fr/{n} </loc><lastmod> 2024-10-{n % 28 + 1:02} </lastmod>" for n in range(2_000)]

    part = read(urlset(*urls))

    assert [entry.address for entry in part.entries] == [f"https://ministry.fr/{n}" for n in range(2_000)]
    assert part.entries[1] == Entry("https://ministry.fr/1", lastmod="2024-10-02")
    assert part.complete


def test_language_versions_are_twins() -> None:
    """The page itself is none of them, but has its language from among them; `x-default` is one once more."""
    links = "".join(
        f"<xhtml:link rel='alternate' hreflang='{language}' href='https://ministry.fr/{page}'/>"
        for language, page in [("fr-FR", "fr/a"), ("en", "en/a"), ("x-default", "a")]
    )

    (entry,) = read(urlset(f"<loc>https://ministry.fr/fr/a</loc>{links}")).entries

    assert entry == Entry("https://ministry.fr/fr/a", language="fr", twins=("https://ministry.fr/en/a",))


def test_news_are_dated_and_only_a_window() -> None:
    """Google's sitemaps hold two days: that a page is missing from one means nothing."""
    part = read(urlset(news("Une école &amp; un lycée")))

    moment = datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert part.entries == (Entry("https://ministry.fr/a", moment, "Une école & un lycée", "fr"),)
    assert not part.complete
    assert read(urlset(news("A"), "<loc>https://ministry.fr/b</loc>")).complete


def test_an_index_names_its_sitemaps() -> None:
    """With their `lastmod`, and without a namespace too."""
    part = read_index(
        b"<sitemapindex><sitemap><loc>/1.xml?a=2&amp;a=1</loc><lastmod>2024</lastmod></sitemap></sitemapindex>", HERE
    )

    assert part == Part(following=(Entry("https://ministry.fr/1.xml?a=2&a=1", lastmod="2024"),), complete=True)


def test_a_text_has_an_address_a_line() -> None:
    """With a mark at its beginning, blank lines, and line ends of any kind."""
    part = read(b"\xef\xbb\xbfhttps://ministry.fr/a\r\n\r\n https://ministry.fr/b\n")

    assert part == Part((Entry("https://ministry.fr/a"), Entry("https://ministry.fr/b")), complete=True)


def test_what_is_no_page_on_the_web_is_counted() -> None:
    """Other schemes, and an entry without an address."""
    part = read(urlset("<loc>ftp://ministry.fr/a</loc>", "<lastmod>2024</lastmod>", "<loc>https://ministry.fr/b</loc>"))

    assert part.entries == (Entry("https://ministry.fr/b"),)
    assert part.warnings == (f"{HERE}: entries without a page on the web: 2 of 3",)


def test_a_broken_sitemap_gives_what_it_can_and_is_not_complete() -> None:
    """Cut off in the middle: what is missing may have stood behind the cut."""
    text = urlset("<loc>https://ministry.fr/a?x=1&y=2</loc>", "<loc>https://ministry.fr/b</loc>")

    part = read(text[:-20])

    assert part.entries[0].address.startswith("https://ministry.fr/a")
    assert "the sitemap is malformed (line 1: " in part.warnings[0]
    assert not part.complete


def test_a_prefix_without_a_namespace_is_endured() -> None:
    """A common fault of form, by which nothing is lost."""
    part = read(
        "<urlset><url><loc>https://ministry.fr/a</loc><image:image><image:loc>/i.png</image:loc></image:image></url></urlset>"
    )

    assert part == Part((Entry("https://ministry.fr/a"),), complete=True)


def test_an_empty_sitemap_is_evidence_of_nothing() -> None:
    """A site that breaks shows one; its releases are not gone."""
    assert read(urlset()) == Part()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("<!DOCTYPE urlset [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset>&a;</urlset>", "declares XML entities"),
        ("<?xml version='1.0'?>", "is no sitemap that can be read"),
    ],
)
def test_what_cannot_be_read_is_an_error(text: str, cause: str) -> None:
    """Entities are refused; nothing at all is not an empty list."""
    with pytest.raises(SourceError, match=cause):
        read(text)


def test_wide_characters_are_read() -> None:
    """UTF-16, as its declaration says."""
    text = urlset("<loc>https://ministry.fr/été</loc>").replace("UTF-8", "UTF-16")

    assert read(text.encode("utf-16")).entries == (Entry("https://ministry.fr/%C3%A9t%C3%A9"),)


@pytest.mark.parametrize("said", ["", "9" * 400, "0000-00-00", "10000-01-01", "2024-01-01T00:00:00+99:99", "-1", "é"])
def test_no_lastmod_and_no_date_is_too_strange(said: str) -> None:
    """The entry is there all the same; `lastmod` is only compared with what it was."""
    part = read(urlset(news("A").replace("2026-11-19T10:00:00+01:00", said) + f"<lastmod>{said}</lastmod>"))

    assert [(entry.published, entry.lastmod) for entry in part.entries] == [(None, said or None)]
