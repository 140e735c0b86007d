"""Answers, passages, timelines and measures on a terminal."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

from rich.live import Live
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot import payloads
from bot.answering import wording
from bot.answering.citations import emphasised, in_quote, in_turn, page_label, quotation_marks, shown
from bot.answering.codec import answer_payload
from bot.answering.types import NoteKind
from bot.answering.wording import nothing_left
from bot.cli.rendering import counted, described, on_stderr, on_stdout, one_line, print_hung, print_json
from bot.language.prompt_injection import headline
from vectorstore.types import dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from bot.answering.retriever import WordMatch
    from bot.answering.timeline import Timeline, TimelineEntry
    from bot.answering.types import Answer, Citation
    from bot.operations.evaluate import Evaluation
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter, Hit, StoredRelease


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
    """An answer with its sources, or a refusal with the nearest releases; no quote and no link stands there twice."""
    if as_json:
        print_json(answer_payload(answer), on_a_line=on_a_line)
        return
    out = on_stdout()
    if answer.citations and answer.text == in_turn(answer.citations):  # nothing stands between the quotes
        paragraphs = [_quote(one, shown, f" [{one.key}]") for one in answer.citations]
    else:
        paragraphs = [Text.assemble(*((piece, "bold" if strong else "") for piece, strong in emphasised(answer)))]
    print_hung(out, Text("\n\n").join(paragraphs))
    if aside := list(_aside(answer)):
        out.print()
        for sentence in aside:
            print_hung(out, sentence, style="dim")
    if answer.refusal and answer.refusal.nearest:
        out.print()
        print_hung(out, _NEAREST.get(answer.language, _NEAREST["en"]))
        _print_releases(out, answer.refusal.nearest)
    if answer.reply:
        _print_releases(out, answer.reply.releases)
        if answer.reply.rest:
            print_hung(out, wording.rest(answer.reply.rest, answer.language), 4, style="dim")
    by_release: dict[tuple[str, int], list[Citation]] = {}
    for citation in answer.citations:
        by_release.setdefault((citation.release.id, citation.release.version), []).append(citation)
    for citations in by_release.values():
        out.print()
        _print_source(out, citations, answer)


_NEAREST = {"fr": "Les communiqués les plus proches :", "en": "The nearest releases:"}


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
        if hit.rank > 1:
            out.print()
        print_hung(out, headline(hit.release.title), 3, lead=f"{hit.rank}. ", style="bold")
        print_hung(out, f"{described(hit.release)} · score {hit.score:.3f} ({ranks})", 3, style="dim")
        print_hung(out, _marked(hit.passage.text, found), 3)


_DAY = len("2024-10-17  ")


def print_timeline(timeline: Timeline, *, as_json: bool) -> None:
    """The releases about a topic, oldest first, each with its sentence, and how its figure has changed."""
    if as_json:
        print_json(payloads.timeline_payload(timeline))
        return
    out = on_stdout()
    print_hung(out, timeline.head)
    if timeline.more:
        print_hung(out, timeline.more, style="dim")
        on_stderr().print("show them with --until, or more at once with -n", highlight=False)
    for entry in timeline.entries:
        out.print()
        _print_entry(out, entry)


def _print_entry(out: Console, entry: TimelineEntry) -> None:
    citation, release = entry.citation, entry.release
    opens, closes = quotation_marks(citation.quote, release.language)
    speaker = f" — {citation.speaker}" if citation.speaker else ""
    lead = Text(dated(release.published).ljust(_DAY), style="bold cyan")
    print_hung(out, Text(headline(release.title), style="bold"), _DAY, lead=lead)
    print_hung(out, f"{opens}{citation.quote}{closes}{speaker}", _DAY)
    if entry.change:
        print_hung(out, entry.change.text, _DAY, style="bold yellow")
    for note in entry.notes:
        print_hung(out, note.text, _DAY, style="red")
    known = (described(release, address=citation.link is None), page_label(citation))
    print_hung(out, " · ".join(filter(None, known)), _DAY, style="dim")
    if citation.link:
        print_hung(out, citation.link, _DAY, style="dim")


def print_nothing_found(store: PassageStore, where: Filter) -> None:
    """That nothing was found, and where a filter lets no release through, which part of it is to blame."""
    print_remark("nothing found" if store.records.count_releases(where) else nothing_left(store, where, "en"))


def print_nothing_stored(home: Path) -> None:
    """A hint for those who ask before there is anything to be found."""
    print_remark(f"nothing is stored in {home} yet; ingest releases first: communique ingest FOLDER")


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


def print_short_of(lower: Mapping[str, float | None], bounds: Mapping[str, float]) -> None:
    """The measures of `eval` that are lower than `--fail-under` allows."""
    for measure, value in lower.items():
        was = "could not be measured" if value is None else f"is {value:.4g}"
        print_remark(f"failed: {measure} {was}, and is to be {bounds[measure]:.4g} at least")


def _quote(citation: Citation, spelt: Callable[[str], str], behind: str = "") -> Text:
    """A quote in the marks of its language, with its speaker."""
    opens, closes = quotation_marks(citation.quote, citation.release.language)
    quote = Text(spelt(citation.quote))
    before, words, _ = map(spelt, in_quote(citation))
    if quote.plain.startswith(before + words):  # not where what is spelt otherwise lies across the border
        quote.stylize("bold", len(before), len(before + words))
    speaker = f" — {citation.speaker}" if citation.speaker else ""
    return Text.assemble(opens, quote, f"{closes}{speaker}{behind}")


def _on_a_line(quote: str) -> str:
    """Word for word, but not on lines of its own choice: one could pass for the head of another citation."""
    return quote.replace("\n", " ")


def _print_source(out: Console, citations: Sequence[Citation], answer: Answer) -> None:
    """A release with the keys of what is quoted of it, the quotes that the answer itself does not show, and links."""
    release = citations[0].release
    links = list(dict.fromkeys(citation.link for citation in citations if citation.link))
    keys = Text(" ").join(Text(f"[{one.key}]", style=Style(bold=True, link=one.link)) for one in citations)
    print_hung(out, headline(release.title), 4, lead=keys.append(" "))
    updated = not any(note.kind is NoteKind.UPDATED for note in answer.notes)
    pages = dict.fromkeys(filter(None, map(page_label, citations)))
    details = (described(release, updated=updated, address=not links), ", ".join(pages))
    print_hung(out, " · ".join(filter(None, details)), 4, style="dim")
    for citation in citations:
        if _on_a_line(citation.quote) not in answer.text:
            key = f" [{citation.key}]" if len(citations) > 1 else ""
            print_hung(out, _quote(citation, _on_a_line, key), 4)
    if links and out.color_system:  # a terminal that opens a link at the quote, whatever it shows
        print_hung(out, Text(release.url or links[0], style=Style(dim=True, link=links[0])), 4)
        return
    for link in links:
        print_hung(out, link, 4)


def _aside(answer: Answer) -> Iterator[str]:
    """What is to be known beside an answer, and what a language model took for it.

    An address that a source below shows is left to it.
    """
    addresses = [one.release.url for one in answer.citations if one.release.url]
    for note in answer.notes:
        cut = next((f" {one}" for one in addresses if note.text.endswith(f" {one}")), "")
        yield note.text.removesuffix(cut)
    usage = answer.usage
    if usage and (usage.input_tokens or usage.output_tokens):
        about = "about " if usage.estimated else ""
        cost = "" if usage.cost is None else f", {about}{usage.cost:.4f}"
        yield f"{answer.model}: {about}{usage.input_tokens} + {usage.output_tokens} tokens{cost}"


def _print_releases(out: Console, releases: Sequence[StoredRelease]) -> None:
    """To look at, not as evidence."""
    for release in releases:
        print_hung(out, headline(release.title), 4, lead="  · ")
        print_hung(out, described(release), 4, style="dim")


def _marked(text: str, matches: Sequence[WordMatch]) -> Text:
    """A text with some of its words in bold."""
    marked = Text(text)
    for match in matches:
        marked.stylize("bold", match.start, match.end)
    return marked


_PROMPT = "› "


def typed_lines() -> Iterator[str]:
    """What a person types, a line at a time, until the input ends or Ctrl-C; blank lines are left out.

    A line that does not come from a terminal is printed, so that the answers can be told apart.
    """
    yield from filter(None, map(str.strip, _typed() if sys.stdin.isatty() else sys.stdin))


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


def print_help() -> None:
    """What can be typed besides a question, line by line."""
    for command, does in _COMMANDS.items():
        print_hung(on_stderr(), does, 10, lead=command)


_COMMANDS = {
    "/sources": "shows the releases that the last answer quotes, with their addresses",
    "/reset": "starts over: what was said before no longer counts",
    "/help": "shows this",
    "/quit": "ends, as does Ctrl-D; Ctrl-C stops an answer",
}


def print_asked(question: str) -> None:
    """A question that was not typed on this terminal, so that its answer can be told from the others."""
    on_stdout().print(Text(f"{_PROMPT}{question}", style="bold"))


def print_quoted_releases(last: Answer | None) -> None:
    """The releases that the last answer quotes, each once; of a refusal those that came nearest."""
    out = on_stdout()
    releases = list({one.release.id: one.release for one in last.citations}.values()) if last else []
    if last and last.refusal and last.refusal.nearest:
        print_remark("the last question was not answered, so nothing is quoted; these releases came nearest")
        releases = list(last.refusal.nearest)
    elif not releases:
        print_remark("the last answer quotes nothing" if last else "nothing has been quoted yet")
    for release in releases:
        print_hung(out, headline(release.title), style="bold")
        print_hung(out, described(release), 3, style="dim")


def print_remark(sentence: str) -> None:
    """Something that is no answer."""
    on_stderr().print(Text(one_line(sentence)))
