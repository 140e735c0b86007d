"""`communique ask`, `chat`, `search`, `timeline`, `open` and `eval`: what a store answers."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.edge import Terminated
from bot.cli.options import (
    AsJson,
    AsOf,
    Languages,
    ModelName,
    Publishers,
    Since,
    Until,
    complete_publishers,
    in_words,
    read_filter,
    read_moment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answering.pipeline import Ask
    from bot.answering.types import Answer, Conversation
    from bot.wiring import Built


def ask(
    ctx: typer.Context,
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="A question, in French or English; best in quotation marks.")
    ],
    as_json: AsJson = False,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
    passages: Annotated[
        int | None, typer.Option(min=1, max=200, help="Number of passages to look for the answer in.")
    ] = None,
    as_of: AsOf = None,
    model: ModelName = None,
) -> None:
    """Answer a question with quotes from the releases, or say that they hold no answer.

    Example: communique ask "Qui présidait la réunion ?" --since 2024-10-01
    """
    from bot.answering.pipeline import Ask
    from bot.cli.rendering.answers import print_growing, print_nothing_stored
    from bot.wiring import opened

    with opened(ctx.obj, model=model) as built:
        where = read_filter(built, languages, publishers, since, until)
        moment = read_moment("--as-of", as_of, built.zone)
        words = in_words(question)
        if model:
            must_run(built)
        asked = Ask(words, where=where, as_of=moment, passages=passages)
        built.last_answer.keep(print_growing(_answers(built, asked), as_json=as_json))
        if not built.store.records.count_releases():
            print_nothing_stored(built.settings.home)


def must_run(built: Built) -> None:
    """Find out before anything is asked that a model on the command line cannot run. Raises ModelSetupError.

    One in the settings may be away for a while, and answers go on without it; one that is named by hand is wanted.
    """
    if built.model:
        built.model.connect()


def search(
    ctx: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words or a question.")],
    as_json: AsJson = False,
    count: Annotated[int, typer.Option("-k", min=1, max=1000, help="Passages to print.")] = 10,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Print the passages that match a question best, best first.

    Example: communique search "soutien à l'Ukraine" -k 5 --language fr
    """
    from bot.cli.rendering.answers import print_hits, print_nothing_found, print_nothing_stored
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        where, words = read_filter(built, languages, publishers, since, until), in_words(query)
        hits = built.retriever.find(words, where=where, limit=count)
        matches = [built.retriever.matches(words, hit.passage.text) for hit in hits]
        print_hits(hits, matches, as_json=as_json)
        if not built.store.records.count_releases():
            print_nothing_stored(built.settings.home)
        elif not hits:
            print_nothing_found(built.store, where)


Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--publisher",
        "--source",
        metavar="NAME",
        help="Only releases of this publisher, in capitals or not; repeatable.",
        autocompletion=complete_publishers,
    ),
]


def timeline(
    ctx: typer.Context,
    topic: Annotated[list[str], typer.Argument(metavar="TOPIC", help="A few words, in French or English.")],
    as_json: AsJson = False,
    count: Annotated[int, typer.Option("-n", min=1, max=100, help="Releases to print, the newest.")] = 20,
    languages: Languages = None,
    publishers: Sources = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Print the releases about a topic, oldest first, each with the sentence that shows it, word for word.

    A figure that an earlier one of these sentences gave too is marked with the difference, where both certainly
    measure the same.

    Example: communique timeline "soutien à l'Ukraine" --since 2024-01-01
    """
    from bot.answering.timeline import TimelineQuery, linked_timeline
    from bot.cli.rendering.answers import print_nothing_stored, print_timeline
    from bot.wiring import opened

    words = in_words(topic)
    with opened(ctx.obj) as built:
        query = TimelineQuery(words, read_filter(built, languages, publishers, since, until), limit=count)
        print_timeline(linked_timeline(built.timelines.find(query), built.web_address), as_json=as_json)
        if not built.store.records.count_releases():
            print_nothing_stored(built.settings.home)


def open_citation(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="N|ID", help="A citation of the last answer by its number, or a release by its id."),
    ] = "1",
    only_print: Annotated[bool, typer.Option("--print", help="Print the address, and open nothing.")] = False,
) -> None:
    """Open a citation of the last answer in the browser, at the quote; or a release.

    A release without an address of its own opens on the page of `communique serve`, while it runs.

    The last answer is that of `communique ask` or `chat` on the same home. The address is printed too.

    Example: communique open 2
    """
    import webbrowser

    from bot.cli.rendering import one_line
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        link = _link(built, what)
    typer.echo(one_line(link))
    if not only_print and not webbrowser.open(link):
        typer.echo("there is no browser here; open the address above", err=True)


def _link(built: Built, what: str) -> str:
    from bot.answering.citations import page_link, quote_link, web_address
    from bot.errors import CitationError, NoAddressError
    from bot.operations.names import release_meant, release_named

    cited = {one.key: one for one in built.last_answer.citations()}
    if place := cited.get(what):
        release = release_named(built.store, place.release_id, place.version)
        link, marked = quote_link(release, place.start, place.end), (place.start, place.end)
    elif what.isdecimal() and not built.store.records.get(what):
        raise CitationError(what, tuple(cited))
    else:
        release = release_meant(built.store, what)
        link, marked = web_address(release.url), None
    if link is None and (address := built.web_address):
        return page_link(address, release, marked)
    if link is None:
        raise NoAddressError(release.id)
    return link


def evaluate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Questions, one JSON object per line.")],
    as_json: AsJson = False,
    search_only: Annotated[
        bool, typer.Option("--search-only", help="Measure retrieval only, without answering.")
    ] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MEASURE=]SHARE",
            help="Exit code 1 if a measure is lower, as in `hit@5=0.9`; a share alone is of hit@5. Repeatable.",
        ),
    ] = None,
) -> None:
    """Measure retrieval, answers and refusals on questions of your own.

    A line holds `question`, and what is known of its answer: `relevant` (ids or addresses of releases) or else
    `passage_contains` (a list of strings, one of which the passage holds), `contains` (strings that the answer holds),
    `answerable` (true or false); also `id`, `language`, `as_of`, and `history`: a list of objects with `question` and
    `answer`, what was said before.

    Example: communique eval questions.jsonl --fail-under hit@5=0.9 --fail-under quotes_verbatim=1
    """
    from bot.cli.rendering.answers import print_evaluation, print_short_of
    from bot.operations.evaluate import evaluate, read_questions
    from bot.wiring import opened

    bounds = _read_bounds(fail_under or [])
    questions = read_questions(file)
    with opened(ctx.obj) as built:
        answerer = None if search_only else built.new_answerer(built.model)  # what it refuses is nobody's question
        evaluation = evaluate(questions, built.retriever, answerer)
    print_evaluation(evaluation, as_json=as_json)
    if lower := evaluation.lower_than(bounds):
        print_short_of(lower, bounds)
        raise typer.Exit(1)


def _read_bounds(texts: list[str]) -> dict[str, float]:
    """The lowest value of each measure that is named; misuse where a measure is none, or a share is no number."""
    from bot.operations.evaluate import SHARES

    bounds = {}
    for text in texts:
        measure, _, share = text.rpartition("=")
        try:
            bounds[measure or "hit@5"] = float(share)
        except ValueError:
            raise typer.BadParameter(
                f"{share!r} is no number; write it as hit@5=0.9", param_hint="--fail-under"
            ) from None
    if unknown := next((measure for measure in bounds if measure not in SHARES), None):
        told = f"{unknown!r} is no measure; there are {', '.join(SHARES)}"
        raise typer.BadParameter(told, param_hint="--fail-under")
    return bounds


def chat(
    ctx: typer.Context,
    as_json: AsJson = False,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    model: ModelName = None,
) -> None:
    """Ask in a conversation: a question may refer to the one before, as in "and in 2023?".

    /sources shows the releases quoted last, /reset starts over, /help lists these, /quit ends, as does the end of the
    input. With --json each answer is an object on a line of its own.

    Example: communique chat --language fr
    """
    from bot.answering.pipeline import Ask
    from bot.cli.rendering.answers import print_greeting, print_nothing_stored
    from bot.wiring import opened

    with opened(ctx.obj, model=model) as built:
        where = read_filter(built, languages, publishers, since, until)
        asked = Ask("", where=where, as_of=read_moment("--as-of", as_of, built.zone))
        if model:
            must_run(built)
        if not built.store.records.count_releases():
            print_nothing_stored(built.settings.home)
        if sys.stdin.isatty():
            print_greeting()
        with suppress(KeyboardInterrupt):  # SIGTERM, or Ctrl-C between two lines: the usual way to end it
            _converse(built, asked, as_json=as_json)


def _answers(built: Built, asked: Ask) -> Iterator[Answer]:
    """The answer as it grows, with links to the web server of this home where one runs."""
    from bot.answering.citations import linked

    address, answers = built.web_address, built.answerer.stream(asked)
    return (linked(answer, address) for answer in answers) if address else answers


def _converse(built: Built, asked: Ask, *, as_json: bool) -> None:
    from bot.answering.types import Conversation
    from bot.cli.rendering import answers as console

    conversation = Conversation()
    for line in console.typed_lines():
        if line == "/quit":
            return
        if line == "/sources":
            console.print_quoted_releases(conversation.last.answer if conversation.last else None)
        elif line == "/reset":
            conversation = Conversation()
        elif line == "/help":
            console.print_help()
        elif line.startswith("/"):
            console.print_remark(f"{line} is not a command; there are /sources, /reset, /help and /quit")
        else:
            conversation = _answered(built, replace(asked, question=line, conversation=conversation), as_json=as_json)
            if conversation.last:
                built.last_answer.keep(conversation.last.answer)


def _answered(built: Built, asked: Ask, *, as_json: bool) -> Conversation:
    """Print one answer, and give the conversation that it makes; Ctrl-C stops it and is no turn."""
    from bot.cli.rendering import answers as console
    from bot.errors import QuestionError

    if not sys.stdin.isatty() and not as_json:
        console.print_asked(asked.question)
    try:
        answer = console.print_growing(_answers(built, asked), as_json=as_json, in_a_row=True)
    except Terminated:
        raise
    except KeyboardInterrupt:
        console.print_remark("stopped; ask again, or end with /quit")
        return asked.conversation
    except QuestionError as exc:
        console.print_remark(str(exc))
        return asked.conversation
    return asked.conversation.after(asked.question, answer)
