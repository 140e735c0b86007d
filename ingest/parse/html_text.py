"""From HTML to text: the paragraphs of a fragment, and what pages say by marks alone.

A fragment holds a text and nothing around it (`fragment_blocks`): a field of JSON, Markdown, an office document. In it,
as on whole pages, struck-out words, raised and lowered figures (`write_marks`) and lists of facts (`write_facts`) are
written out as text.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.dates import find_dates, is_date_label
from ingest.parse.characters import storable, tidy, tidy_line
from ingest.parse.furniture import is_closed, is_sentence
from ingest.parse.html_seen import show_what_is_seen
from ingest.parse.html_tree import HEADINGS, tree_of, undo_layout_tables
from ingest.parse.text import to_blocks
from vectorstore.text import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
     "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption")
)  # fmt: skip
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
    undo_layout_tables(tree)
    write_facts(tree)
    for element in list(tree.iter(_LEFT_OUT)):
        element.drop_tree()
    _undo_columns(tree)
    yield from _walk(tree)


def _undo_columns(tree: HtmlElement) -> None:
    """Make plain boxes of tables that set a text in one column, as newsletters do; none holds another any more."""
    for box in list(tree.iter("table")):
        filled = (sum(bool(cell.text_content().strip()) for cell in row) for row in box.iter("tr"))
        if next(box.iter("th"), None) is None and max(filled, default=0) <= 1:
            for part in list(box.iter("table", "tbody", "tr", "td")):
                part.tag = "div"


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
            kind = "li" if tag == "li" else tag if tag in HEADINGS else "p"
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


_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?+\s*+:[^;:]*line-through", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_INLINE = ("a", "abbr", "b", "em", "font", "i", "span", "strong", "sub", "sup", "u")

_NOTE = re.compile(
    r"[\[(]?(?:\d{1,3}|[a-z]|[*†‡§¶]{1,3}|[ivx]{1,4})[\])]?(?:[,;–-]? ?[\[(]?(?:\d{1,3}|[a-z])[\])]?){0,5}"
)
_NOTE_CLASS = re.compile(r"note|\bfn|cite|reference|\bref", re.IGNORECASE)
_ORDINALS = frozenset(
    {"er", "ers", "ère", "ères", "re", "res", "e", "es", "ème", "èmes", "eme", "emes", "nd", "nde", "st", "th", "rd",
     "o", "os", "le", "lle", "lles", "me", "mes", "mr", "r", "ie", "gr"}
)  # fmt: skip
_EXPONENT = re.compile(r"[+−–-]?\d{1,3}")
_RAISED_DIGITS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_LOWERED_DIGITS = str.maketrans("0123456789+-−–", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋")
_LAST_WORD = re.compile(r"(?:(?<=[\s\d×·*/.(])|\A)([^\W\d_]{1,4})\Z")
# The formula that many pages raise the figure of: CO².
_CARBON = re.compile(r"\bCO\Z")
_OF_POWERS = re.compile(r"(?<![\d.,])(?:10|2)\Z")
_PARAGRAPHS = "self::p or self::ul or self::ol or self::table or self::div or self::dl"
_FARTHEST = 50  # elements that are looked back over
_LEAST_EXPONENT_OF_2 = 5  # 2³² bytes; a `2` behind « 2 » is rather a note's
_MOST_PARTS_OF_DATE = 4  # weekday, day, month, year
_LONGEST_PART_OF_DATE = 12  # characters
_FRACTION_BARS = frozenset("/⁄∕")


def write_marks(tree: HtmlElement) -> None:
    """Cut out struck-out words, keep marks of notes off figures, write powers as such and `<pre>` as paragraphs."""
    for element in [each for each in tree.iter("del", "s", "strike", "span", "font", "p", "li") if _is_struck(each)]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.xpath("//body//*[contains(@style, 'vertical-align')]"):
        if raised := _RAISED.search(element.get("style")):
            element.tag = "sup" if raised[1].lower() == "super" else "sub"
    _write_figures(tree)
    for element in list(tree.iter("pre")):
        _write_lines(element)
    _part_cells(tree)


def _is_struck(element: HtmlElement) -> bool:
    return element.tag in {"del", "s", "strike"} or bool(_LINE_THROUGH.search(element.get("style", "")))


def _write_figures(tree: HtmlElement) -> None:
    raised = list(tree.iter("sup", "sub"))
    # a mark that opens a block is that of the note itself
    notes = {tidy_line(each.text_content()) for each in raised if each.tag == "sup" and not _before(each).strip()}
    for element in raised:
        words, before = tidy_line(element.text_content()), _before(element)
        text = _lowered(words, before) if element.tag == "sub" else _raised(element, words, before, notes)
        tail = element.tail or ""
        if text[-1:].isdecimal() and tail[:1].isdecimal():
            text += " "
        if not before.strip() and text and text == words and _NOTE.fullmatch(words) and not tail[:1].isspace():
            text += " "
        _replace(element, text)
    for link in tree.xpath("//a[starts-with(@href, '#')] | //*[@role='doc-noteref']"):
        if tidy_line(link.text_content()).isdecimal() and _before(link)[-1:].strip():
            _replace(link, "")


def _raised(sup: HtmlElement, words: str, before: str, notes: set[str]) -> str:
    """What stands for raised words: nothing for the mark of a note, `⁶` for a power, else the words."""
    behind = sup.getnext()
    if behind is not None and behind.tag == "sub" and (sup.tail or "").strip() in _FRACTION_BARS:
        return f" {words}" if before[-1:].isdecimal() else words
    if not before.strip() or words.lower() in _ORDINALS:
        return words
    if not _is_linked_note(sup):
        if _is_power(words, before, notes):
            return words.translate(_RAISED_DIGITS)
        if _CARBON.search(before) and words == "2":
            return words
    if _NOTE.fullmatch(words.lower()):
        return ""
    return f" {words}" if words[:1].isdecimal() and before[-1:].isdecimal() else words


def _is_linked_note(sup: HtmlElement) -> bool:
    around = sup.getparent()
    links = [*sup.iter("a"), *([around] if around is not None and around.tag == "a" else ())]
    marks = " ".join((sup.get("class", ""), sup.get("id", ""), *(link.get("class", "") for link in links)))
    return any(link.get("href", "").startswith("#") for link in links) or bool(_NOTE_CLASS.search(marks))


def _is_power(words: str, before: str, notes: set[str]) -> bool:
    if not _EXPONENT.fullmatch(words):
        return False
    if not words[0].isdecimal():
        return True
    base = _LAST_WORD.search(before)
    if base and base[1] in _units():
        return words in {"2", "3"}
    if base and len(base[1]) == 1:
        return words != "1" and words not in notes
    if not _OF_POWERS.search(before) or words in notes:
        return False
    return int(words) >= (2 if before.endswith("0") else _LEAST_EXPONENT_OF_2)


@cache
def _units() -> frozenset[str]:
    """The signs of lengths, of which squares and cubes are made."""
    units = table("units")["units"].values()
    return frozenset(sign for unit in units if unit["dimension"] == "length" for sign in unit["signs"])


def _lowered(words: str, before: str) -> str:
    return words.translate(_LOWERED_DIGITS) if before[-1:].isdecimal() and words[:1].isdecimal() else words


def _before(element: HtmlElement) -> str:
    """The last characters in the same line before an element; empty at the beginning of a block."""
    for _ in range(_FARTHEST):
        previous, parent = element.getprevious(), element.getparent()
        if previous is not None:
            if previous.tail:
                return str(previous.tail[-20:])
            if previous.tag == "br":
                return ""
            inner = "".join(previous.itertext())[-20:] if isinstance(previous.tag, str) else ""
            if inner or previous.tag not in _INLINE:
                return inner if previous.tag in _INLINE else ""
            element = previous
        elif parent is None or parent.text:
            return (parent.text or "")[-20:] if parent is not None else ""
        elif parent.tag not in _INLINE:
            return ""
        else:
            element = parent
    return ""


def _replace(element: HtmlElement, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.attrib.clear()
    element.tag, element.text = "span", text  # to join it to its neighbours would copy the paragraph each time


def _write_lines(pre: HtmlElement) -> None:
    """Paragraphs of a text that was set by hand, as in an old newsroom's `<pre>`; anything else there stays."""
    text = "\n".join(_apart(line) for line in pre.text_content().replace("\r\n", "\n").split("\n"))
    blocks = to_blocks(tidy(text))
    if not any(is_sentence(block.text) for block in blocks):
        return
    for child in list(pre):
        pre.remove(child)
    pre.tag, pre.text = "div", None
    for block in blocks:
        paragraph = pre.makeelement("p")
        paragraph.text = block.text
        pre.append(paragraph)


def _apart(line: str) -> str:
    """The line, parted in two paragraphs where one half of it is a date: `Release 12-230          6 August 2012`."""
    halves = [half for half in re.split(r" {3,}|\t+", line.strip()) if half]
    return "\n\n".join(halves) if len(halves) == 2 and any(map(find_dates, halves)) else line


def _part_cells(tree: HtmlElement) -> None:
    """Put spaces between words that only a style sets apart: `<span class=value>800 km</span><span class=label>…`.

    A day whose parts are boxes is one line.
    """
    for box in [each for each in tree.iter("div") if 2 <= len(each) <= _MOST_PARTS_OF_DATE and _is_split_date(each)]:
        words = " ".join(filter(None, map(tidy_line, box.itertext())))
        for part in list(box):
            box.remove(part)
        box.tag, box.text = "p", words
    for box in tree.iter("div", "li"):
        if 2 <= len(box) <= 4 and not (box.text or "").strip():
            parts = [part for part in box if part.tag == "span" and part.get("class")]
            if len(parts) == len(box) == len({part.get("class") for part in parts}):
                for part in parts[:-1]:
                    part.tail = part.tail or " "


def _is_split_date(box: HtmlElement) -> bool:
    """Whether a box holds nothing but the parts of a date, each in a box of its own."""
    if any(part.tag not in {"div", "span", "p"} or len(part) for part in box):
        return False
    words = list(filter(None, map(tidy_line, box.itertext())))
    return max(map(len, words), default=99) <= _LONGEST_PART_OF_DATE and bool(find_dates(" ".join(words)))


def write_facts(tree: HtmlElement) -> None:
    """Lists of details of the page itself go; those of facts become lists of `Length: 3 km`."""
    for facts in list(tree.iter("dl")):
        pairs = list(_pairs(facts))
        if any(_is_of_page(term, told) for term, told in pairs) and all(len(told) < 80 for _, told in pairs):
            facts.drop_tree()
        elif pairs and not facts.xpath(f".//dd//*[{_PARAGRAPHS}]"):
            _write_pairs(facts, pairs)
        else:  # questions with whole texts as answers
            for part in facts.iter("dt", "dd"):
                part.tag = "h4" if part.tag == "dt" else "div"


def _pairs(facts: HtmlElement) -> Iterator[tuple[str, str]]:
    """Each definition with the terms before it."""
    terms: list[str] = []
    open_ = True
    for part in facts.iter("dt", "dd"):
        words = tidy_line(part.text_content())
        if part.tag == "dt":
            terms = [*terms, words] if open_ else [words]
        elif words:
            yield ", ".join(filter(None, terms)).rstrip(" :\u00a0\u202f"), words
        open_ = part.tag == "dt"


def _is_of_page(term: str, told: str) -> bool:
    """Whether a definition is the page's publication or update; `Opening` and a date are a fact."""
    bare = told.split(" — ", 1)[0]
    label, mark, _ = bare.partition(":")
    if find_dates(bare) is None:
        return False
    return not term or find_dates(f"{term}: {bare}") is not None or (bool(mark) and is_date_label(f"{label}:"))


def _write_pairs(facts: HtmlElement, pairs: list[tuple[str, str]]) -> None:
    for child in list(facts):
        facts.remove(child)
    facts.tag, facts.text = "ul", None
    for term, told in pairs:
        item = facts.makeelement("li")
        item.text = f"{term}: {told}" if term else told
        facts.append(item)
