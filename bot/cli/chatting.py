"""`communique chat`: questions and follow-ups, one after the other."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.cli.options import AsJson, AsOf, Languages, ModelName, Publishers, Since, Until, read_filter, read_moment
from bot.cli.signals import Terminated

if TYPE_CHECKING:
    from bot.answerer import Answerer, Ask
    from bot.conversation import Conversation


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
    """Talk with the releases: a question may lean on the one before, as in "and in 2023?".

    /sources shows the releases quoted last, /reset begins anew, /quit ends, as does the end of the input. With --json
    each answer is an object on a line of its own.

    Example: communique chat --language fr
    """
    from bot.answerer import Ask
    from bot.console.answers import print_nothing_stored
    from bot.console.chat import print_greeting
    from bot.wiring import opened

    asked = Ask("", where=read_filter(languages, publishers, since, until), as_of=read_moment("--as-of", as_of))
    with opened(ctx.obj, model=model) as built:
        if not built.store.count_releases():
            print_nothing_stored(built.settings.home)
        if sys.stdin.isatty():
            print_greeting()
        _converse(built.answerer, asked, as_json=as_json)


def _converse(answerer: Answerer, asked: Ask, *, as_json: bool) -> None:
    from bot.console import chat as console
    from bot.conversation import Conversation

    conversation = Conversation()
    for line in console.typed_lines():
        if line == "/quit":
            return
        if line == "/sources":
            console.print_sources(conversation.last.answer if conversation.last else None)
        elif line == "/reset":
            conversation = Conversation()
        elif line.startswith("/"):
            console.print_remark(f"{line} is no command; there are /sources, /reset and /quit")
        else:
            conversation = _answered(
                answerer, replace(asked, question=line, conversation=conversation), as_json=as_json
            )


def _answered(answerer: Answerer, asked: Ask, *, as_json: bool) -> Conversation:
    """Print one answer, and give the conversation that it makes; Ctrl-C stops it and is no turn."""
    from bot.console import chat as console
    from bot.console.answers import print_growing
    from bot.errors import QuestionError

    if not sys.stdin.isatty() and not as_json:
        console.print_asked(asked.question)
    try:
        answer = print_growing(answerer.stream(asked), as_json=as_json, in_a_row=True)
    except Terminated:
        raise
    except KeyboardInterrupt:
        console.print_remark("stopped; ask again, or end with /quit")
        return asked.conversation
    except QuestionError as exc:
        console.print_remark(str(exc))
        return asked.conversation
    return asked.conversation.after(asked.question, answer)
