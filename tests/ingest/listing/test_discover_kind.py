from __future__ import annotations

import pytest

from ingest.listing.discover import ContentKind, kind_of

RSS = "<rss version='2.0'><channel/></rss>"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RSS, ContentKind.FEED),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", ContentKind.FEED),
        ("<rdf:RDF xmlns:rdf='x'/>", ContentKind.FEED),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', ContentKind.FEED),
        ("<urlset/>", ContentKind.SITEMAP),
        ("<sm:sitemapindex xmlns:sm='x'/>", ContentKind.SITEMAP_INDEX),
        ("https://ministry.fr/a\r\n\r\nhttps://ministry.fr/b\r\n", ContentKind.SITEMAP),
        ("<!doctype HTML>\n<p>x", ContentKind.HTML),
        ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x' 'y'><html/>", ContentKind.HTML),
        ("<my-banner></my-banner><html><body>x", ContentKind.HTML),
        ("%PDF-1.7\n", ContentKind.PDF),
        ("PK\x03\x04 word/document.xml", ContentKind.OFFICE),
        ("PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.text", ContentKind.OFFICE),
        ("The ministry opens a school.\nSee https://ministry.fr/a", ContentKind.TEXT),
        ("[All releases](https://ministry.fr/)\n\nThe ministry …", ContentKind.TEXT),
        ("<?xml version='1.0'?><invoice/>", ContentKind.OTHER),
        ('{"error": 1}', ContentKind.OTHER),
        ("[1]", ContentKind.OTHER),
        ("", ContentKind.OTHER),
    ],
)
def test_content_tells_what_it_is(text: str, kind: ContentKind) -> None:
    """No suffix and no content type is asked."""
    assert kind_of(text.encode()) is kind


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04\x14\x00", b"\xff\xd8\xff\xe0\x00\x10JFIF"]
)
def test_pictures_and_archives_are_nothing_to_read(content: bytes) -> None:
    """Their first bytes are no characters."""
    assert kind_of(content) is ContentKind.OTHER


@pytest.mark.parametrize(
    "ahead",
    [
        "\n  ",
        "<?xml version='1.0'?>\n",
        " \n<?xml version='1.0'?>",
        "<!-- <html> -->\n" * 40,
        "<?xml-stylesheet href='a.xsl'?><!-- a > b -->",
        "<!DOCTYPE rss [<!ELEMENT rss ANY>]>",
        "<!DOCTYPE rss>" * 4_000,
    ],
)
def test_what_stands_before_the_first_element_is_endured(ahead: str) -> None:
    """Blanks, declarations, comments that speak of HTML."""
    assert kind_of((ahead + RSS).encode()) is ContentKind.FEED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_marks_and_wide_characters_are_endured(encoding: str) -> None:
    """UTF-16 with and without its mark."""
    assert kind_of(f"<?xml version='1.0'?>{RSS}".encode(encoding)) is ContentKind.FEED
