"""Tests of `ingest.parse.characters`."""

from __future__ import annotations

import pytest

from ingest.parse.characters import codec_of, decoded, stated_encoding


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        (" 'latin1'", "cp1252"),
        ("us-ascii", "cp1252"),
        ("ANSI_X3.4-1968", "cp1252"),
        ("iso88591", "cp1252"),
        ("x-cp1252", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("tis-620", "cp874"),
        ("windows-874", "cp874"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("windows-31j", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("csISO88598I", "iso8859-8"),
        ("iso-8859-15", "iso8859-15"),
        ("UTF8", "utf-8"),
        ("unicode", "utf-16-le"),
    ],
)
def test_a_label_means_what_browsers_take_it_for(label, codec):
    """So many pages say one and hold the other."""
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    "label", [None, "", "rot13", "idna", "punycode", "utf-7", "unicode_escape", "zlib", "a\0b", "é"]
)
def test_what_browsers_do_not_know_is_no_encoding(label):
    """Python knows stranger ones, some of which take long or read what nobody wrote."""
    assert codec_of(label) is None


@pytest.mark.parametrize(
    ("content", "codec", "text"),
    [
        (b"\x80 \x92 \x97 \x9c", "cp1252", "€ ’ — œ"),
        (b"\x81\x8d\x8f\x90\x9d", "cp1252", "\x81\x8d\x8f\x90\x9d"),
        (b"\xaa\xd2\x81\xff", "cp1253", "\ufffd\ufffd\x81\ufffd"),
        (b"\x98", "cp1251", "\x98"),
    ],
)
def test_a_byte_that_stands_for_nothing_does_not_stop_the_others(content, codec, text):
    """It is a control character or the sign of a loss, as the standard says."""
    assert decoded(content, codec) == text


def test_bytes_that_do_not_fit_an_encoding_of_several_are_an_error():
    """There, one that is wrong means that all are."""
    with pytest.raises(UnicodeDecodeError):
        decoded(b"\x82", "cp932")


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b'<html><meta charset="latin1">', "latin1"),
        (b"<META http-equiv=Content-Type content='text/html; charset = ISO-8859-15'>", "ISO-8859-15"),
        (b"<?xml version=\"1.0\" encoding='windows-1251'?><html>", "windows-1251"),
        (b"<meta charset=utf-16>", "utf-8"),
        (b"<p>charset=latin1</p>", None),
    ],
)
def test_a_page_says_its_encoding_in_its_head(content, label):
    """What can be read as ASCII is not in UTF-16."""
    assert stated_encoding(content) == label
