from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceError
from ingest.listing.feeds import read_feed
from ingest.types import Entry, Part

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE = "https://ministry.fr/press/feed.xml"


def read(text: str | bytes, *, charset: str | None = None) -> Part:
    return read_feed(text.encode() if isinstance(text, str) else text, HERE, now=NOW, charset=charset)


def rss(*items: str, ahead: str = "") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Press</title>{ahead}{inside}</channel></rss>"


def atom(*entries: str, ahead: str = "") -> str:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://ministry.fr/base/'>{ahead}{inside}</feed>"


def json_feed(*items: object, **fields: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, **fields})


def only(part: Part) -> Entry:
    (entry,) = part.entries
    return entry


def test_an_rss_item_becomes_an_entry() -> None:
    """Address made whole, time brought to UTC, language of the channel without its region."""
    item = "<title>Une école</title><link>/a</link><pubDate>Thu, 17 Oct 2024 20:23:00 +0200</pubDate>"

    part = read(rss(item, ahead="<language>fr-be</language>"))

    moment = datetime(2024, 10, 17, 18, 23, tzinfo=UTC)
    assert part == Part((Entry("https://ministry.fr/a", moment, "Une école", "fr"),))


@pytest.mark.parametrize(
    ("said", "language", "day"),
    [
        ("Tue, 03 Sep 2024 00:00:00 +0200", "fr", datetime(2024, 9, 3, tzinfo=UTC)),
        ("9/2/2024 8:00:00 AM", "en", datetime(2024, 9, 2, 8, tzinfo=UTC)),
        ("9/2/2024", "en-us", datetime(2024, 9, 2, tzinfo=UTC)),
        ("9/2/2024", "en-gb", datetime(2024, 2, 9, tzinfo=UTC)),
    ],
)
def test_an_entry_has_the_day_that_its_readers_see(said: str, language: str, day: datetime) -> None:
    """In the zone it is stated in, and with the month first as its language or its clock says."""
    item = f"<title>A</title><link>/a</link><pubDate>{said}</pubDate>"

    assert only(read(rss(item, ahead=f"<language>{language}</language>"))).published == day


def test_rss_1_0_is_dated_by_dublin_core() -> None:
    """Its only date; without a zone it is in UTC."""
    item = "<item rdf:about='a'><title>A</title><link>https://ministry.fr/a</link><dc:date>2024-10-17T10:00:00</dc:date></item>"
    spaces = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"

    part = read(f"<rdf:RDF {spaces} xmlns:dc='http://purl.org/dc/elements/1.1/'><channel/>{item}</rdf:RDF>")

    assert only(part) == Entry("https://ministry.fr/a", datetime(2024, 10, 17, 10, tzinfo=UTC), "A")


def test_rss_0_91_is_read() -> None:
    """Nothing but title and link."""
    part = read("<rss version='0.91'><channel><item><title>A</title><link>/a</link></item></channel></rss>")

    assert only(part) == Entry("https://ministry.fr/a", title="A")


def test_an_atom_entry_becomes_an_entry() -> None:
    """The page is taken, not the PDF; `xml:base` holds; the entry's own language holds."""
    links = "<link rel='alternate' type='application/pdf' href='a.pdf'/><link rel='self' href='s'/><link href='a'/>"
    title = "<title type='html' xml:lang='fr'>L&amp;#8217;&lt;b&gt;école&lt;/b&gt; &amp;amp; vous</title>"

    entry = only(read(atom(f"{links}{title}<published>2024-10-17T10:00:00Z</published><updated>2025-01-01</updated>")))

    assert entry == Entry("https://ministry.fr/base/a", datetime(2024, 10, 17, 10, tzinfo=UTC), "L’école & vous", "fr")


def test_an_update_is_no_publication() -> None:
    """Atom's `updated`, alone or in RSS: taken for the publication, it would change with each correction."""
    in_rss = rss("<link>/a</link><a:updated xmlns:a='http://www.w3.org/2005/Atom'>2024-10-17T10:00:00Z</a:updated>")

    assert only(read(atom("<link href='a'/><updated>2024-10-17T10:00:00Z</updated>"))).published is None
    assert only(read(in_rss)).published is None


def test_a_json_feed_is_read() -> None:
    """Version 1 and 1.1, with a mark at its beginning, and its next page."""
    item = {"id": "1", "url": "a", "title": "R&D", "date_published": "2024-10-17T12:00:00+02:00", "language": "en-GB"}

    part = read(b"\xef\xbb\xbf" + json_feed(item, next_url="?page=2", language="fr").encode())

    assert only(part) == Entry("https://ministry.fr/press/a", datetime(2024, 10, 17, 10, tzinfo=UTC), "R&D", "en")
    assert part.following == (Entry("https://ministry.fr/press/feed.xml?page=2"),)


@pytest.mark.parametrize("text", ['{"version": ', '{"version": "1"}', '{"items": {}}', "{" * 9])
def test_a_broken_json_feed_says_so(text: str) -> None:
    """Cut off, without a list, or with something else in its place."""
    with pytest.raises(SourceError, match="is no feed that can be read"):
        read(text)


@pytest.mark.parametrize(
    ("item", "address"),
    [
        ("<guid>https://ministry.fr/guid</guid>", "https://ministry.fr/guid"),
        ("<guid isPermaLink='false'>https://ministry.fr/guid</guid><link>/a</link>", "https://ministry.fr/a"),
        ("<link>https://feeds.example/1</link><f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>"
         "https://ministry.fr/a</f:origLink>", "https://ministry.fr/a"),
        ("<link>https://ministry.fr/a?utm_source=rss#top</link>", "https://ministry.fr/a"),
    ],
)  # fmt: skip
def test_an_entry_has_the_address_of_its_page(item: str, address: str) -> None:
    """A guid that is a permanent link, the address behind a counter, and none of the marks that a feed adds."""
    assert only(read(rss(item))).address == address


@pytest.mark.parametrize(
    ("item", "address"),
    [
        ("<enclosure url='/a.pdf' type='application/pdf' length='9'/>", "https://ministry.fr/a.pdf"),
        (
            "<enclosure url='/a.mp3' type='audio/mpeg' length='9'/><enclosure url='/a.pdf'/>",
            "https://ministry.fr/a.pdf",
        ),
        ("<link>/a</link><enclosure url='/a.pdf' type='application/pdf'/>", "https://ministry.fr/a"),
        ("<link>www.ministry.fr/a?b=1</link>", "https://www.ministry.fr/a?b=1"),
    ],
)
def test_an_entry_may_enclose_its_release_or_leave_out_the_scheme(item: str, address: str) -> None:
    """A document counts where no page is named; what begins with `www.` is no path of the feed's site."""
    assert only(read(rss(f"<title>A</title>{item}"))).address == address


def test_an_entry_keeps_the_order_of_its_parameters() -> None:
    """It is known by the sorted ones, and asked for as it is written, less those that follow the reader."""
    entry = only(read(rss("<title>A</title><link>/a?z=1&amp;utm_source=rss&amp;b=2</link>")))

    assert (entry.address, entry.asked) == ("https://ministry.fr/a?b=2&z=1", "https://ministry.fr/a?z=1&b=2")
    assert only(read(rss("<title>A</title><link>/a?b=2&amp;z=1</link>"))).asked is None


def test_an_entry_without_a_page_is_counted() -> None:
    """A guid that is no address, a link that is none of the web, nothing at all."""
    part = read(
        rss(
            "<guid isPermaLink='false'>tag:1</guid>",
            "<link>mailto:a@b.fr</link>",
            "<title>A</title>",
            "<link>/a</link>",
        )
    )

    assert only(part).address == "https://ministry.fr/a"
    assert part.warnings == (f"{HERE}: entries without a page on the web: 3 of 4",)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Thu, 17 Oct 2024 20:23:00", datetime(2024, 10, 17, 20, 23, tzinfo=UTC)),
        ("Thu, 17 Oct 2024 20:23:00 CEST", datetime(2024, 10, 17, 18, 23, tzinfo=UTC)),
        ("jeu., 17 oct. 2024 20:23:00 +0200", datetime(2024, 10, 17, 18, 23, tzinfo=UTC)),
        ("Thu, 17 Oct 24 20:23:00 +0200", datetime(2024, 10, 17, 18, 23, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", datetime(2026, 11, 21, 11, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 12:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_only_a_date_that_can_be_is_one(stated: str, expected: datetime | None) -> None:
    """Undated is undated: never the moment of reading, or the entry would be new at each poll."""
    assert only(read(rss(f"<link>/a</link><pubDate>{stated}</pubDate>"))).published == expected
    assert only(read(rss("<link>/a</link>"))).published is None


def test_entries_of_one_moment_are_all_kept() -> None:
    """Releases published together have one timestamp."""
    items = [f"<link>/{number}</link><pubDate>Thu, 17 Oct 2024 20:00:00 GMT</pubDate>" for number in range(30)]

    assert len({entry.address for entry in read(rss(*items)).entries}) == 30


def test_a_new_guid_makes_no_new_address() -> None:
    """An entry that was updated under another guid is the same page."""
    one, two = read(
        rss("<guid isPermaLink='false'>1</guid><link>/a</link>", "<guid isPermaLink='false'>2</guid><link>/a</link>")
    ).entries

    assert one == two


def test_a_summary_is_not_taken_for_the_release() -> None:
    """An entry has no text: the page is opened."""
    entry = only(read(rss("<link>/a</link><title>A</title><description>In short.</description>")))

    assert entry == Entry("https://ministry.fr/a", title="A")


def test_the_next_page_of_an_archive_is_named() -> None:
    """RFC 5005 in RSS and Atom."""
    link = "<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='next' href='?page=2'/>"

    assert read(rss("<link>/a</link>", ahead=link)).following == (Entry(f"{HERE}?page=2"),)
    assert read(atom(ahead="<link rel='next' href='p2'/>")).following == (Entry("https://ministry.fr/base/p2"),)


def test_a_malformed_feed_gives_its_entries_and_a_warning() -> None:
    """A bare ampersand and an end that is missing."""
    part = read("<rss version='2.0'><channel><item><title>R & D</title><link>/a</link></item><item><link>/b</link>")

    assert [entry.address for entry in part.entries] == ["https://ministry.fr/a", "https://ministry.fr/b"]
    assert "the feed is malformed (" in part.warnings[0]


def test_a_feed_with_nothing_that_can_be_read_is_an_error() -> None:
    """Broken before its first entry; a quiet one is none."""
    with pytest.raises(SourceError, match=r"feed.xml: is no feed that can be read: \d+:\d+: "):
        read("<rss version='2.0'><channel><title>Press & Co")

    assert read(rss()) == Part()


@pytest.mark.parametrize(
    "text",
    [
        "<rss version='2.0'><channel><a:link xmlns:a='http:/\xa0www.w3.org/2005/Atom' rel='next' href='?2'/>",
        "<rss version='2.0'><channel><item><link>/a<\xablink></item>/b</link></item></channel></rss>",
    ],
)
def test_what_the_reader_trips_over_is_an_error_of_the_source(text: str) -> None:
    """The library raises errors of its own on such feeds; a run goes on to the next source."""
    with pytest.raises(SourceError, match="its XML is too broken"):
        read(text.encode("latin-1"))


def test_an_element_named_links_is_no_link() -> None:
    """Its text takes the place of the links."""
    part = read(rss("<links>here</links><guid>https://ministry.fr/a</guid>", ahead="<links>there</links>"))

    assert only(part).address == "https://ministry.fr/a"


def test_a_wrong_charset_is_no_fault_of_the_feed() -> None:
    """The server says UTF-8, the bytes are Latin-1 and say so."""
    text = "<?xml version='1.0' encoding='iso-8859-1'?>" + rss("<title>été</title><link>/a</link>").split("?>")[1]

    part = read(text.encode("latin-1"), charset="utf-8")

    assert only(part).title == "été"
    assert part.warnings == ()


def test_blanks_before_the_declaration_are_no_fault() -> None:
    """What a template engine leaves there."""
    assert read("\n  " + rss("<link>/a</link>")).warnings == ()


def test_a_feed_with_entities_is_refused() -> None:
    """A few bytes could grow to fill the memory."""
    with pytest.raises(SourceError, match="declares XML entities"):
        read("<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss("<link>/a</link>").split("?>")[1])


def test_the_bytes_are_never_taken_for_a_file() -> None:
    """A file of that name is what feedparser would open."""
    with pytest.raises(SourceError, match="is no feed that can be read"):
        read(b"/etc/hostname")


DATES = st.lists(
    st.sampled_from(["Mon, ", "1", "99", " Jan ", "0000", "1970", "9999", "10000", "9" * 400, "T", "Z", ":", "-", " "])
    | st.sampled_from([" GMT", " +99999999999999999999", "-W53-7", "년", "오후", "&lt;", "\ud7ff"]),
    max_size=10,
).map("".join)


@given(DATES)
def test_no_date_of_an_entry_is_too_strange(stated: str) -> None:
    """The entry is there all the same, with a date that can be or none."""
    feeds = (
        rss(f"<link>/a</link><pubDate>{stated}</pubDate>"),
        rss(f"<link>/a</link><date xmlns='http://purl.org/dc/elements/1.1/'>{stated}</date>"),
        atom(f"<link href='/a'/><published>{stated}</published><updated>{stated}</updated>"),
        json_feed({"url": "/a", "date_published": stated}),
    )
    for feed in feeds:
        published = only(read(feed)).published
        assert published is None or published.tzinfo is UTC


@pytest.mark.parametrize("link", ["https://name:secret@ministry.fr/a", "//name:secret@ministry.fr/a"])
def test_no_entry_and_no_next_page_names_a_user(link: str) -> None:
    """Its page is that without one."""
    onward = f"<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='next' href='{link}'/>"

    part = read(rss(f"<link>{link}</link>", ahead=onward))

    assert [entry.address for entry in (*part.entries, *part.following)] == ["https://ministry.fr/a"] * 2
