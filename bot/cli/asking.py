"""`communique ask`, `search` and `eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, AsOf, Languages, ModelName, Publishers, Since, Until, read_filter, read_moment


def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="A question, in French or English.")],
    as_json: AsJson = False,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
    passages: Annotated[int | None, typer.Option(min=1, max=200, help="Passages to look for the answer in.")] = None,
    as_of: AsOf = None,
    model: ModelName = None,
) -> None:
    """Answer a question with quotes from the releases, or say that they hold no answer.

    Example: communique ask "Qui présidait la réunion ?" --since 2024-10-01
    """
    from bot.answerer import Ask
    from bot.console.answers import print_growing, print_nothing_stored
    from bot.wiring import opened

    where = read_filter(languages, publishers, since, until)
    moment = read_moment("--as-of", as_of)
    with opened(ctx.obj, model=model) as built:
        asked = Ask(question, where=where, as_of=moment, passages=passages)
        print_growing(built.answerer.stream(asked), as_json=as_json)
        if not built.store.count_releases():
            print_nothing_stored(built.settings.home)


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    as_json: AsJson = False,
    count: Annotated[int, typer.Option("-k", min=1, max=1000, help="Passages to print.")] = 10,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Print the passages that fit a question best, best first.

    Example: communique search "soutien à l'Ukraine" -k 5 --language fr
    """
    from bot.console.answers import print_hits, print_nothing_stored
    from bot.wiring import opened

    where = read_filter(languages, publishers, since, until)
    with opened(ctx.obj) as built:
        hits = built.retriever.find(query, where=where, limit=count)
        matches = [built.retriever.matches(query, hit.passage.text) for hit in hits]
        print_hits(hits, matches, as_json=as_json)
        if not built.store.count_releases():
            print_nothing_stored(built.settings.home)


def evaluate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Questions, one JSON object a line.")],
    as_json: AsJson = False,
    search_only: Annotated[
        bool, typer.Option("--search-only", help="Measure retrieval, and leave answering out.")
    ] = False,
) -> None:
    """Measure retrieval, answers and refusals on questions of your own.

    A line holds `question`, and what is known of its answer: `relevant` (ids or addresses of releases) or else
    `passage_contains` (a list of strings, one of which the passage holds), `contains` (strings that the answer holds),
    `answerable` (true or false); also `id`, `language`, `as_of`, and `history`: a list of objects with `question` and
    `answer`, what was said before.

    Example: communique eval questions.jsonl --search-only
    """
    from bot.console.answers import print_evaluation
    from bot.evaluate import evaluate, read_questions
    from bot.wiring import opened

    questions = read_questions(file)
    with opened(ctx.obj) as built:
        answerer = None if search_only else built.answerer
        print_evaluation(evaluate(questions, built.retriever, answerer), as_json=as_json)
