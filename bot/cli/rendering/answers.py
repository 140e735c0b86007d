"""Answers, passages and measures on a terminal."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot import payloads
from bot.answering import notes
from bot.answering.citations import emphasised, in_quote, page_label
from bot.answering.codec import answer_payload
from bot.answering.types import Usage
from bot.cli.rendering.releases import described
from bot.cli.rendering.stream import counted, on_stderr, on_stdout, one_line, print_json
from bot.language.prompt_injection import headline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from bot.answering.retriever import WordMatch
    from bot.answering.types import Answer, Citation
    from bot.operations.evaluate import Evaluation
    from vectorstore.types import Hit, StoredRelease


def print_growing(answers: Iterator[Answer], *, as_json: bool, in_a_row: bool = False) -> Answer:
    """Print an answer while it is written, on a terminal, and whole at its end; give it then.

    With `in_a_row` other answers follow, so that JSON takes one line and text ends with a blank one.
    """
    answer = next(answers)
    if not (answer.finished or as_json) and sys.stdout.isatty():
        with Live(Text(answer.text), console=on_stdout(), transient=True, auto_refresh=False) as live:
            for answer in answers:
                live.update(Text(answer.text), refresh=True)
    answer = deque(answers, maxlen=1).pop() if not answer.finished else answer
    print_answer(answer, as_json=as_json, on_a_line=in_a_row)
    if in_a_row and not as_json:
        on_stdout().print()
    return answer


def print_answer(answer: Answer, *, as_json: bool, on_a_line: bool = False) -> None:
    """An answer with its quotes, or a refusal with the nearest releases."""
    if as_json:
        print_json(answer_payload(answer), on_a_line=on_a_line)
        return
    out = on_stdout()
    out.print(Text.assemble(*((piece, "bold" if strong else "") for piece, strong in emphasised(answer))))
    for note in answer.notes:
        out.print(Text(note.text, style="dim"))
    if answer.usage:
        out.print(Text(_used(answer), style="dim"))
    if answer.refusal:
        _print_releases(out, answer.refusal.nearest)
    if answer.reply:
        _print_releases(out, answer.reply.releases)
        if answer.reply.rest:
            out.print(Text(notes.rest(answer.reply.rest, answer.language), style="dim"))
    for citation in answer.citations:
        out.print()
        _print_citation(out, citation)


def print_hits(hits: Sequence[Hit], matches: Sequence[Sequence[WordMatch]], *, as_json: bool) -> None:
    """Passages, best first, with the words that the question is found in."""
    if as_json:
        print_json([payloads.hit_payload(hit, found) for hit, found in zip(hits, matches, strict=True)])
        return
    out = on_stdout()
    for hit, found in zip(hits, matches, strict=True):
        ranks = ", ".join(
            f"{name} {rank}" for name, rank in (("dense", hit.dense_rank), ("words", hit.lexical_rank)) if rank
        )
        out.print(Text(f"{hit.rank}. {headline(hit.release.title)}", style="bold"))
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
        on_stderr().print(f"{counted(len(evaluation.failures), 'question')} failed; --json names each", highlight=False)


def _print_citation(out: Console, citation: Citation) -> None:
    release = citation.release
    out.print(Text(f"[{citation.key}] ", style="bold") + Text(headline(release.title)))
    out.print(Text("    " + " · ".join(filter(None, (described(release), page_label(citation)))), style="dim"))
    opens, closes = ("", "") if citation.quote[:1] in '«“"' else ("« ", " »")
    # Not on lines of its own choice: one could pass for the head of another citation.
    before, words, after = (part.replace("\n", " ") for part in in_quote(citation))
    speaker = f" — {citation.speaker}" if citation.speaker else ""
    out.print(Text.assemble(f"    {opens}{before}", (words, "bold"), f"{after}{closes}{speaker}"))
    if citation.link:
        out.print(Text(f"    {citation.link}"), soft_wrap=True)


def _used(answer: Answer) -> str:
    """Who wrote an answer, and what that took."""
    usage = answer.usage or Usage()
    about = "about " if usage.estimated else ""
    cost = "" if usage.cost is None else f", {about}{usage.cost:.4f}"
    return f"{answer.model}: {about}{usage.input_tokens} + {usage.output_tokens} tokens{cost}"


def _print_releases(out: Console, releases: Sequence[StoredRelease]) -> None:
    """To look at, not as evidence."""
    for release in releases:
        out.print(Text(f"  · {headline(release.title)} ({described(release)})", style="dim"))


def _marked(text: str, matches: Sequence[WordMatch], indent: str) -> Text:
    """A text with some of its words in bold, every line indented."""
    marked = Text(text)
    for match in matches:
        marked.stylize("bold", match.start, match.end)
    lines = [Text(indent).append_text(line) if line.plain else line for line in marked.split("\n", allow_blank=True)]
    return Text("\n").join(lines)


_PROMPT = "› "


def typed_lines() -> Iterator[str]:
    """What a person types, a line at a time, until the input ends or Ctrl-C; blank lines are left out.

    A line that does not come from a terminal is printed, so that the answers can be told apart.
    """
    if sys.stdin.isatty():
        yield from filter(str.strip, _typed())
        return
    for line in sys.stdin:
        if line.strip():
            yield line.strip()


def _typed() -> Iterator[str]:
    import readline  # noqa: F401 - the arrow keys bring back what was typed before

    while True:
        try:
            yield input(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            on_stderr().print()
            return


def print_greeting() -> None:
    """What one can do here."""
    print_remark("Ask about the releases. /sources shows what was quoted last, /reset starts over, /quit ends.")


def print_asked(question: str) -> None:
    """A question that was not typed on this terminal, so that its answer can be told from the others."""
    on_stdout().print(Text(f"{_PROMPT}{question}", style="bold"))


def print_sources(last: Answer | None) -> None:
    """The releases that the last answer quotes, each once."""
    out = on_stdout()
    releases = {one.release.id: one.release for one in last.citations}.values() if last else ()
    for release in releases:
        out.print(Text(headline(release.title), style="bold"))
        out.print(Text(f"   {described(release)}", style="dim"))
    if not releases:
        print_remark("nothing has been quoted yet")


def print_remark(sentence: str) -> None:
    """Something that is no answer."""
    on_stderr().print(Text(one_line(sentence)))
