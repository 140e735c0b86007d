"""`communique timeline`: the releases about a topic by date."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli import completion
from bot.cli.options import AsJson, Languages, Since, Until, in_words, read_filter

Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--publisher",
        "--source",
        metavar="NAME",
        help="Only releases of this publisher, in capitals or not; repeatable.",
        autocompletion=completion.publishers,
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
    from bot.answering.timeline import TimelineQuery, linked
    from bot.cli.rendering.answers import print_nothing_stored
    from bot.cli.rendering.timelines import print_timeline
    from bot.wiring import opened

    words = in_words(topic)
    with opened(ctx.obj) as built:
        query = TimelineQuery(words, read_filter(built, languages, publishers, since, until), limit=count)
        print_timeline(linked(built.timelines.find(query), built.web_address), as_json=as_json)
        if not built.store.count_releases():
            print_nothing_stored(built.settings.home)
