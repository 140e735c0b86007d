"""Reads one line of a JSONL file; `communique ingest --help` lists the fields."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from ingest.dates import parse_stamp
from ingest.errors import ParseError
from ingest.parse.characters import decode, losses, tidy, tidy_line
from ingest.parse.complete import complete, normalise_language, title_from
from ingest.parse.furniture import is_sentence
from ingest.parse.html_text import fragment_blocks, has_marks, without_marks
from ingest.parse.html_tree import letters
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ingest.types import Page

# The usual name of a field, and the other names it is known by.
_ALIASES = {
    "id": ("id",),
    "url": ("url",),
    "title": ("title",),
    "lead": ("lead",),
    "body": ("body", "text"),
    "published": ("published", "date"),
    "updated": ("updated",),
    "language": ("language", "lang"),
    "publisher": ("publisher", "source"),
    "pair": ("pair", "translation_of"),
    "author": ("author",),
    "section": ("section",),
    "translations": ("translations",),
}
# Fields of one string that are words, in which HTML has marks and entities.
_IN_WORDS = frozenset({"title", "lead", "publisher", "author", "section"})
# Under what names content management systems give a field's text: WordPress, Drupal.
_FORMS = ("rendered", "processed", "value", "html", "text")


def parse_line(page: Page) -> Release:
    """The release on one JSON line; fields that nobody asked for are ignored.

    Raises:
        ParseError: the line is not a JSON object, a field has the wrong type, or there is neither title nor body.

    """
    line = _Line(page)
    title, lead = tidy_line(line.text("title") or ""), tidy_line(line.text("lead") or "")
    body = line.paragraphs("body")
    if body and lead and letters(body[0]) == letters(lead):
        body = body[1:]
    if not (title or lead or body):
        raise ParseError(
            page.location, f"no title and no body, among the fields {line.names()}: name them with --field"
        )
    url = line.text("url")
    release = Release(
        id=line.text("id") or url or f"{page.id}#{_digest(title, line.text('published'), body)}",
        title=title or title_from(lead or body[0]),
        body=body,
        source=page.location,
        lead=lead or None,
        language=normalise_language(line.text("language")),
        publisher=line.text("publisher"),
        published=line.date("published"),
        updated=line.date("updated"),
        url=url,
        pair=line.text("pair"),
        author=line.text("author"),
        section=line.text("section"),
        translations=line.paragraphs("translations"),
        warnings=(*line.warnings, *losses("\n".join(line.read.values()))),
    )
    return complete(release, page)


class _Line:
    """The fields of one line, under their usual names.

    `read` gathers the words of those that were asked for, `warnings` what could not be read.
    """

    def __init__(self, page: Page) -> None:
        self.location = page.location
        self.read: dict[str, str] = {}
        self.warnings: list[str] = []
        self._names = _names(page.source.fields)
        self._fields = _load(page)

    def names(self) -> str:
        return ", ".join(list(self._fields)[:20]) or "(none)"

    def _get(self, field: str) -> tuple[str, object]:
        """The name under which a field stands in this line, and its value; None where it is absent or empty."""
        for name in self._names[field]:
            value = self._fields.get(name)
            if isinstance(value, dict):
                value = next((value[form] for form in _FORMS if value.get(form)), value)
            if value not in (None, "", []):
                return name, value
        return self._names[field][0], None

    def text(self, field: str) -> str | None:
        """A field of one string; numbers are written out."""
        name, value = self._get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ParseError(self.location, f"field {name}: a string is needed, not {_kind(value)}")
        self.read[name] = str(value)
        return tidy(without_marks(str(value)) if field in _IN_WORDS else str(value)) or None

    def paragraphs(self, field: str) -> tuple[str, ...]:
        """A field of many paragraphs: one string with a paragraph a line, or a list of strings."""
        name, value = self._get(field)
        parts: list[str] = []
        for part in value if isinstance(value, list) else [value or ""]:
            if not isinstance(part, str):
                kind = _kind(part)
                raise ParseError(self.location, f"field {name}: a string or a list of strings is needed, not {kind}")
            parts.append(part)
        self.read[name] = "\n".join(parts)
        return tuple(paragraph for part in parts for paragraph in _paragraphs(part, self.location))

    def date(self, field: str) -> datetime | None:
        """A date in UTC; one that cannot be read is a warning, and the release goes on without."""
        name, _ = self._get(field)
        text = self.text(field)
        moment = parse_stamp(text) if text else None
        if text and moment is None:
            self.warnings.append(f"field {name}: cannot read the date {text[:60]!r}: left undated")
        return moment


def _paragraphs(text: str, location: str) -> Iterator[str]:
    """The paragraphs of a field, with marks of HTML or without; headings are left out, as in every format."""
    if not has_marks(text):
        yield from (line for line in tidy(without_marks(text)).split("\n") if line)
        return
    for kind, words in fragment_blocks(text, location):
        if not kind.startswith("h") or is_sentence(words):
            yield words


def _names(mapped: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names to look under, per field: a mapped name stands in for all the usual ones."""
    names = dict(_ALIASES)
    for usual, name in mapped.items():
        for field, aliases in _ALIASES.items():
            if usual == field or usual in aliases:
                names[field] = (name,)
    return names


def _load(page: Page) -> dict[str, object]:
    text = decode(page.content, page.location, page.charset)
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(page.location, f"this line is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ParseError(page.location, f"a JSON object is needed on each line, not {_kind(fields)}")
    return fields


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _digest(title: str, published: str | None, body: tuple[str, ...]) -> str:
    """Tells a line without id and address from the others of its file, also after lines were added before it."""
    headline = (title, published or "") if title else body[:1]
    return hashlib.sha256("\x1f".join(headline).encode()).hexdigest()[:12]
