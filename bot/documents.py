"""Answers and releases as documents to keep: Markdown, HTML or JSON lines.

A document is written piece by piece, so that it may be larger than memory. What a release says is text in it and never
markup: it makes no heading, list, picture or HTML, and no link but the one that leads to it. Markdown is CommonMark;
what GitHub, Obsidian and Pandoc add to it is escaped as well.
"""

from __future__ import annotations

import enum
import hashlib
import html
import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Protocol

from bot.answering.citations import web_address
from bot.answering.codec import ReleaseRecord
from bot.answering.wording import day, rest
from bot.language.prompt_injection import headline, plain, printable
from bot.payloads import full_release_payload
from vectorstore.text.words import fold
from vectorstore.types import dated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from bot.answering.codec import AnswerRecord, CitationRecord
    from bot.state.questions import KeptAnswer
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
        return printable(json.dumps(payload, ensure_ascii=False)) + "\n"


class _Markdown:
    """CommonMark: a heading each, quotes as block quotes."""

    def head(self, title: str) -> str:
        return f"# {title}\n"

    def answer(self, kept: KeptAnswer) -> str:
        return "\n" + answer_markdown(kept.record, kept.moment, level=2)

    def release(self, release: StoredRelease) -> str:
        known = escaped(_of(ReleaseRecord.model_validate(release), titled=False))
        address = web_address(release.url)
        head = [f"## {escaped(headline(release.title))}", f"*{known}*", *([f"<{address}>"] if address else [])]
        return "\n" + "\n\n".join([*head, escaped(release.text)]) + "\n"

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
        known = _of(ReleaseRecord.model_validate(release), titled=False)
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
    known = (release.publisher, dated(release.published), release.language, f"{release.id} v{release.version}")
    return " · ".join(filter(None, [*named, *known]))


def _listed(record: AnswerRecord) -> tuple[ReleaseRecord, ...]:
    """The releases that a refusal or a list names."""
    if record.refusal:
        return record.refusal.nearest
    return record.reply.releases if record.reply else ()


_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&$^{}]")
_PAIRED = re.compile(r"(?<=[=%])(?=[=%])")  # ==highlighted==, and %%left out%%, in Obsidian
_ADDRESS = re.compile(r":(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)  # a bare one would be a link
_LINE_BEGINS = re.compile(r"^(?:(?=[-+=:])|\d{1,9}+(?=[.)]))")  # a list, a heading, a definition
_LINE_ENDS = dict.fromkeys((0x2028, 0x2029), "\n")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
_KEY = re.compile(r"\\\[(\d{1,3})\\\]")  # once it is escaped

_WORDS = {
    "en": {
        "asked": "Asked on {day}, {time}",
        "written": "written by {model}",
        "sources": "Sources",
        "nearest": "The nearest releases",
        "releases": "Releases",
        "undated": "undated",
        "version": "version {version}",
        "updated": "updated {day}",
        "withdrawn": "found withdrawn on {day}",
        "fr": "French",
        "en": "English",
    },
    "fr": {
        "asked": "Demandé le {day}, {time}",
        "written": "rédigé par {model}",
        "sources": "Sources",
        "nearest": "Les communiqués les plus proches",
        "releases": "Communiqués",
        "undated": "sans date",
        "version": "version {version}",
        "updated": "mis à jour le {day}",
        "withdrawn": "constaté retiré le {day}",
        "fr": "français",
        "en": "anglais",
    },
}


def answer_markdown(record: AnswerRecord, moment: datetime, *, zone: tzinfo = UTC, level: int = 1) -> str:
    """An answer, a refusal or a list that was given at a moment; days are those of `zone`.

    `level` is that of its heading, the question.
    """
    return "\n\n".join(_Answer(record, zone, level).parts(moment)) + "\n"


def escaped(text: str) -> str:
    """A text as Markdown that shows just it, line by line."""
    lines = [line.strip(" \t") for line in plain(text).translate(_LINE_ENDS).split("\n")]
    shown = [_LINE_BEGINS.sub(r"\g<0>\\", _signs_escaped(line)) for line in lines]
    breaks = ("  " if line and following else "" for line, following in zip(shown, [*shown[1:], ""], strict=True))
    return "\n".join(line + end for line, end in zip(shown, breaks, strict=True))


def link(words: str, address: str | None) -> str:
    """Words of any origin that lead to an address, or the words alone where it may not be opened."""
    shown = escaped(words)
    return f"[{shown}](<{_ENTITY.sub('&amp;', address or '')}>)" if web_address(address) else shown


_LONGEST = 60  # characters of a name: with a folder before it, it stays within what every system allows
_TAKEN = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # by Windows


def document_name(question: str) -> str:
    """The name of a question's document, always the same: plain letters, digits and hyphens, then `.md`."""
    words = "-".join(re.findall(r"[a-z0-9]+", fold(question)))
    if len(words) > _LONGEST:
        words = words[: _LONGEST + 1].rpartition("-")[0] or words[:_LONGEST]
    if not words or _TAKEN.fullmatch(words):
        words = f"answer-{hashlib.sha256(question.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return f"{words}.md"


class _Answer:
    """The parts of one document."""

    def __init__(self, record: AnswerRecord, zone: tzinfo, level: int) -> None:
        self._record = record
        self._zone = zone
        self._heading = "#" * level
        self._language = "fr" if record.language == "fr" else "en"
        self._words: Mapping[str, str] = _WORDS[self._language]

    def parts(self, moment: datetime) -> Iterator[str]:
        record = self._record
        yield f"{self._heading} {escaped(headline(record.question)) or '…'}"
        yield f"*{' · '.join(map(escaped, self._asked(moment)))}*"
        yield self._text()
        if record.notes:
            yield "\n".join(f"- {escaped(' '.join(note.text.split()))}" for note in record.notes)
        if record.citations:
            yield f"{self._heading}# {self._words['sources']}"
            for citation in record.citations:
                yield from self._quoted(citation)
        yield from self._listed()

    def _asked(self, moment: datetime) -> Iterator[str]:
        local = moment.astimezone(self._zone)
        yield self._words["asked"].format(day=self._day(moment), time=f"{local:%H:%M} {local:%Z}")
        if self._record.model != "extractive" and self._record.answered:
            yield self._words["written"].format(model=self._record.model)

    def _text(self) -> str:
        """The answer; its keys lead to the sentences that they name."""
        links = {citation.key: citation.link for citation in self._record.citations}
        return _KEY.sub(lambda key: link(f"[{key[1]}]", links.get(key[1])), escaped(self._record.answer))

    def _quoted(self, citation: CitationRecord) -> Iterator[str]:
        yield f"**{escaped(f'[{citation.key}]')}** {link(headline(citation.release.title), citation.link)}"
        yield "\n".join(f"> {line}" if line else ">" for line in escaped(citation.quote).split("\n"))
        page = "" if citation.page is None else f"p. {citation.page}"
        speaker = f"— {citation.speaker}" if citation.speaker else ""
        yield escaped("\n".join(filter(None, (speaker, self._of(citation.release, page)))))

    def _listed(self) -> Iterator[str]:
        """The releases that a refusal names as the nearest, or that a reply lists."""
        record = self._record
        releases = record.refusal.nearest if record.refusal else record.reply.releases if record.reply else ()
        if not releases:
            return
        yield f"{self._heading}# {self._words['nearest' if record.refusal else 'releases']}"
        yield "\n".join(f"- {link(headline(one.title), one.url)} · {escaped(self._of(one))}" for one in releases)
        if record.reply and record.reply.rest:
            yield escaped(rest(record.reply.rest, self._language))

    def _of(self, release: ReleaseRecord, page: str = "") -> str:
        """Where a release comes from, in a line: publisher, day, page, language, and what became of it."""
        words = self._words
        known = [
            headline(release.publisher or ""),
            self._day(release.published) if release.published else words["undated"],
            page,
            words.get(release.language or "", release.language),
            words["version"].format(version=release.version) if release.version > 1 else "",
            words["updated"].format(day=self._day(release.updated)) if release.updated else "",
            words["withdrawn"].format(day=self._day(release.withdrawn)) if release.withdrawn else "",
        ]
        return " · ".join(filter(None, known))

    def _day(self, moment: datetime) -> str:
        return day(moment, self._zone, self._language)


def _signs_escaped(line: str) -> str:
    return _PAIRED.sub(r"\\", _ADDRESS.sub(r"\\\g<0>", _MARKUP.sub(r"\\\g<0>", line)))
