"""Answers and releases as documents that are kept or passed on: Markdown, HTML, or JSON lines.

Each is written piece by piece, so that a document may be larger than memory. What a release says is escaped: in HTML it
is text and never markup, in Markdown neither a heading nor a link of its own.
"""

from __future__ import annotations

import enum
import html
import json
from typing import TYPE_CHECKING, Protocol

from bot import markdown
from bot.answering.citations import web_address
from bot.answering.codec import ReleaseRecord
from bot.cli.rendering.stream import day, escaped
from bot.language.prompt_injection import headline, plain
from bot.markdown import answer_markdown
from bot.payloads import full_release_payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from bot.answering.codec import AnswerRecord, CitationRecord
    from bot.state.answers import KeptAnswer
    from vectorstore.types import StoredRelease


class DocumentFormat(enum.Enum):
    """How a document is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSONL = "jsonl"


class Document(Protocol):
    """Writes answers or releases in one format; the pieces put together are the document."""

    def head(self, title: str) -> str:
        """What stands before the first."""
        ...

    def answer(self, kept: KeptAnswer) -> str:
        """An answer with its quotes."""
        ...

    def release(self, release: StoredRelease) -> str:
        """A release with its text."""
        ...

    def tail(self) -> str:
        """What stands behind the last."""
        ...


def answers_document(answers: Iterable[KeptAnswer], form: DocumentFormat) -> Iterator[str]:
    """Answers, piece by piece."""
    document = _document(form)
    yield document.head("Answers")
    yield from map(document.answer, answers)
    yield document.tail()


def answer_document(kept: KeptAnswer, form: DocumentFormat, zone: tzinfo) -> Iterator[str]:
    """One answer by itself, as a person saves it; days are those of `zone`."""
    if form is DocumentFormat.MARKDOWN:
        yield answer_markdown(kept.record, kept.moment, zone=zone)
    else:
        yield from answers_document([kept], form)


def releases_document(releases: Iterable[StoredRelease], form: DocumentFormat) -> Iterator[str]:
    """Releases, piece by piece."""
    document = _document(form)
    yield document.head("Releases")
    yield from map(document.release, releases)
    yield document.tail()


def _document(form: DocumentFormat) -> Document:
    if form is DocumentFormat.JSONL:
        return _JsonLines()
    return _Html() if form is DocumentFormat.HTML else _Markdown()


class _JsonLines:
    """One object a line: what `--json` prints of an answer or a release, and when an answer was given."""

    def head(self, _title: str) -> str:
        return ""

    def answer(self, kept: KeptAnswer) -> str:
        known = {"id": kept.id, "moment": kept.moment.isoformat(timespec="seconds")}
        return self._line(known | kept.record.model_dump(mode="json"))

    def release(self, release: StoredRelease) -> str:
        return self._line(full_release_payload(release))

    def tail(self) -> str:
        return ""

    def _line(self, payload: dict[str, object]) -> str:
        return escaped(json.dumps(payload, ensure_ascii=False)) + "\n"


class _Markdown:
    """CommonMark: a heading each, quotes as block quotes."""

    def head(self, title: str) -> str:
        return f"# {title}\n"

    def answer(self, kept: KeptAnswer) -> str:
        return "\n" + answer_markdown(kept.record, kept.moment, level=2)

    def release(self, release: StoredRelease) -> str:
        known = markdown.escaped(_of(ReleaseRecord.of(release), titled=False))
        address = web_address(release.url)
        head = [f"## {markdown.escaped(headline(release.title))}", f"*{known}*", *([f"<{address}>"] if address else [])]
        return "\n" + "\n\n".join([*head, markdown.escaped(release.text)]) + "\n"

    def tail(self) -> str:
        return ""


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "blockquote{margin:.5rem 0;padding-left:1rem;border-left:3px solid #888}"
    ".known{color:#666}.text{white-space:pre-line}"
)


class _Html:
    """One page that needs nothing else: no script, and nothing is loaded."""

    def head(self, title: str) -> str:
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
            f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n"
        )

    def answer(self, kept: KeptAnswer) -> str:
        record = kept.record
        parts = [
            f"<h2>{_text(headline(record.question))}</h2>",
            f'<p class="known">{kept.moment:%Y-%m-%d %H:%M} UTC · {_text(record.model)}</p>',
            f'<p class="text">{_text(record.answer)}</p>',
            *(f"<p>{_text(note.text)}</p>" for note in record.notes),
            *map(self._quoted, record.citations),
            *(f"<p>{_text(_of(release))}</p>" for release in _listed(record)),
        ]
        return self._article(parts, record.language)

    def _quoted(self, citation: CitationRecord) -> str:
        said = f"{_text(citation.speaker)}: " if citation.speaker else ""
        source = _anchored(_of(citation.release), citation.link)
        return f"<p>[{_text(citation.key)}] {source}</p>\n<blockquote>{said}{_text(citation.quote)}</blockquote>"

    def release(self, release: StoredRelease) -> str:
        known = _of(ReleaseRecord.of(release), titled=False)
        parts = [
            f"<h2>{_anchored(headline(release.title), release.url)}</h2>",
            f'<p class="known">{_text(known)}</p>',
            f'<div class="text">{_text(release.text)}</div>',
        ]
        return self._article(parts, release.language)

    def tail(self) -> str:
        return "</html>\n"

    def _article(self, parts: list[str], language: str | None) -> str:
        spoken = f' lang="{_text(language)}"' if language else ""
        return "\n".join([f"<article{spoken}>", *parts, "</article>"]) + "\n"


def _text(text: str) -> str:
    return html.escape(plain(text))


def _anchored(words: str, link: str | None) -> str:
    return f'<a href="{_text(link or "")}" rel="noreferrer">{_text(words)}</a>' if web_address(link) else _text(words)


def _of(release: ReleaseRecord, *, titled: bool = True) -> str:
    """A release in a line."""
    named = [headline(release.title)] if titled else []
    known = (release.publisher, day(release.published), release.language, f"{release.id} v{release.version}")
    return " · ".join(filter(None, [*named, *known]))


def _listed(record: AnswerRecord) -> tuple[ReleaseRecord, ...]:
    """The releases that a refusal or a list names."""
    if record.refusal:
        return record.refusal.nearest
    return record.reply.releases if record.reply else ()
