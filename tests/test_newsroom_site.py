"""The newsroom that ingestion is tested against: each of its verbs does what it says."""

from __future__ import annotations

import gzip
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Newsroom]:
    with Newsroom(releases=60) as site:
        yield site


@pytest.fixture
def reader(site: Newsroom) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=site.address, timeout=5) as reader:
        yield reader


def named(text: str) -> list[str]:
    """The addresses in a sitemap."""
    return re.findall(r"<loc>([^<]+)</loc>", text)


def test_it_publishes_the_same_in_every_process(site: Newsroom) -> None:
    """Two newsrooms differ by their addresses alone, half of each is in French."""
    with Newsroom(releases=60) as other:
        assert [(one.key, one.title, one.paragraphs, one.path) for one in site.releases] == [
            (one.key, one.title, one.paragraphs, one.path) for one in other.releases
        ]
    assert len([one for one in site.releases if one.language == "fr"]) == 30
    assert {one.joined for one in site.releases} == {"page", "sitemap", "address", "content", None}


def test_two_requests_give_the_same_bytes(site: Newsroom, reader: httpx2.Client) -> None:
    """Nothing in the newsroom depends on the time of day."""
    for path in ("/feed.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/en/news", site.releases[3].path):
        assert reader.get(path).raise_for_status().content == reader.get(path).content


def test_the_sitemaps_name_every_release(site: Newsroom, reader: httpx2.Client) -> None:
    """The index leads to all of them, one of its parts is packed, and some stand there twice."""
    texts = []
    for part in named(reader.get(site.sitemap).text):
        body = reader.get(part).content
        texts.append((gzip.decompress(body) if part.endswith(".gz") else body).decode())
    addresses = list(itertools.chain.from_iterable(named(text) for text in texts))

    assert {address.partition("?")[0] for address in addresses} == {one.url for one in site.releases}
    assert len(addresses) > len(site.releases)
    assert sum("hreflang" in text for text in texts) == 1


def test_the_listing_leads_on_to_its_next_page() -> None:
    """Thirty links a page, and the pattern fits these alone."""
    with Newsroom(releases=80) as site:
        first = httpx2.get(site.listing).text
        (following,) = re.findall(r'<link rel="next" href="([^"]+)"', first)
        links = re.findall(r'href="([^"]+)"', first + httpx2.get(following).text)

    assert len([link for link in links if re.search(site.links, link)]) == 40
    assert "/en/about" in links


def test_an_unchanged_page_is_not_sent_again(site: Newsroom, reader: httpx2.Client) -> None:
    """Either validator is enough; a page without any is always sent."""
    first = reader.get("/en/news")
    bare = site.release(site.without_validators[0])

    assert reader.get("/en/news", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert reader.get("/en/news", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    assert not {"etag", "last-modified"} & set(reader.get(bare.path).headers)


def test_head_answers_like_get_without_a_body(site: Newsroom, reader: httpx2.Client) -> None:
    """The headers are those of the page."""
    path = site.releases[0].path
    headed, got = reader.head(path), reader.get(path)

    assert headed.content == b""
    assert [headed.headers[name] for name in ("etag", "content-length")] == [
        got.headers[name] for name in ("etag", "content-length")
    ]


def test_a_legacy_page_and_a_pdf_are_what_they_say() -> None:
    """Old pages are written in ISO-8859-1, a few releases are PDF files."""
    with Newsroom(releases=60) as site:
        legacy = next(one for one in site.releases if one.is_legacy and one.language == "en")
        pdf = next(one for one in site.releases if one.is_pdf)

        assert httpx2.get(legacy.url).charset_encoding == "iso-8859-1"
        assert httpx2.get(pdf.url).content.startswith(b"%PDF-1.4")


def test_a_published_release_is_first_in_the_feed(site: Newsroom, reader: httpx2.Client) -> None:
    """Its other language may follow, and both name each other."""
    first = site.publish("Bridge opened", "The bridge is 812 metres long.", pair="bridge")
    second = site.publish("Pont ouvert", "Le pont mesure 812 mètres.", language="fr", pair="bridge")

    assert reader.get(site.feed).text.index("Pont ouvert") < reader.get(site.feed).text.index("Bridge opened")
    assert second.url in reader.get(first.path).text
    assert first.url in reader.get(second.path).text
    with pytest.raises(ValueError, match="give another title"):
        site.publish("Bridge opened")


def test_a_correction_is_seen_and_dated(site: Newsroom, reader: httpx2.Client) -> None:
    """The text, the ETag and the sitemap's date all change."""
    release = site.releases[0]
    etag, sitemap = reader.get(release.path).headers["ETag"], reader.get("/sitemap-both.xml").text
    site.correct(release.key, "The figure was wrong.")
    page = reader.get(release.path, headers={"If-None-Match": etag})

    assert "The figure was wrong.</p>" in page.text
    assert site.release(release.key).paragraphs[-1].endswith("The figure was wrong.")
    assert "2026-01-05T13:00:00+00:00" in reader.get("/sitemap-both.xml").text.replace(sitemap, "")


def test_a_shortened_release_has_a_paragraph_less(site: Newsroom, reader: httpx2.Client) -> None:
    """Nothing of it is on the page any more."""
    release = site.releases[0]
    site.shorten(release.key)

    assert site.release(release.key).paragraphs == release.paragraphs[:-1]
    assert release.paragraphs[-1] not in reader.get(release.path).text


def test_a_withdrawn_release_comes_back(site: Newsroom, reader: httpx2.Client) -> None:
    """It may be gone from the page alone, or from the lists as well."""
    release = site.releases[-1]
    site.withdraw(release.key, listed=False)

    assert reader.get(release.path).status_code == 410
    assert release.title not in reader.get(site.feed).text
    site.restore(release.key)
    assert reader.get(release.path).status_code == 200
    assert release.title in reader.get(site.feed).text


def test_a_release_dropped_from_the_sitemap_is_still_there(site: Newsroom, reader: httpx2.Client) -> None:
    """Only the sitemap forgets it."""
    site.drop_from_sitemap("en-0000")

    assert site.release("en-0000").url not in named(reader.get("/sitemap-both.xml").text)
    assert reader.get(site.release("en-0000").path).status_code == 200


def test_it_breaks_as_often_as_asked(site: Newsroom, reader: httpx2.Client) -> None:
    """A path of the site can break like a release."""
    site.breaks("/robots.txt", times=1, status=503, retry_after=7)
    answers = [reader.get("/robots.txt") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].headers["Retry-After"] == "7"
    with pytest.raises(KeyError, match="no release 'en-9999'"):
        site.breaks("en-9999")


def test_it_redirects(site: Newsroom, reader: httpx2.Client) -> None:
    """The address of the other page is given."""
    site.redirects("en-0000", to=site.listing, status=301)
    answer = reader.get(site.release("en-0000").path)

    assert (answer.status_code, answer.headers["Location"]) == (301, site.listing)


def test_slow_answers_are_in_flight_together(site: Newsroom, reader: httpx2.Client) -> None:
    """The newsroom counts how many readers it serves at once."""
    site.latency = 0.1
    site.slow("en-0000", 1.0)
    with ThreadPoolExecutor(4) as readers:
        list(readers.map(reader.get, [site.release("en-0000").path] * 4))

    assert site.open_at_once == 4


@pytest.mark.parametrize("declared", [False, True])
def test_an_endless_page_goes_on(site: Newsroom, reader: httpx2.Client, *, declared: bool) -> None:
    """The reader has to stop by itself; the newsroom goes on serving."""
    site.endless("en-0000", declared=declared)
    with reader.stream("GET", site.release("en-0000").path) as answer:
        read = sum(map(len, itertools.islice(answer.iter_raw(65_536), 50)))

    assert read == 50 * 65_536
    assert answer.headers.get("Content-Length") == ("2000000000" if declared else None)
    assert reader.get("/robots.txt").status_code == 200


def test_a_gzip_bomb_is_small_on_the_wire(site: Newsroom, reader: httpx2.Client) -> None:
    """One MiB is sent that unpacks to a GiB."""
    site.gzip_bomb("en-0000")
    with reader.stream("GET", site.release("en-0000").path) as answer:
        packed = b"".join(answer.iter_raw())

    assert len(packed) < 2**21
    assert int.from_bytes(packed[-4:], "little") == 2**30


def test_a_page_is_cut_short(site: Newsroom, reader: httpx2.Client) -> None:
    """Fewer bytes come than were announced."""
    site.cut_short("en-0000")

    with pytest.raises(httpx2.RemoteProtocolError, match="closed"):
        reader.get(site.release("en-0000").path)


def test_a_body_is_not_what_it_should_be(site: Newsroom, reader: httpx2.Client) -> None:
    """Noise, an image, nothing; then the page again."""
    path = site.release("en-0000").path
    seen = []
    for spoil in (site.garbage, site.not_html, site.empty, site.restore):
        spoil("en-0000")
        answer = reader.get(path)
        seen.append((answer.headers["Content-Type"].partition(";")[0], b"<article>" in answer.content))

    assert seen == [("text/html", False), ("image/png", False), ("text/html", False), ("text/html", True)]


def test_robots_can_be_told(site: Newsroom, reader: httpx2.Client) -> None:
    """The text is served as it was given."""
    site.allow("User-agent: *\nDisallow: /en/\n")

    assert reader.get("/robots.txt").text == "User-agent: *\nDisallow: /en/\n"


def test_requests_are_recorded(site: Newsroom, reader: httpx2.Client) -> None:
    """Method, path with its query, headers and status; and can be forgotten."""
    reader.get("/en/news?page=9", headers={"User-Agent": "a reader"})
    (request,) = site.requests
    site.forget_requests()

    assert (request.method, request.path, request.status) == ("GET", "/en/news?page=9", 404)
    assert request.headers["user-agent"] == "a reader"
    assert site.requests == ()


def test_it_opens_again_at_the_same_address() -> None:
    """A reader that was stopped meanwhile finds everything where it was."""
    with Newsroom(releases=4) as first:
        address, port = first.address, int(first.address.rpartition(":")[2])
        httpx2.get(f"{address}/en/news").raise_for_status()
    with Newsroom(releases=4, port=port) as second:
        assert second.address == address
        assert httpx2.get(second.listing).status_code == 200
