"""Tests of `ingest.parse.characters`."""

from __future__ import annotations

import pytest

from ingest.errors import ParseError
from ingest.parse.characters import decode, decode_anyhow, decode_page, losses, tidy

TEXT = "Réunis à Genève, les délégués ont déclaré : « L’été a été favorable aux négociations ; l’œuvre commence. »"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "cp1252", "mac_roman"])
def test_bytes_of_many_makes_give_the_same_text(encoding):
    """What older programs saved is read without garbling accents and quotation marks."""
    assert decode(TEXT.encode(encoding), "a.txt") == TEXT


def test_bytes_of_no_encoding_are_refused():
    """A mark that the bytes do not keep is told."""
    with pytest.raises(ParseError, match=r"a.txt: the bytes are not .* claim: save the file again as UTF-8"):
        decode(b"\xff\xfea\x00\x00\xd8", "a.txt")


def test_tidy_text_is_composed_and_storable():
    """Accents are composed, odd line ends and filling made plain, unstorable characters taken out."""
    assert tidy("e\u0301te\u0301\r\nun\t deux\u2028trois\x00\ud800\u00ad\u200b\ufeff ") == "été\nun deux\ntrois"


def test_tidy_twice_is_tidy_once():
    """Tidy text is left alone, its no-break spaces too."""
    once = tidy("«\u00a0 a\u202f:  b \n\n c »")
    assert tidy(once) == once == "«\u00a0 a\u202f: b\n\nc »"


def test_the_mark_goes_before_the_server_and_the_server_before_the_page():
    """UTF-8 goes before both where the bytes are that and not ASCII alone."""
    assert decode("\ufeffcœur".encode(), "a.html", "windows-1251") == "cœur"
    assert decode("cœur".encode(), "a.html", "windows-1251") == "cœur"
    assert decode("сердце".encode("cp1251"), "a.html", "windows-1251", "latin1") == "сердце"
    assert decode("сердце".encode("cp1251"), "a.html", "no-such", "windows-1251") == "сердце"
    assert decode("cœur".encode("utf-16-le"), "a.html", "utf-16le") == "cœur"
    assert decode("心".encode("iso2022_jp"), "a.html", "iso-2022-jp") == "心"


def test_what_calls_itself_latin_is_read_as_browsers_do():
    """The signs between 80 and 9F are no control characters."""
    assert decode(TEXT.encode("cp1252"), "a.html", "iso-8859-1") == TEXT
    assert decode(TEXT.encode("cp1252"), "a.html", "us-ascii", "utf-8") == TEXT


def test_a_byte_that_stands_for_nothing_does_not_turn_the_others_into_another_alphabet():
    """Nothing is declared here; the rest is plainly Western."""
    assert decode(TEXT.encode("cp1252") + b" \x81", "a.txt") == TEXT + " \x81"


def test_a_list_with_damaged_characters_is_read():
    """One that cannot be read stands for itself."""
    assert decode_anyhow(TEXT.encode() + b" \xff") == f"{TEXT} \ufffd"


def test_characters_are_never_dropped_without_a_warning():
    """One for each kind, with their number and the first of them in its place; break hints are no characters."""
    assert losses("Une césure\u00ad, un blanc\u200b et «\u00a0rien\u00a0».\n\t") == ()
    assert losses("pour 84 millions d\x81 euros \x00 et \ud800") == (
        "control characters were left out: 3, the first in 'r 84 millions d\\x81 euros \\x00 et \\ud800'",
    )
    assert losses("l\ufffdachat") == ("characters were lost before the page came here: 1, the first in 'l\ufffdachat'",)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f"{TEXT} ".encode() + b"\xa9", f"{TEXT} \ufffd"),
        (TEXT.encode() + b"\0", f"{TEXT}\ufffd"),
        (b"\xef\xbb\xbf" + TEXT.encode() + b"\xe9", f"\ufeff{TEXT}\ufffd"),
        (TEXT.encode("cp1252") + b"\0", TEXT),
    ],
    ids=["a sign from a footer", "NUL", "behind a mark", "NUL in an older encoding"],
)
def test_a_page_with_a_few_damaged_characters_is_read(content, text):
    """As browsers do; `losses` says so."""
    assert decode_page(content, "a.html").lstrip("\ufeff") == text.lstrip("\ufeff")


@pytest.mark.parametrize("content", [b"<html>" + bytes(40), b"\x89PNG\r\n" + bytes(range(256)), b" "])
def test_a_page_of_other_bytes_is_none(content):
    with pytest.raises(ParseError):
        decode_page(content, "a.html")
