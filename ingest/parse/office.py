"""Reads word processors' files: Word's `.docx` and the OpenDocument text `.odt`.

Both are ZIP archives of XML. What they unpack to is bounded before anything is unpacked, and XML that declares entities
is refused, so that nothing in it is repeated without end or fetched from elsewhere.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any

from ingest.dates import embargo, find_dates
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import losses, tidy_line
from ingest.parse.complete import believed_language, complete, normalise_language
from ingest.parse.furniture import SHORT_WORDS, is_closed, is_furniture, is_kicker
from ingest.parse.html_text import fragment_blocks
from ingest.parse.html_tree import letters
from ingest.parse.text import sort_blocks, without_headings
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.etree import _Element

    from ingest.types import Page

_MOST_UNPACKED = 64 * 2**20  # bytes of XML; the longest releases have a hundredth of it
_MOST_PARTS = 5_000
_DEEPEST = 200
# Struck-out words, and the title of Word's own templates, one rank above its headings.
_WORD_STYLES = """
strike => s
p[style-name='Title'] => h1:fresh
p[style-name='Titre'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='heading 1'] => h2:fresh
p.Heading1 => h2:fresh
p[style-name='heading 2'] => h3:fresh
p.Heading2 => h3:fresh
"""
_UNSTATED = 20.0  # half points: the size of what has none in a Word file
_BOLD = 1.2  # as much bigger as bold print looks
_FEWEST_OF_TITLE = 4  # words; the name of who issued it has fewer
_BIGGER = 1.15  # than the text: what is set so may be a title, of three words at the least


def parse_docx(page: Page) -> Release:
    """The release in a Word file: without struck-out and deleted words, pictures and comments; notes stand at its end.

    Raises:
        ParseError: the file is no Word file, is damaged or encrypted, or has no text.
        LimitError: it unpacks to more than any release.

    """
    from xml.parsers.expat import ExpatError

    import mammoth

    parts = _Parts(page, "word/document.xml")
    try:
        written = mammoth.convert_to_html(
            parts.rewritten(),
            style_map=_WORD_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(lambda _: {}),
        ).value
    except (ExpatError, KeyError, ValueError, AttributeError, TypeError) as exc:  # it takes the file at its word
        raise ParseError(page.location, f"this Word file is damaged: {type(exc).__name__}: {exc}") from exc
    return _release(page, written.replace("↑", ""), parts.root("docProps/core.xml"), _word_sizes(parts))


def parse_odt(page: Page) -> Release:
    """The release in an OpenDocument text, as of a Word file; raises as `parse_docx` does."""
    parts = _Parts(page, "content.xml")
    content = parts.root("content.xml")
    if content is None:
        raise ParseError(page.location, "this OpenDocument file holds no text")
    written = "".join(_OdtWriter(content).written())
    return _release(page, written, parts.root("meta.xml"), {})


class _Parts:
    """The parts of a file, each looked at before it is read."""

    def __init__(self, page: Page, text: str) -> None:
        self._location = page.location
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(page.content))
        except (zipfile.BadZipFile, ValueError, OverflowError) as exc:
            raise ParseError(page.location, f"this is no document that a word processor reads: {exc}") from exc
        parts = self._archive.infolist()
        unpacked = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
        if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED:
            raise LimitError(
                page.location, f"unpacks to {unpacked / 2**20:,.0f} MiB in {len(parts):,} parts: leave it out"
            )
        if text not in self._archive.namelist():
            raise ParseError(page.location, f"this archive is no such document: it lacks `{text}`")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                self._refuse_entities(self._bytes(part))

    def root(self, name: str) -> _Element | None:
        """The XML of a part; None where there is none."""
        from lxml import etree

        if name not in self._archive.namelist():
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            return etree.fromstring(self._bytes(self._archive.getinfo(name)), parser)
        except etree.XMLSyntaxError as exc:
            raise ParseError(self._location, f"`{name}` in it is damaged: {exc}") from exc

    def rewritten(self) -> io.BytesIO:
        """A file of the XML alone, in which simple fields are what they show, for mammoth leaves them out.

        A letterhead is no table in it.
        """
        from lxml import etree

        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in dict.fromkeys(self._archive.namelist()):
                if not name.endswith((".xml", ".rels")):
                    continue
                content = self._bytes(self._archive.getinfo(name))
                if (b"fldSimple" in content or b"tbl" in content) and (root := self.root(name)) is not None:
                    etree.strip_tags(root, "{*}fldSimple")
                    _undo_letterhead(root)
                    content = etree.tostring(root)
                archive.writestr(name, content)
        return file

    def _bytes(self, part: zipfile.ZipInfo) -> bytes:
        try:
            return self._archive.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as exc:
            cause = "is encrypted: save it without a password" if part.flag_bits & 1 else f"is damaged: {exc}"
            raise ParseError(self._location, f"`{part.filename}` in it {cause}") from exc

    def _refuse_entities(self, content: bytes) -> None:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<\x00!\x00D\x00O" in content:
            raise ParseError(self._location, "its XML declares entities, which no word processor writes: leave it out")


def _undo_letterhead(root: _Element) -> None:
    """Make plain boxes of a Word table in which one cell, of several paragraphs, holds most of the document's text."""
    most = _length(root) / 2
    for table in list(root.iter("{*}tbl")):
        box = str(table.tag).replace("}tbl", "}customXml")
        rows, cells = table.findall("{*}tr"), table.findall("{*}tr/{*}tc")
        if any(_length(cell) > most and sum(map(bool, map(_length, cell.iter("{*}p")))) > 1 for cell in cells):
            for part in (table, *rows, *cells):
                part.tag = box


def _length(element: _Element) -> int:
    return len("".join(element.itertext()).strip())


def _word_sizes(parts: _Parts) -> dict[str, float]:
    """The size of a Word file's paragraphs, by their letters, in half points; bold ones count as bigger."""
    document, styles = parts.root("word/document.xml"), parts.root("word/styles.xml")
    named: dict[str, _Element] = {}
    usual = ""
    if styles is not None:
        usual = _stated(styles, "val", "docDefaults", "rPrDefault", "rPr", "sz")
        for style in styles.iter("{*}style"):
            named[_stated(style, "styleId")] = style
            if _stated(style, "default") and _stated(style, "type") == "paragraph":
                named[""] = style
    sizes: dict[str, float] = {}
    for paragraph in [] if document is None else document.iter("{*}p"):
        own = _styled(named, _stated(paragraph, "val", "pPr", "pStyle")) or usual
        found: Counter[float] = Counter()
        for run in paragraph.iter("{*}r"):
            size = _stated(run, "val", "rPr", "sz") or own
            is_bold = run.find("{*}rPr/{*}b") is not None and _stated(run, "val", "rPr", "b") not in {"0", "false"}
            found[(float(size) if size.isdecimal() else _UNSTATED) * (_BOLD if is_bold else 1)] += _length(run)
        text = letters("".join(words.text or "" for words in paragraph.iter("{*}t")))
        sizes[text] = found.most_common(1)[0][0] if found else _UNSTATED
    return sizes


def _styled(named: Mapping[str, _Element], name: str) -> str:
    """The size that a style states, or one that it is based on; empty where none does."""
    for _ in range(_DEEPEST):
        style = named.get(name)
        if style is None:
            return ""
        if size := _stated(style, "val", "rPr", "sz"):
            return size
        name = _stated(style, "val", "basedOn")
    return ""


def _stated(element: _Element, attribute: str, *path: str) -> str:
    """An attribute of an element's child, by local names alone; empty where there is none."""
    child = element.find("/".join(f"{{*}}{step}" for step in path)) if path else element
    found = () if child is None else (value for name, value in child.items() if name.endswith(f"}}{attribute}"))
    return str(next(iter(found), ""))


def _release(page: Page, written: str, properties: _Element | None, sizes: Mapping[str, float]) -> Release:
    """The release in a document that was written out as HTML; its properties give what the text does not."""
    blocks = list(_lines((kind, tidy_line(words)) for kind, words in fragment_blocks(written, page.location)))
    title = _title(blocks, _property(properties, "title") or "", sizes)
    found = sort_blocks(without_headings(blocks, title), title=title)
    if not (found.title or found.body):
        raise ParseError(page.location, "there is no text in this document")
    release = Release(
        id=page.id,
        title=found.title or _property(properties, "title") or "",
        body=found.body,
        source=page.location,
        language=believed_language(normalise_language(_property(properties, "language")), "\n".join(found.body)),
        published=found.published,
        updated=found.updated,
        warnings=losses(written),
    )
    return complete(release, page)


def _lines(blocks: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The blocks; a title in several paragraphs is one, a letterhead that is a table above the text its cells."""
    above = True
    for (kind, _), run in groupby(blocks, key=lambda block: (block[0], is_kicker(block[1]))):
        found = [words for _, words in run]
        for words in [" ".join(found)] if kind == "h1" else found:
            above = above and not _is_text(kind, words)
            if kind == "row" and above:
                yield from (("p", cell) for cell in words.split(" | "))
            else:
                yield kind, words


def _is_text(kind: str, words: str) -> bool:
    """Whether a block is a sentence of the text: long, no heading, and none that only says until when to wait."""
    is_long = is_closed(words) and len(words.split()) > SHORT_WORDS
    return is_long and not kind.startswith("h") and embargo(words) is None


def _title(blocks: Sequence[tuple[str, str]], stated: str, sizes: Mapping[str, float]) -> str:
    """The line that a document marks as its title; empty where only its place tells.

    Of the style for titles, else a heading above the text, else the line that the properties state, unless it is the
    first, which programs state unasked, else the biggest of those above the text, of four words rather. Below "Press
    release" rather than above, where letterheads stand.
    """
    above = len(list(takewhile(lambda block: not _is_text(*block), blocks)))
    kicker = next((index for index, (_, words) in enumerate(blocks[:above]) if is_kicker(words)), 0)
    characters: Counter[float] = Counter()
    for _, words in blocks:
        characters[sizes.get(letters(words), 0.0)] += len(words)
    least = _BIGGER * characters.most_common(1)[0][0] if characters else 0.0
    ranked: list[tuple[tuple[float, ...], str]] = []
    for index, (kind, words) in enumerate(blocks):
        size = sizes.get(letters(words), 0.0)
        signs = (
            kind == "h1",
            kind == "h2" and index < above,
            0 < index < above and letters(words) == letters(stated),
            index < above and size >= least > 0 and len(words.split()) > 2,
        )
        if any(signs) and not (is_kicker(words) or is_furniture(words) or find_dates(words) or embargo(words)):
            is_name = len(words.split()) < _FEWEST_OF_TITLE and not any(signs[:2])
            ranked.append(((signs.index(True), is_name, index < kicker, -size), words))
    return min(ranked, key=lambda candidate: candidate[0], default=((), ""))[1]


def _property(properties: _Element | None, name: str) -> str | None:
    found: Any = properties.xpath("//*[local-name() = $name]/text()", name=name) if properties is not None else []
    return tidy_line(found[0]) or None if found else None


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TEXT, _TABLE, _STYLE = (f"{{{_OFFICE.format(part)}}}" for part in ("text", "table", "style"))
_ELEMENTS = {
    f"{_TEXT}p": "p",
    f"{_TEXT}list-item": "li",
    f"{_TABLE}table": "table",
    f"{_TABLE}table-row": "tr",
    f"{_TABLE}table-cell": "td",
}
# What was deleted under review, what repeats on each page, marks of notes, pictures and comments.
_PASSED_OVER = {
    f"{_TEXT}tracked-changes",
    f"{_TEXT}note-citation",
    f"{_TEXT}table-of-content",
    f"{_TEXT}sequence-decls",
    f"{{{_OFFICE.format('office')}}}annotation",
}


class _OdtWriter:
    """Writes an OpenDocument text as HTML; a note's text follows the block that it belongs to."""

    def __init__(self, content: _Element) -> None:
        self._content = content
        self._notes: list[_Element] = []
        styles = {style.get(f"{_STYLE}name", ""): style for style in content.iter(f"{_STYLE}style")}
        self._styles = {name: marks for name, style in styles.items() if (marks := _marks(style))}
        # a style of the document's own stands for "Title" where something was changed by hand
        parents = {name: style.get(f"{_STYLE}parent-style-name") for name, style in styles.items()}
        self._titles = {"Title", *(name for name, parent in parents.items() if parent == "Title")}

    def written(self) -> Iterator[str]:
        for body in self._content.iter(f"{{{_OFFICE.format('office')}}}text"):
            yield from self._inner(body, 0)
            while self._notes:
                yield from self._inner(self._notes.pop(0), 0)

    def _inner(self, element: _Element, depth: int) -> Iterator[str]:
        if depth > _DEEPEST:
            raise RecursionError
        yield _escaped(element.text)
        for child in element:
            if isinstance(child.tag, str):
                yield from self._element(child, depth)
            yield _escaped(child.tail)

    def _element(self, element: _Element, depth: int) -> Iterator[str]:
        tag = str(element.tag)
        if tag == f"{_TEXT}note":
            self._notes += element.iter(f"{_TEXT}note-body")
        elif tag in {f"{_TEXT}s", f"{_TEXT}tab"}:
            yield " "
        elif tag == f"{_TEXT}line-break":
            yield "<br>"
        elif tag not in _PASSED_OVER:
            html = self._tags(element, tag)
            yield "".join(f"<{each}>" for each in html)
            yield from self._inner(element, depth + 1)
            yield "".join(f"</{each}>" for each in reversed(html))

    def _tags(self, element: _Element, tag: str) -> tuple[str, ...]:
        if tag == f"{_TEXT}h":
            level = element.get(f"{_TEXT}outline-level", "1")
            return (f"h{int(level) + 1}" if level in "12345" else "h6",)
        if tag == f"{_TEXT}p" and element.get(f"{_TEXT}style-name") in self._titles:
            return ("h1",)
        if tag == f"{_TEXT}span":
            return self._styles.get(element.get(f"{_TEXT}style-name", ""), ())
        return (_ELEMENTS[tag],) if tag in _ELEMENTS else ()


def _marks(style: _Element) -> tuple[str, ...]:
    """The elements of HTML that a style of characters stands for: struck out, raised, lowered, hidden."""
    found: list[str] = []
    for properties in style.iter(f"{_STYLE}text-properties"):
        if properties.get(f"{_STYLE}text-line-through-style", "none") != "none":
            found.append("s")
        if properties.get(f"{_TEXT}display") == "none":
            found.append("template")
        raised = properties.get(f"{_STYLE}text-position", "0").split("%")[0].split(" ")[0]
        if raised.startswith(("super", "sub")):
            found.append("sub" if raised.startswith("sub") else "sup")
        elif raised.strip("-").isdecimal() and int(raised):
            found.append("sub" if raised.startswith("-") else "sup")
    return tuple(found)


def _escaped(text: str | None) -> str:
    from html import escape

    return escape(text, quote=False) if text else ""
