"""Questions that could not be answered, on a terminal and in files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.cli.rendering.releases import cell
from bot.cli.rendering.stream import counted, on_stderr, on_stdout, one_line, print_hung, print_json
from bot.payloads.operations import question_group_payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.operations.questions import QuestionGroup
    from vectorstore.store import PassageStore

_COLUMNS = (
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


def print_groups(
    groups: Sequence[QuestionGroup], total: int, store: PassageStore, *, as_json: bool, kept: bool
) -> None:
    """Groups of questions, the most asked first, out of `total`; `kept` is whether further ones are kept."""
    told = [question_group_payload(group, store) for group in groups]
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


def export_groups(groups: Sequence[QuestionGroup], store: PassageStore, file: Path) -> None:
    """Write groups into a new file, as its name says. Raises OSError."""
    told = [question_group_payload(group, store) for group in groups]
    with file.open("x", encoding="utf-8", newline="") as stream:
        if file.suffix.lower() == ".jsonl":
            stream.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
            return
        table = csv.writer(stream)
        table.writerow(_COLUMNS)
        table.writerows([cell(row[column]) for column in _COLUMNS] for row in _rows(told))


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
