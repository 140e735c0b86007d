"""The paragraphs of HTML that holds a text and nothing around it: a field of JSON, Markdown, an office document."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.parse.characters import storable, tidy
from ingest.parse.furniture import is_closed
from ingest.parse.html_marks import write_facts, write_marks
from ingest.parse.html_seen import show_what_is_seen
from ingest.parse.html_tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
     "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption")
)  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LEFT_OUT = ("script", "style", "figcaption", "nav", "button", "select", "head")
_MARK = re.compile(
    r"</?(?:p|div|br|ul|ol|li|span|a|b|i|em|strong|h[1-6]|table|blockquote|sup|sub)\b[^<>]*>", re.IGNORECASE
)
_BLOCK_MARK = re.compile(r"<(?:p|div|br|ul|ol|li|h[1-6]|table|blockquote|section|article)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def has_marks(text: str) -> bool:
    """Whether a text holds elements of HTML, and not only a `<`."""
    return bool(_MARK.search(text))


def without_marks(text: str) -> str:
    """A short text, such as a title, with its elements gone and its entities decoded once."""
    if has_marks(text):
        return " ".join(words for _, words in fragment_blocks(text, "a field"))
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)


def fragment_blocks(text: str, location: str) -> Iterator[tuple[str, str]]:
    """Kind (`h1` to `h6`, `li`, `row` for a table's row, or `p`) and words of each block that readers see, in order.

    Raises LimitError where its elements are nested too deeply.
    """
    if not _BLOCK_MARK.search(text):
        text = text.replace("\n", "<br><br>")  # a plain text with a few marks in its lines
    tree = tree_of(f"<html><body>{text}</body></html>", location)
    show_what_is_seen(tree)
    write_marks(tree)
    write_facts(tree)
    for element in list(tree.iter(_LEFT_OUT)):
        element.drop_tree()
    yield from _walk(tree)


def _walk(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Blocks as they end; words that stand between two blocks are one too."""
    from lxml.etree import iterwalk

    kind, words, row = "p", list[str](), list[str]()
    rows = 0
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            found = join_lines("".join(words))
            words = []
            if rows:
                row.extend(found)
            else:
                yield from ((kind, paragraph) for paragraph in found)
            kind = "li" if tag == "li" else tag if tag in _HEADINGS else "p"
        if event == "start":
            rows += tag == "tr"
            words.append(_in_line(element.text))
            continue
        if event == "end":
            kind = "p" if tag in _BLOCKS else kind
            rows -= tag == "tr"
            if tag == "tr" and not rows:
                yield from [("row", " | ".join(row))] if row else []
                row = []
        words.append(("\n" if tag == "br" else "") + _in_line(element.tail))
    yield from (("p", paragraph) for paragraph in join_lines("".join(words)))


def _in_line(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", storable(text)) if text else ""


def join_lines(text: str) -> list[str]:
    """The paragraphs of a text with line breaks: they part where a sentence ends, or where two follow each other."""
    lines = tidy(text).split("\n")
    paragraphs = [lines[0]]
    for line, following in pairwise(lines):
        if line and following and not is_closed(line):
            paragraphs[-1] += f" {following}"
        else:
            paragraphs.append(following)
    return [paragraph for paragraph in paragraphs if paragraph]
