"""Reads Markdown, with or without front matter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from ingest.dates import on_its_day, parse_date, parse_stamp
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import decode, losses, tidy_line
from ingest.parse.complete import complete, normalise_language
from ingest.parse.furniture import is_sentence
from ingest.parse.html_text import fragment_blocks
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.types import Page

_TOML = re.compile(r"\A\s*+\+\+\+[ \t]*\n(?P<fields>.*?)^\+\+\+[ \t]*$", re.DOTALL | re.MULTILINE)
_OPENS_TOML = re.compile(r"\A\s*+\+\+\+[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*+[\w\"'.-]++[ \t]*=")
_FRONT_MATTER = re.compile(r"\A\s*+---[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*+[\w-]++[ \t]*:(?:\s|$)")
_LONGEST_FRONT_MATTER = 100_000
_DEEPEST = 20
_LONGEST_NUMBER = 1000  # bits
# CommonMark has no footnotes, but their marks are written all the same.
_NOTE = re.compile(r"(?<=\S)\[\^[\w.-]{1,40}\](?!:)")
_NOTE_AT_HEAD = re.compile(r"^[ ]{0,3}\[\^[\w.-]{1,40}\]:[ \t]*", re.MULTILINE)


def parse_markdown(page: Page) -> Release:
    """The release in a Markdown file: front matter for what is known of it, plain paragraphs for its text.

    HTML in it is read as on a page: text counts that readers see. Marks, images and comments are left out. So are
    headings that do not end like a sentence, as subheadings are in every format (`ingest.parse.text`). A table's row
    becomes one paragraph.

    Raises:
        ParseError: the file is empty, or its front matter is neither YAML nor TOML.

    """
    read = decode(page.content, page.location, page.charset)
    fields, text = _front_matter(read, page.location)
    blocks = list(_blocks(text, page.location))
    heading = next((words for kind, words in blocks if kind == "h1"), "")
    title = tidy_line(_string(fields, "title") or heading)
    body = [words for kind, words in blocks if not kind.startswith("h") or (is_sentence(words) and words != heading)]
    lead = tidy_line(_string(fields, "lead", "summary", "description") or "")
    if not (title or body or lead):
        raise ParseError(page.location, "there is no text in this Markdown file")
    warnings = [*losses(read)]
    release = Release(
        id=_string(fields, "id") or page.id,
        title=title,
        body=tuple(body),
        source=page.location,
        lead=None if lead in body else lead or None,
        language=normalise_language(_string(fields, "language", "lang")),
        publisher=_string(fields, "publisher", "source"),
        published=_moment(fields, ("published", "date"), warnings),
        updated=_moment(fields, ("updated",), warnings),
        url=_string(fields, "url"),
        pair=_string(fields, "pair", "translation_of"),
        author=_string(fields, "author"),
        section=_string(fields, "section"),
        translations=_strings(fields.get("translations")),
        warnings=tuple(warnings),
    )
    return complete(release, page)


def has_front_matter(text: str) -> bool:
    """Whether a text opens with fields between `---` or `+++` lines; a mere rule has no `key:` below it."""
    return bool(_FRONT_MATTER.match(text) or _OPENS_TOML.match(text))


def _front_matter(text: str, location: str) -> tuple[dict[str, object], str]:
    """The fields between the leading `---` lines (YAML) or `+++` lines (TOML), and the text after them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return _toml_fields(text, location) if _OPENS_TOML.match(text) else _yaml_fields(text, location)


def _toml_fields(text: str, location: str) -> tuple[dict[str, object], str]:
    import tomllib

    found = _TOML.match(text)
    if found is None:
        raise ParseError(location, "front matter: line 1: no closing `+++` follows")
    if len(found["fields"]) > _LONGEST_FRONT_MATTER:
        raise LimitError(location, f"front matter: is longer than {_LONGEST_FRONT_MATTER} characters")
    try:
        fields = tomllib.loads(found["fields"])
    except (ValueError, RecursionError) as error:
        raise ParseError(location, f"front matter: {error}") from error
    tables = (table for table in fields.values() if isinstance(table, dict))
    for table in tables:  # Hugo keeps fields that it does not know itself under `[params]` or `[extra]`
        fields = {**table, **fields}
    return fields, text[found.end() :].strip()


def _yaml_fields(text: str, location: str) -> tuple[dict[str, object], str]:
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    # the library cuts at any `---`, and would lose what stands above a rule of a file without fields
    if not _FRONT_MATTER.match(text):
        return {}, text
    try:
        stated, content = YAMLHandler().split(text)
    except ValueError:
        stated, content = "", text
    try:
        _refuse_bombs(stated, location)
        fields = yaml.load(stated, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        # counted from 0 at the end of the `---` of line 1
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ParseError(location, f"front matter: line {line}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise ParseError(location, f"front matter: {error}") from error
    except (AttributeError, LookupError, TypeError) as error:  # `!!timestamp x`: its own types are taken at their word
        raise ParseError(location, "front matter: a value is not of the type that its tag (!!…) names") from error
    if not fields or not isinstance(fields, dict):
        raise ParseError(location, "front matter: line 1: no closing `---` follows")
    return fields, content.strip()


def _refuse_bombs(stated: str, location: str) -> None:
    """Raise LimitError where YAML repeats by reference, with which a few lines fill the memory, or is nested deeply.

    Its events come one by one, at whatever depth; loaders call themselves for each level, libyaml's without a limit.
    """
    import yaml

    if len(stated) > _LONGEST_FRONT_MATTER:
        raise LimitError(location, f"front matter: is longer than {_LONGEST_FRONT_MATTER} characters")
    depth = 0
    for event in yaml.parse(stated, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise LimitError(location, f"front matter: line {line}: values are nested more than {_DEEPEST} deep")
        if isinstance(event, yaml.AliasEvent):
            cause = f"repeats a value by reference (*{event.anchor}), which is not read: write it out"
            raise LimitError(location, f"front matter: line {line}: {cause}")


def _string(fields: Mapping[str, object], *names: str) -> str | None:
    """The first of these fields that is there, as text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, bool) or (isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER):
            continue  # 1:59:59:59… is a number too, and Python does not write out those of thousands of digits
        if isinstance(value, str | int | float) and tidy_line(str(value)):
            return tidy_line(str(value))
    return None


def _strings(value: object) -> tuple[str, ...]:
    """A field of one string or a list of them; whatever else it holds is passed over."""
    parts = value if isinstance(value, list) else [value]
    return tuple(words for part in parts if isinstance(part, str) and (words := tidy_line(part)))


def _moment(fields: Mapping[str, object], names: tuple[str, ...], warnings: list[str]) -> datetime | None:
    """A date in UTC. YAML has read some already; what cannot be read becomes a warning."""
    value = next((fields[name] for name in names if fields.get(name)), None)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    if isinstance(value, datetime):
        value = value.replace(microsecond=0)  # as every other date is read, and kept
    moment = on_its_day(value) if isinstance(value, datetime) else parse_stamp(str(value)) if value else None
    if moment and not parse_date(f"{moment:%Y-%m-%d}"):
        moment = None  # of no year that a release is of, as for every other date
    if value and moment is None:
        warnings.append(f"field {names[-1]}: cannot read the date {str(value)[:60]!r}: left undated")
    return moment


def _blocks(text: str, location: str) -> Iterator[tuple[str, str]]:
    """Kind (`h1` to `h6`, or another for all else) and words of each block that has any, in order."""
    from markdown_it import MarkdownIt

    text = _NOTE.sub("", _NOTE_AT_HEAD.sub("", text))
    written = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    return ((kind, tidy_line(words)) for kind, words in fragment_blocks(written, location))
