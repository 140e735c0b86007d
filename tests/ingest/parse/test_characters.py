"""Tests of `ingest.parse.characters`."""

from __future__ import annotations

import pytest

from ingest.errors import ParseError
from ingest.parse.characters import decode, tidy

TEXT = "Réunis à Genève, les délégués ont déclaré : « L’été a été favorable aux négociations ; l’œuvre commence. »"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "cp1252", "mac_roman"])
def test_bytes_of_many_makes_give_the_same_text(encoding):
    """What older programs saved is read without garbling accents and quotation marks."""
    assert decode(TEXT.encode(encoding), "a.txt") == TEXT


def test_bytes_of_no_encoding_are_refused():
    """A mark that the bytes do not keep is told."""
    with pytest.raises(ParseError, match=r"a.txt: the bytes are not .* save the file again as UTF-8"):
        decode(b"\xff\xfea\x00\x00\xd8", "a.txt")


def test_tidy_text_is_composed_and_storable():
    """Accents are composed, odd line ends and filling made plain, unstorable characters taken out."""
    assert tidy("e\u0301te\u0301\r\nun\t deux\u2028trois\x00\ud800\u00ad\u200b\ufeff ") == "été\nun deux\ntrois"


def test_tidy_twice_is_tidy_once():
    """Tidy text is left alone, its no-break spaces too."""
    once = tidy("«\u00a0 a\u202f:  b \n\n c »")
    assert tidy(once) == once == "«\u00a0 a\u202f: b\n\nc »"
