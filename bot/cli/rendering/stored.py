"""What is stored, on a terminal and in files: releases, their events and sources; questions and feedback.

What JSON holds of a question stands here too, as records whose fields, in their order, are the contract.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from rich.text import Text

from bot import payloads
from bot.answering.citations import quote_link
from bot.answering.codec import Moment, Record, ReleaseRecord
from bot.cli.rendering import counted, described, on_stderr, on_stdout, one_line, print_hung, print_json
from bot.language.prompt_injection import headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.operations.names import SourceState
    from bot.operations.questions import QuestionGroup
    from bot.state.questions import RefusedQuestion
    from vectorstore.store import PassageStore
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
        on_stderr().print(f"{total - len(releases)} more; print them with -n {total}")


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
        on_stderr().print("nothing was taken down")


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
        on_stderr().print("no page is doubted")


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
        on_stderr().print("no source; name one as [[sources]] in communique.toml")


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


EXPORTS = (".jsonl", ".csv")
"""How the names of files end that questions and feedback can be written into."""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula

_QUESTION_COLUMNS = (
    "group",
    "question",
    "language",
    "times",
    "first",
    "last",
    "reason",
    "languages",
    "publishers",
    "since",
    "until",
    "answered",
    "quote",
    "release",
    "link",
    "id",
)
_FEEDBACK_COLUMNS = (
    "moment",
    "verdict",
    "reasons",
    "comment",
    "question",
    "answer",
    "passages",
    "model",
    "index_version",
)


def print_groups(
    groups: Sequence[QuestionGroup], total: int, store: PassageStore, *, as_json: bool, kept: bool
) -> None:
    """Groups of questions, the most asked first, out of `total`; `kept` is whether further ones are kept."""
    told = [_group_payload(group, store) for group in groups]
    if as_json:
        print_json(told)
        return
    for one in told:
        _print_group(one)
    if total > len(told):
        on_stderr().print(f"{total - len(told)} more; print them with -n {total}")
    if not total:
        on_stderr().print("no question is waiting for an answer")
    if not kept:
        on_stderr().print("questions are not kept; set questions.keep = true in communique.toml")


def print_note_head(groups: Sequence[QuestionGroup]) -> None:
    """How many there are."""
    answered = sum(bool(group.answered) for group in groups)
    text = f"in the last seven days: {counted(len(groups), 'question')} without an answer"
    on_stdout().print(Text(f"{text}; {answered} answered since" if answered else text, style="bold"))


def write_groups(groups: Sequence[QuestionGroup], store: PassageStore, stream: TextIO, suffix: str) -> None:
    """Write groups as `.jsonl`, one a line, or as `.csv`, a row for each wording."""
    told = [_group_payload(group, store) for group in groups]
    _write(told if suffix == ".jsonl" else _rows(told), _QUESTION_COLUMNS, stream, suffix)


def _rows(told: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each wording, with the number of its group and what answers that."""
    for number, group in enumerate(told, 1):
        answered = group["answered"] or {}
        release = answered.get("release") or {}
        since = {
            "answered": answered.get("moment", ""),
            "quote": answered.get("quote") or "",
            "release": release.get("id", ""),
            "link": answered.get("link") or "",
        }
        for wording in group["wordings"]:
            empty = {name: "" for name, value in wording.items() if value is None}
            yield wording | empty | {"group": number} | since


def _print_group(told: dict[str, Any]) -> None:
    """A group in a few lines: how often, the question, other wordings, and what answers it by now."""
    out = on_stdout()
    print_hung(out, Text(told["question"], style="bold"), 6, lead=f"{told['times']}×")
    others = [one for one in told["wordings"] if one["question"] != told["question"]]
    for one in others:
        print_hung(out, f"also: {one['question']}", 6)
    days = " to ".join(dict.fromkeys((told["first"][:10], told["last"][:10])))
    languages = ", ".join(dict.fromkeys(one["language"] for one in told["wordings"]))
    ids = " ".join(one["id"] for one in told["wordings"])
    print_hung(out, " · ".join((days, languages, *_bounds(told["wordings"][0]))), 6, style="dim")
    if answered := told["answered"]:
        release = answered["release"] or {}
        print_hung(out, Text(f"answered since {answered['moment'][:10]}: “{answered['quote'] or '…'}”", "green"), 6)
        where = answered["link"] or release.get("id", "")
        print_hung(out, one_line(f"{release.get('title', '')} · {where}"), 6, style="dim")
    print_hung(out, ids, 6, style="dim")


def _bounds(wording: dict[str, Any]) -> Iterator[str]:
    """The bounds that a question was asked within."""
    if wording["publishers"]:
        yield f"of {', '.join(wording['publishers'])}"
    if wording["languages"]:
        yield f"in {', '.join(wording['languages'])}"
    for name in ("since", "until"):
        if wording[name]:
            yield f"{name} {wording[name][:10]}"


class AnsweredRecord(Record):
    """What a release says to a question that could not be answered when it was asked; without it once it is gone."""

    moment: Moment
    quote: str | None
    link: str | None
    release: ReleaseRecord | None

    @classmethod
    def of(cls, question: RefusedQuestion, release: StoredRelease | None) -> AnsweredRecord | None:
        """None for a question that is still open; `release` is the version that it names."""
        if question.answered is None or question.quote is None:
            return None
        start, end = question.quote.start, question.quote.end
        return cls(
            moment=question.answered,
            quote=release.text[start:end] if release else None,
            link=quote_link(release, start, end) if release else None,
            release=ReleaseRecord.model_validate(release) if release else None,
        )


class WordingRecord(Record):
    """A question as it was asked, within which bounds, and what was said to it."""

    id: str
    question: str
    language: str
    times: int
    first: Moment
    last: Moment
    reason: str
    languages: tuple[str, ...]
    publishers: tuple[str, ...]
    since: Moment | None
    until: Moment | None

    @classmethod
    def of(cls, question: RefusedQuestion) -> WordingRecord:
        """As it is kept."""
        where = question.where
        return cls(
            id=question.id,
            question=question.question,
            language=question.language,
            times=question.times,
            first=question.first,
            last=question.last,
            reason=question.reason,
            languages=where.languages,
            publishers=where.publishers,
            since=where.since,
            until=where.until,
        )


class QuestionGroupRecord(Record):
    """Questions that could not be answered and want the same."""

    question: str
    times: int
    first: Moment
    last: Moment
    answered: AnsweredRecord | None
    wordings: tuple[WordingRecord, ...]


def _group_payload(group: QuestionGroup, store: PassageStore) -> dict[str, Any]:
    """Questions that want the same; what answers one of them now is read from the store."""
    answered = None
    if (question := group.answered) and question.quote:
        answered = AnsweredRecord.of(question, store.records.get(question.quote.release_id, question.quote.version))
    told = QuestionGroupRecord(
        question=group.example.question,
        times=group.times,
        first=group.first,
        last=group.last,
        answered=answered,
        wordings=tuple(map(WordingRecord.of, group.questions)),
    )
    return told.model_dump(mode="json")


def print_feedback(said: Sequence[dict[str, Any]], total: int, *, as_json: bool) -> None:
    """What people said, newest first, out of `total`."""
    if as_json:
        print_json(list(said))
        return
    out = on_stdout()
    for one in said:
        good = one["verdict"] == "good"
        why = ", ".join(reason.replace("_", " ") for reason in one["reasons"])
        out.print(Text(f"{'+' if good else '-'} {one['question']}", style="bold green" if good else "bold red"))
        if why or one["comment"]:
            print_hung(out, " — ".join(filter(None, (why, one["comment"]))), 3)
        print_hung(out, one["answer"], 3)
        for passage in one["passages"]:
            print_hung(out, f"“{passage['quote']}”  {passage['id']}", 3, style="dim")
        print_hung(out, f"{one['moment']} · index {one['index_version']} · {one['model']}", 3, style="dim")
    if total > len(said):
        on_stderr().print(f"{total - len(said)} more; print them with -n {total}")
    if not total:
        on_stderr().print("no feedback")


def write_feedback(said: Sequence[dict[str, Any]], stream: TextIO, suffix: str) -> None:
    """Write feedback as `.jsonl` or `.csv`."""
    _write(said, _FEEDBACK_COLUMNS, stream, suffix)


def _write(rows: Iterable[dict[str, Any]], columns: Sequence[str], stream: TextIO, suffix: str) -> None:
    if suffix == ".jsonl":
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return
    table = csv.writer(stream)
    table.writerow(columns)
    table.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a payload holds
    """A value as a spreadsheet may show it, and never run it."""
    if isinstance(value, list):
        value = "\n".join(one if isinstance(one, str) else f"{one['quote']} ({one['id']})" for one in value)
    text = str(value)
    return f"'{text}" if text.startswith(_ACTIVE) else text
