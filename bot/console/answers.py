"""Answers, passages and measures on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bot import payloads
from bot.console.releases import described
from bot.console.stream import on_stderr, on_stdout, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from bot.answer import Answer, Citation, Refusal
    from bot.evaluate import Evaluation
    from bot.retrieve import Match
    from vectorstore.passage import Hit


def print_answer(answer: Answer, *, as_json: bool) -> None:
    """An answer with its quotes, or a refusal with the nearest releases."""
    if as_json:
        print_json(payloads.answer_payload(answer))
        return
    out = on_stdout()
    out.print(Text(answer.text))
    for note in answer.notes:
        out.print(Text(note.text, style="dim"))
    if answer.refusal:
        _print_nearest(out, answer.refusal)
    for citation in answer.citations:
        out.print()
        _print_citation(out, citation)


def print_hits(hits: Sequence[Hit], matches: Sequence[Sequence[Match]], *, as_json: bool) -> None:
    """Passages, best first, with the words that the question is found in."""
    if as_json:
        print_json([payloads.hit_payload(hit, found) for hit, found in zip(hits, matches, strict=True)])
        return
    out = on_stdout()
    for hit, found in zip(hits, matches, strict=True):
        ranks = ", ".join(
            f"{name} {rank}" for name, rank in (("dense", hit.dense_rank), ("words", hit.lexical_rank)) if rank
        )
        out.print(Text(f"{hit.rank}. {hit.release.title}", style="bold"))
        out.print(Text(f"   {described(hit.release)} · score {hit.score:.3f} ({ranks})", style="dim"))
        out.print(_marked(hit.passage.text, found, "   "))
    if not hits:
        on_stderr().print("nothing found", highlight=False)


def print_nothing_stored(home: Path) -> None:
    """A hint for those who ask before there is anything to be found."""
    on_stderr().print(Text(f"nothing is stored in {home} yet; ingest releases first: communique ingest FOLDER"))


def print_evaluation(evaluation: Evaluation, *, as_json: bool) -> None:
    """The measures of `eval`, one a row, each language beside the whole."""
    if as_json:
        print_json(evaluation.payload())
        return
    table = Table(box=None)
    table.add_column("")
    columns = {"all": evaluation.whole, **evaluation.per_language}
    for name in columns:
        table.add_column(Text(name), justify="right")
    for measure in evaluation.whole:
        values = [figures.get(measure) for figures in columns.values()]
        table.add_row(measure, *("–" if value is None else f"{value:.4g}" for value in values))
    on_stdout().print(table)
    if evaluation.failures:
        on_stderr().print(f"{len(evaluation.failures)} questions failed; --json names them", highlight=False)


def _print_citation(out: Console, citation: Citation) -> None:
    release = citation.release
    out.print(Text(f"[{citation.key}] ", style="bold") + Text(release.title))
    out.print(Text(f"    {described(release)}", style="dim"))
    out.print(Text(f"    « {citation.quote} »"))
    if citation.link:
        out.print(Text(f"    {citation.link}"), soft_wrap=True)


def _print_nearest(out: Console, refusal: Refusal) -> None:
    for release in refusal.nearest:
        out.print(Text(f"  · {release.title} ({described(release)})", style="dim"))


def _marked(text: str, matches: Sequence[Match], indent: str) -> Text:
    """A text with some of its words in bold, every line indented."""
    marked = Text(text)
    for match in matches:
        marked.stylize("bold", match.start, match.end)
    lines = [Text(indent).append_text(line) if line.plain else line for line in marked.split("\n", allow_blank=True)]
    return Text("\n").join(lines)
