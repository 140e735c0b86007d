"""What may be known of an answer that was given: by whoever sees only the releases within some scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.types import Answer, Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.answering.retriever import SearchableStore
    from vectorstore.types import Filter


def release_ids_of(answer: Answer) -> frozenset[str]:
    """The releases that an answer quotes, lists, or names as the nearest."""
    nearest = answer.refusal.nearest if answer.refusal else ()
    listed = answer.reply.releases if answer.reply else ()
    return frozenset([*(one.release.id for one in answer.citations), *(one.id for one in (*nearest, *listed))])


def is_within(release_ids: Iterable[str], where: Filter, store: SearchableStore) -> bool:
    """Whether all of some releases lie within the scopes of a filter."""
    named = set(release_ids)
    return not (where.scopes and named) or named == store.among(named, where.scopes_alone)


def question_alone(answer: Answer) -> Answer:
    """An answer as far as its question tells, in the person's own words: nothing that came from a release."""
    asked = answer.question if answer.standalone_question else ""
    return Answer(
        answer.question, asked, "", answer.language, (), None, 0.0, "none", answer.as_of, {}, forgets=answer.forgets
    )


def known_within(conversation: Conversation, where: Filter, store: SearchableStore) -> Conversation:
    """A conversation of which only the questions are left where an answer told of releases outside the scopes."""
    if not where.scopes:
        return conversation
    turns = (
        turn
        if is_within(release_ids_of(turn.answer), where, store)
        else replace(turn, answer=question_alone(turn.answer))
        for turn in conversation.turns
    )
    return Conversation(tuple(turns))
