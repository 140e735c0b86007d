"""Questions that could not be answered: asked again as releases come in, and told of to who wished for it.

The operator gets a note of them once a week, in a channel of their choice.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.answering.citations import quote_link
from bot.discord.delivery import Outcome, Recipient
from bot.discord.localisation import wording
from bot.discord.rendering import LIMIT, MessagePage, harmless, linked, linked_to, shown_day
from bot.discord.scopes import Place, channels_of
from bot.language.prompt_injection import plain
from bot.operations.questions import grouped, of_week
from bot.state.following import due_after

if TYPE_CHECKING:
    from datetime import datetime

    from bot.discord.delivery import Delivery
    from bot.discord.localisation import Wording
    from bot.discord.scopes import Scopes
    from bot.operations.questions import QuestionGroup
    from bot.state.questions import Wish
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_AT_A_TIME, _SECONDS = 5, 3.0  # questions that one round asks again, and the time that it has for them
_TOLD_AT_A_TIME = 50
_QUOTE, _QUESTION = 900, 400  # characters that are shown
_LISTED, _LINE = 10, 200  # questions of a note, and characters of each
_WEEK, _HOUR = timedelta(days=7), 8
_NOTED = "questions_noted"  # in the ledger's own record: the day of the last weekly note


class QuestionTeller:
    """Looks after the questions that are kept; any number of processes may, each person is told once."""

    def __init__(self, client: discord.Client, built: Built, delivery: Delivery, scopes: Scopes) -> None:
        self._client = client
        self._built = built
        self._scopes = scopes
        self._delivery = delivery
        self._ledger = built.ledger
        self._settings = built.settings.questions

    async def look(self) -> None:
        """Ask some questions again, tell who is to be told, and post the note of the week where it is time to."""
        rounds = self._built.question_rounds
        if rounds is None:  # what was kept while that was set is deleted all the same
            await asyncio.to_thread(self._ledger.questions.forget_old, timedelta(days=self._settings.days))
            return
        await asyncio.to_thread(rounds.run, most=_AT_A_TIME, seconds=_SECONDS)
        quiet = await asyncio.to_thread(self._ledger.quiet.owners_in, discord.utils.utcnow())
        for wish in await asyncio.to_thread(self._ledger.questions.to_tell, _TOLD_AT_A_TIME):
            if wish.person not in quiet:
                await self._tell(wish)
        if self._settings.note_channel is not None:
            await self.note(discord.utils.utcnow())

    async def note(self, now: datetime) -> None:
        """Post the note of the week up to the last Monday morning, unless that was done."""
        zone = self._built.settings.answers.time_zone
        due = due_after(now - _WEEK, every="weekly", hour=_HOUR, zone=zone)
        day = due.date().isoformat()
        noted = await asyncio.to_thread(self._ledger.meta, _NOTED)
        if noted == day or self._settings.note_channel is None:
            return
        groups = await asyncio.to_thread(self._groups, due - _WEEK) if noted else []
        if groups:
            where = Recipient.channel(self._settings.note_channel)
            seen = await asyncio.to_thread(self._seen_in, where.id)
            page = await asyncio.to_thread(note_page, groups, seen, self._built.store, self._locale(where.id))
            async with self._delivery.holding(where) as held:
                outcome = await self._delivery.send(where, f"questions:{day}", page) if held else Outcome.LATER
            if outcome is Outcome.LATER:
                return
        await asyncio.to_thread(self._ledger.set_meta, _NOTED, day)

    async def _tell(self, wish: Wish) -> None:
        """Tell a person of an answer, and forget that they wished for it: also where they may not see it."""
        where = await asyncio.to_thread(self._scopes.told, Place(person=wish.person))
        if where is None or not await asyncio.to_thread(may_be_told, wish, where, self._built):
            await asyncio.to_thread(self._ledger.questions.granted, wish)
            return
        page = await asyncio.to_thread(answer_page, wish, self._built)
        if page is None:
            return
        recipient, key = Recipient.person(wish.person), wish.key
        async with self._delivery.holding(recipient) as held:
            if not held or not await asyncio.to_thread(self._ledger.questions.is_wished, wish):
                return
            outcome = await self._delivery.send(recipient, key, page)
            if outcome is Outcome.POSTED:
                await asyncio.to_thread(self._ledger.questions.granted, wish)
            elif outcome is Outcome.GONE:
                await asyncio.to_thread(self._ledger.questions.forget_person, wish.person)
            if outcome is not Outcome.LATER:
                await asyncio.to_thread(self._ledger.deliveries.forget_messages, wish.person, key)

    def _groups(self, since: datetime) -> list[QuestionGroup]:
        kept = self._ledger.questions.all()
        return of_week(grouped(kept, self._built.embedder, likeness=self._settings.likeness), since)

    def _seen_in(self, channel: int) -> Filter | None:
        """What may be seen in the channel of the note; None where nothing may."""
        found = self._client.get_channel(channel)
        guild = found.guild.id if isinstance(found, discord.abc.GuildChannel) else None
        return self._scopes.told(Place(guild, channels_of(found) or (channel,)))

    def _locale(self, channel: int) -> str | None:
        found = self._client.get_channel(channel)
        return found.guild.preferred_locale.value if isinstance(found, discord.abc.GuildChannel) else None


def may_be_told(wish: Wish, where: Filter, built: Built) -> bool:
    """Whether what answers a question lies within what may be seen, and within what could be seen where it was asked.

    So it does where nothing answers it any more.
    """
    question = built.ledger.questions.get(wish.question)
    if question is None or question.quote is None:
        return True
    identity, within = question.quote.release_id, where.within(question.where.scopes)
    return built.store.records.get(identity) is None or bool(built.store.records.among([identity], within.scopes_alone))


def answer_page(wish: Wish, built: Built) -> MessagePage | None:
    """The message that tells of an answer; None where there is none any more."""
    question = built.ledger.questions.get(wish.question)
    place = question.quote if question else None
    release = built.store.records.get(place.release_id, place.version) if place else None
    if question is None or place is None or release is None:
        return None
    quote = _cut(release.text[place.start : place.end], _QUOTE)
    title = linked_to(release, quote_link(release, place.start, place.end))
    day = f" · {shown_day(release.published)}" if release.published else ""
    lines = [
        wording(wish.locale).can_be_answered,
        f"-# {harmless(_cut(question.question, _QUESTION))}",
        f"> {harmless(quote)}",
        f"{title}{day}",
    ]
    return MessagePage("\n".join(lines)[:LIMIT])


def note_page(
    groups: list[QuestionGroup], where: Filter | None, store: PassageStore, locale: str | None
) -> MessagePage:
    """What could not be answered in a week, the most asked first, as much as a message holds.

    A release that answers one by now is named where it may be seen.
    """
    said = wording(locale)
    lines, room = [said.questions_note.format(count=len(groups))], LIMIT - 200
    for place, group in enumerate(groups):
        line = "\n".join(_group_lines(group, where, store, said))
        room -= len(line) + 1
        if place == _LISTED or room < 0:
            lines.append(said.more_questions.format(count=len(groups) - place))
            break
        lines.append(line)
    return MessagePage("\n".join(lines))


def _group_lines(group: QuestionGroup, where: Filter | None, store: PassageStore, said: Wording) -> list[str]:
    question = harmless(_cut(group.example.question, _LINE))
    lines = [said.question_line.format(times=group.times, question=question)]
    place = group.answered.quote if group.answered else None
    seen = store.records.among([place.release_id], where) if place and where is not None else ()
    if place and seen and (release := store.records.get(place.release_id, place.version)):
        lines.append(said.question_answered.format(release=linked(release)))
    return lines


def _cut(text: str, limit: int) -> str:
    """A text on one line, of at most so many characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0] + " …"
