"""An answer as a Markdown document to keep: question, moment, answer, and each quote with where it stands.

What a release says is text there and never markup: it makes no heading, list, picture or HTML, and no link but the one
that leads to it. The document is CommonMark; what GitHub, Obsidian and Pandoc add to it is escaped as well.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from typing import TYPE_CHECKING

from bot.answering.citations import web_address
from bot.answering.wording import day, rest
from bot.language.prompt_injection import headline, plain
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, tzinfo

    from bot.answering.codec import AnswerRecord, CitationRecord, ReleaseRecord

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


def file_name(question: str) -> str:
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
