"""Tests of `ingest.sources`."""

from __future__ import annotations

import io

import pytest

from ingest.errors import SourceError
from ingest.sources import Limits, StandardInputReading, identity_of
from ingest.types import Source

HERE = Source("-")


def test_one_page_is_read_and_named_by_its_content():
    """The same page is the same release, whenever it is piped in."""
    pages = [next(StandardInputReading(HERE, Limits(), io.BytesIO(b"# A plan\n\nText.\n")).items()) for _ in range(2)]
    assert pages[0].id == pages[1].id
    assert (pages[0].location, pages[0].line) == ("standard input", None)


def test_lines_are_read_one_by_one():
    """JSONL holds a release a line, empty lines aside; the limit counts them."""
    reading = StandardInputReading(HERE, Limits(limit=1), io.BytesIO(b'{"body": "One."}\n\n{"body": "Two."}\n'))
    assert [(page.line, page.location) for page in reading.items()] == [(1, "standard input:1")]
    assert (reading.total, reading.beyond_limit) == (1, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lines_with_a_mark_of_their_encoding_are_lines(encoding):
    """As PowerShell pipes them."""
    content = '{"body": "Été."}\n{"body": "Deux."}\n'.encode(encoding)
    pages = list(StandardInputReading(HERE, Limits(), io.BytesIO(content)).items())
    assert [page.content.decode() for page in pages] == ['{"body": "Été."}', '{"body": "Deux."}']


def test_nothing_piped_in_says_how_to():
    """An empty pipe is most likely a slip."""
    with pytest.raises(SourceError, match="standard input: is empty: pipe a release into it"):
        StandardInputReading(HERE, Limits(), io.BytesIO(b" \n"))


def test_a_terminal_is_not_waited_for():
    """Somebody who typed `-` by mistake would wait without knowing for what."""

    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(SourceError, match="is a terminal"):
        StandardInputReading(HERE, Limits(), Terminal())


def test_it_is_no_file_of_that_name():
    """Its identity does not depend on the folder."""
    assert identity_of("-") == "-"
