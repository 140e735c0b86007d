"""Feedback on a terminal, and in files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.console.stream import on_stderr, on_stdout, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EXPORTS = (".jsonl", ".csv")
"""How the names of files end that feedback can be written into."""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula


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
            out.print(Text(f"   {' — '.join(filter(None, (why, one['comment'])))}"))
        out.print(Text(f"   {one['answer']}"))
        for passage in one["passages"]:
            out.print(Text(f"   “{passage['quote']}”  {passage['id']}", style="dim"))
        out.print(Text(f"   {one['moment']} · index {one['index_version']} · {one['model']}", style="dim"))
    if total > len(said):
        on_stderr().print(f"{total - len(said)} more; print them with -n {total}", highlight=False)
    if not total:
        on_stderr().print("no feedback", highlight=False)


def export_feedback(said: Sequence[dict[str, Any]], file: Path) -> None:
    """Write feedback into a new file, as its name says. Raises OSError."""
    with file.open("x", encoding="utf-8", newline="") as stream:
        if file.suffix.lower() == ".jsonl":
            stream.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in said)
            return
        columns = [
            "moment",
            "verdict",
            "reasons",
            "comment",
            "question",
            "answer",
            "passages",
            "model",
            "index_version",
        ]
        table = csv.writer(stream)
        table.writerow(columns)
        table.writerows([_cell(one[column]) for column in columns] for one in said)


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a payload holds
    """A value as a spreadsheet may show it, and never run it."""
    if isinstance(value, list):
        value = "\n".join(one if isinstance(one, str) else f"{one['quote']} ({one['id']})" for one in value)
    text = str(value)
    return f"'{text}" if text.startswith(_ACTIVE) else text
