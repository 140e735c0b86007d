"""Settings and the state of all parts on a terminal: what is set, what is wrong, and what mends it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bot.cli.rendering.stream import counted, on_stderr, on_stdout, one_line, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.operations.doctor import Diagnosis
    from bot.settings import SettingFault, SettingInForce


def print_settings(settings: Sequence[SettingInForce], file: Path | None, *, as_json: bool) -> None:
    """Each setting a row; those that differ from the default stand out."""
    if as_json:
        print_json({"file": str(file) if file else None, "settings": [one.payload() for one in settings]})
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for one in settings:
        value = "" if one.value is None else json.dumps(one.value, ensure_ascii=False)
        style = "dim" if one.origin == "default" else "bold"
        table.add_row(
            Text(one.name, style=style), Text(value, overflow="fold"), Text(one.where or one.origin, style="dim")
        )
    on_stdout().print(table)
    _print_file(file)


def print_faults(faults: Sequence[SettingFault], file: Path | None, *, as_json: bool) -> None:
    """What is wrong, a line each; one line where nothing is."""
    if as_json:
        named = [{"name": fault.name, "cause": fault.cause, "nearest": fault.nearest} for fault in faults]
        print_json({"file": str(file) if file else None, "faults": named})
        return
    for fault in faults:
        on_stdout().print(Text(one_line(str(fault))))
    _print_file(file)
    on_stderr().print(Text(counted(len(faults), "fault") if faults else "no fault"))


_COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def print_diagnoses(diagnoses: Iterator[Diagnosis], *, as_json: bool) -> bool:
    """Each part a line, as soon as it was looked at; whether none failed."""
    seen = []
    for diagnosis in diagnoses:
        seen.append(diagnosis)
        finding = diagnosis.finding
        if not as_json:
            said = f"{finding.said}; {finding.mend}" if finding.mend else finding.said
            state = Text(f"{finding.state:<5}", style=_COLOURS[finding.state])
            on_stdout().print(state + Text(f" {diagnosis.name}: {one_line(said).removeprefix(f'{diagnosis.name}: ')}"))
    healthy = all(one.finding.state != "fail" for one in seen)
    if as_json:
        print_json({"healthy": healthy, "checks": [one.payload() for one in seen]})
    return healthy


def print_example(text: str) -> None:
    """The example as it is, to be written into a file."""
    sys.stdout.write(text)


def _print_file(file: Path | None) -> None:
    read = (
        f"read {file} and the environment"
        if file
        else "read the environment; there is no communique.toml, neither here nor in the home"
    )
    on_stderr().print(Text(one_line(read), style="dim"))
