"""Releases on a terminal, with their versions, events and sources; and, like answers, as documents that are kept.

A document is Markdown, HTML or JSON lines, and written piece by piece, so that it may be larger than memory. What a
release says is escaped in it: in HTML it is text and never markup, in Markdown neither a heading nor a link of its own.
"""

from __future__ import annotations

import enum
import html
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from rich.text import Text

from bot import markdown, payloads
from bot.answering.citations import web_address
from bot.answering.codec import ReleaseRecord
from bot.cli.rendering import (
    counted,
    day,
    described,
    escaped,
    on_stderr,
    on_stdout,
    one_line,
    print_hung,
    print_json,
)
from bot.language.prompt_injection import headline, plain
from bot.markdown import answer_markdown
from bot.payloads import full_release_payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from bot.answering.codec import AnswerRecord, CitationRecord
    from bot.operations.sources import SourceState
    from bot.state.answers import KeptAnswer
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Doubted, Event, Relations, SourceHealth, StoredRelease, Takedown


def print_releases(releases: Sequence[StoredRelease], total: int, *, as_json: bool) -> None:
    """A list of releases, newest first."""
    if as_json:
        print_json([payloads.release_payload(release) for release in releases])
        return
    out = on_stdout()
    for release in releases:
        print_hung(out, headline(release.title), style="bold")
        print_hung(out, described(release, address=release.url != release.id), 3, style="dim")
        print_hung(out, release.id, 3, style="dim")
    if total > len(releases):
        on_stderr().print(f"{total - len(releases)} more; print them with -n {total}", highlight=False)


def print_release(release: StoredRelease, relations: Relations, *, as_json: bool) -> None:
    """One release with its text, and the releases that it belongs together with."""
    if as_json:
        print_json(payloads.shown_payload(release, relations))
        return
    out = on_stdout()
    print_hung(out, headline(release.title), style="bold")
    print_hung(out, f"{described(release)} · version {release.version}", style="dim")
    for twin in relations.twins:
        print_hung(out, f"also as {twin.other(release.id)} ({twin.reason}, {twin.score:.2f})", style="dim")
    if relations.corrects:
        print_hung(out, f"corrects {relations.corrects}", style="dim")
    for correction in relations.corrected_by:
        print_hung(out, f"corrected by {correction}", style="bold")
    out.print()
    print_hung(out, release.text)


def print_history(versions: Sequence[StoredRelease], changes: Sequence[Sequence[Difference]], *, as_json: bool) -> None:
    """Every version of a release, oldest first, with the sentences that each changed of the one before."""
    if as_json:
        print_json([payloads.version_payload(one, what) for one, what in zip(versions, changes, strict=True)])
        return
    out = on_stdout()
    for version, what in zip(versions, changes, strict=True):
        seen = f"{version.first_seen:%Y-%m-%d %H:%M} UTC"
        print_hung(out, f"seen first {seen} · {headline(version.title)}", 3, lead=f"{version.version}. ", style="bold")
        print_hung(out, f"{described(version)} · {counted(len(version.text), 'character')}", 3, style="dim")
        for change in what:
            for mark, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if text:
                    print_hung(out, text, 5, lead=f"   {mark} ", style=style)


def print_takedowns(takedowns: Sequence[Takedown], *, as_json: bool) -> None:
    """What was taken down, the latest first."""
    if as_json:
        print_json([_takedown_payload(takedown) for takedown in takedowns])
        return
    for takedown in takedowns:
        allowed = f", allowed again {takedown.allowed:%Y-%m-%d %H:%M} UTC" if takedown.allowed else ""
        on_stdout().print(Text(one_line(takedown.release_id), style="bold"), soft_wrap=True)
        on_stdout().print(Text(f"   removed {takedown.moment:%Y-%m-%d %H:%M} UTC{allowed}", style="dim"))
    if not takedowns:
        on_stderr().print("nothing was taken down", highlight=False)


def _takedown_payload(takedown: Takedown) -> dict[str, Any]:
    """What was taken down, without a word of it."""
    return {
        "id": takedown.release_id,
        "removed": takedown.moment.isoformat(),
        "allowed_again": takedown.allowed.isoformat() if takedown.allowed else None,
        "addresses": list(takedown.addresses),
    }


def print_doubted(pages: Sequence[Doubted], *, as_json: bool) -> None:
    """The pages that are kept aside, with what speaks against them and how they begin."""
    if as_json:
        print_json([_doubted_payload(page) for page in pages])
        return
    for page in pages:
        on_stdout().print(Text(one_line(page.address), style="bold"), soft_wrap=True)
        print_hung(on_stdout(), one_line(page.cause), 3, style="dim")
        begins = one_line(f"{page.title}: {page.text[:200]}")
        print_hung(on_stdout(), f"since {page.since:%Y-%m-%d %H:%M} UTC: {begins}", 3)
    if not pages:
        on_stderr().print("no page is doubted", highlight=False)


def _doubted_payload(page: Doubted) -> dict[str, Any]:
    """A page that is kept aside."""
    return {
        "address": page.address,
        "release_id": page.release_id,
        "cause": page.cause,
        "since": page.since.isoformat(),
        "seen": page.seen.isoformat(),
        "title": page.title,
        "text": page.text,
    }


def print_events(events: Sequence[Event], *, as_json: bool) -> None:
    """What happened to releases, oldest first."""
    if as_json:
        print_json([payloads.event_payload(event) for event in events])
        return
    for event in events:
        on_stdout().print(
            Text(f"{event.number}  {event.moment:%Y-%m-%d %H:%M} UTC  {event.kind:9}  {event.release_id}"),
            soft_wrap=True,
        )


def print_sources(states: Sequence[SourceState], *, as_json: bool) -> None:
    """Each source with where it is from, what is stored of it and how its last run went."""
    if as_json:
        print_json([payloads.source_payload(state) for state in states])
        return
    for state in states:
        on_stdout().print(Text(one_line(state.name or state.location), style="bold"), soft_wrap=True)
        if state.name:
            on_stdout().print(Text(f"   {one_line(state.location)}", style="dim"), soft_wrap=True)
        origin = "from the settings" if state.in_settings else "named by hand"
        stored = counted(state.releases, "release")
        print_hung(on_stdout(), f"{state.standing} · {origin} · {stored}", 3, style="dim")
        print_hung(on_stdout(), one_line(fared(state)), 3)
    if not states:
        on_stderr().print("no source; name one as [[sources]] in communique.toml", highlight=False)


def fared(state: SourceState) -> str:
    """How a source fared, in a line."""
    told = _health(state.health) if state.health else "never read"
    return f"paused since {state.paused:%Y-%m-%d %H:%M} UTC; {told}" if state.paused else told


def _health(health: SourceHealth) -> str:
    watched = health.next_run is not None and health.next_run > datetime.now(UTC)  # else the watch was ended since
    following = f"; next {health.next_run:%Y-%m-%d %H:%M} UTC" if watched else ""
    if health.failures:
        worked = f"{health.last_success:%Y-%m-%d %H:%M} UTC" if health.last_success else "never"
        times = "once" if health.failures == 1 else f"{health.failures} times"
        return f"failing ({times}; last worked: {worked}): {health.error}{following}"
    return f"{health.last_run:%Y-%m-%d %H:%M} UTC: {health.outcome}{following}"


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
