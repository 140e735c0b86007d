"""Pages and lines that are piped in."""

from __future__ import annotations

import io
import json

import pytest

from ingest.errors import SourceError
from ingest.parse import parse
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


RELEASES = [{"title": "One, [1]", "body": "Été.\nA second paragraph."}, {"title": "Two", "body": "Deux."}]


@pytest.mark.parametrize(
    "content",
    [json.dumps(RELEASES[0], indent=2) + "\n" + json.dumps(RELEASES[1], indent=2),  # as `jq '.[]'` prints
     json.dumps(RELEASES), json.dumps(RELEASES, indent=2),
     f"[\n{json.dumps(RELEASES[0])},\n{json.dumps(RELEASES[1])}]\n",
     json.dumps(RELEASES[:1]) + json.dumps(RELEASES[1:])],
)  # fmt: skip
def test_json_in_any_layout_holds_releases(content):
    """As the same ones on a line each, and under the same names."""
    lines = "\n".join(map(json.dumps, RELEASES)).encode()
    one_a_line = [parse(page) for page in StandardInputReading(HERE, Limits(), io.BytesIO(lines)).items()]
    for encoding in ("utf-8", "utf-16"):
        pages = StandardInputReading(HERE, Limits(), io.BytesIO(content.encode(encoding))).items()
        assert [parse(page) for page in pages] == one_a_line


@pytest.mark.parametrize(
    "content", [b'{\n"body": "One."\n}\n{\n"body": "Tw', b'[{"body": "One."}, oops]', b'[{"body": "\xe9"}]']
)
def test_json_that_is_cut_off_is_no_text(content):
    """Else a release would quote its braces."""
    with pytest.raises(SourceError, match=r"begins as JSON, and is none: .*(line|position)"):
        StandardInputReading(HERE, Limits(), io.BytesIO(content))


@pytest.mark.parametrize("content", [b"[Bern] A plan.", b"[[A plan]]", b"{A plan} is adopted.", b'["A plan"]'])
def test_a_text_may_begin_with_a_bracket(content):
    """Only an object, or an array of them, is JSON of releases."""
    assert [page.line for page in StandardInputReading(HERE, Limits(), io.BytesIO(content)).items()] == [None]


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
