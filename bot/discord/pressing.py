"""What the buttons under an answer do, and the forms that they open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.answering.analysis import Ask
from bot.discord.answering import ChannelPlace, Frame, InteractionPlace, send_behind
from bot.discord.buttons import ask_form, asked, why_form
from bot.discord.conversations import Opened, conversation_of, open_thread, said_in
from bot.discord.rendering import Page, passages_of, rendered, with_lines
from bot.discord.turns import defer
from bot.discord.wording import language_of, wording
from bot.state.answers import REASONS

if TYPE_CHECKING:
    from bot.discord.buttons import Filled
    from bot.discord.client import Relay


async def press(relay: Relay, interaction: discord.Interaction, verb: str, answer: str) -> None:
    """A button: `good`, `bad`, `passages`, `follow_up` or `post`, under the answer with this id."""
    said = wording(interaction.locale.value)
    if verb == "follow_up":
        await interaction.response.send_modal(ask_form(answer, said))
    elif verb == "bad":
        await interaction.response.send_modal(why_form(answer, said))
        await _say(relay, interaction, answer, good=False)
    elif verb == "good":
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await _say(relay, interaction, answer, good=True)
        await interaction.edit_original_response(content=said.thanks if kept else said.forgotten)
    elif verb == "passages":
        await _show_passages(relay, interaction, answer)
    elif verb == "post":
        await _post(relay, interaction, answer)


async def submit(relay: Relay, interaction: discord.Interaction, form: Filled) -> None:
    """A form that was sent in."""
    if form.kind == "why":
        await interaction.response.defer(ephemeral=True, thinking=True)
        said = wording(interaction.locale.value)
        reasons = [reason for reason in REASONS if reason in form.values.get("reasons", ())]
        comment = form.text("comment")
        person = interaction.user.id
        kept = await asyncio.to_thread(
            relay.ledger.feedback.say, form.answer, person, good=False, reasons=reasons, comment=comment
        )
        await interaction.edit_original_response(content=said.thanks if kept else said.forgotten)
        return
    relay.desk.admit(interaction.user.id, interaction.guild_id)
    await _follow_up(relay, interaction, form.answer, asked(form.text("question")))


async def _say(relay: Relay, interaction: discord.Interaction, answer: str, *, good: bool) -> bool:
    """Keep a verdict; False where its answer is no longer kept."""
    kept = await asyncio.to_thread(relay.ledger.feedback.say, answer, interaction.user.id, good=good)
    if kept:
        relay.built.metrics.said(good=good)
    return kept


async def _show_passages(relay: Relay, interaction: discord.Interaction, identity: str) -> None:
    """Each quote within the paragraph that it stands in."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    said = wording(interaction.locale.value)
    answer = await relay.answering.revived(identity)
    if answer is None:
        await interaction.edit_original_response(content=said.forgotten)
        return
    pages = passages_of(answer) or [Page(said.no_passages)]
    await InteractionPlace(interaction, private=True).finish(pages, None)


async def _post(relay: Relay, interaction: discord.Interaction, identity: str) -> None:
    """A private answer for everybody, by the leave that the person has to write there."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    said = wording(interaction.locale.value)
    granted = interaction.permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    answer = await relay.answering.revived(identity)
    if not (granted.send_messages_in_threads if in_thread else granted.send_messages):
        await interaction.edit_original_response(content=said.may_not_post)
    elif answer is None:
        await interaction.edit_original_response(content=said.forgotten)
    else:
        await interaction.edit_original_response(content=said.posted)
        below = (said.asked_by.format(person=interaction.user.mention),)
        pages = with_lines(rendered(answer), question=answer.question, below=below)
        view = relay.answering.buttons(answer, identity, Frame())
        await send_behind(interaction, pages, view, private=False)


async def _follow_up(relay: Relay, interaction: discord.Interaction, before: str, question: str) -> None:
    """The answer to a further question: where the one before is private or in a thread beside it, else in a thread."""
    message, channel = interaction.message, interaction.channel
    private = message is not None and message.flags.ephemeral
    opens = (
        message is not None
        and isinstance(channel, discord.TextChannel)
        and not private
        and interaction.is_guild_integration()
    )
    await defer(interaction, private=private or opens)
    async with relay.turns.turn(interaction.id) as mine:
        if mine:
            await _answer_further(relay, interaction, before, question, opens=opens)


async def _answer_further(
    relay: Relay, interaction: discord.Interaction, before: str, question: str, *, opens: bool
) -> None:
    message, channel = interaction.message, interaction.channel
    private = message is not None and message.flags.ephemeral
    conversation = await relay.answering.conversation_up_to(before)
    if isinstance(channel, discord.Thread) and relay.user and not private:
        conversation = await said_in(channel, relay.user.id, relay.answering.revived)
    language = language_of(interaction.locale.value)
    ask = Ask(question, refusal_language=language, conversation=conversation)
    frame = Frame(interaction.locale.value, quotes_question=True, postable=private, before=before)
    if opens:
        assert message is not None
        await _follow_up_in_thread(relay, interaction, message, ask, frame)
    else:
        await relay.answering.answer(ask, InteractionPlace(interaction, private=private), frame)


async def _follow_up_in_thread(
    relay: Relay, interaction: discord.Interaction, message: discord.Message, ask: Ask, frame: Frame
) -> None:
    """In the thread of the message with the button, or below it where there can be none, or else in private."""
    said = wording(interaction.locale.value)
    opened = Opened()
    if interaction.guild_id and await asyncio.to_thread(relay.ledger.guilds.opens_threads, interaction.guild_id):
        opened = await open_thread(message, _first_question(message) or ask.question)
    if opened.thread:
        frame = replace(frame, below=(said.thread_hint,))
    elif opened.missing:
        frame = replace(frame, below=(said.no_thread.format(permission=f"**{opened.missing}**"),))
    where = opened.thread or message.channel
    if opened.thread is None and not interaction.app_permissions.send_messages:
        await relay.answering.answer(ask, InteractionPlace(interaction, private=True), frame)
        return
    if opened.thread and relay.user:
        ask = replace(
            ask, conversation=await said_in(opened.thread, relay.user.id, relay.answering.revived) or ask.conversation
        )
    place = ChannelPlace(where, None if opened.thread else message, once=interaction.id)
    await relay.answering.answer(ask, place, frame)
    await interaction.edit_original_response(content=said.answered_in.format(thread=f"<#{where.id}>"))


def _first_question(message: discord.Message) -> str:
    """The question over an answer."""
    conversation = conversation_of([message], message.author.id)
    return conversation.last.question if conversation.last else ""
