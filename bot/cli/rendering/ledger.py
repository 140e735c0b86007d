"""What the ledger keeps, on a terminal and in files: questions that could not be answered, and feedback on answers.

What JSON holds of a question stands here too, as records whose fields, in their order, are the contract.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, TextIO

from rich.text import Text

from bot.answering.citations import quote_link
from bot.answering.codec import Moment, Record, ReleaseRecord
from bot.cli.rendering import counted, on_stderr, on_stdout, one_line, print_hung, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.operations.questions import QuestionGroup
    from bot.state.questions import RefusedQuestion
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

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
        on_stderr().print(f"{total - len(told)} more; print them with -n {total}", highlight=False)
    if not total:
        on_stderr().print("no question is waiting for an answer", highlight=False)
    if not kept:
        on_stderr().print("questions are not kept; set questions.keep = true in communique.toml", highlight=False)


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
        on_stderr().print(f"{total - len(said)} more; print them with -n {total}", highlight=False)
    if not total:
        on_stderr().print("no feedback", highlight=False)


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
