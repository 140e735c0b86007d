"""The buttons under an answer, and the forms that they open; both work after a restart."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.answering.analysis import Ask
from bot.discord.admission import LONGEST_QUESTION, checked_length, defer
from bot.discord.answering import ChannelDestination, Frame, InteractionDestination, send_followups
from bot.discord.conversations import Opening, open_thread
from bot.discord.localisation import language_of, wording
from bot.discord.rendering import MessagePage, buttons, custom_id, passages_of, read_custom_id, rendered, with_lines
from bot.documents import answer_markdown, document_name
from bot.state.questions import REASONS, Wish

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.discord.localisation import Wording
    from bot.discord.services import Services

    Fields = Mapping[str, tuple[str, ...]]

_COMMENT = 1_000  # characters
_LIFE = 15 * 60.0  # seconds that discord.py remembers a form; ours need not be remembered


async def handle(services: Services, interaction: discord.Interaction) -> None:
    """Do what a button or a form of ours says; nothing for any other interaction."""
    data: Any = interaction.data or {}
    named = read_custom_id(data.get("custom_id", ""))
    if named is None:
        return
    action, answer_id = named
    if interaction.type is discord.InteractionType.component:
        await _press(services, interaction, action, answer_id)
    elif interaction.type is discord.InteractionType.modal_submit:
        await _submit(services, interaction, action, answer_id, dict(_fields(data.get("components", []))))


async def _press(services: Services, interaction: discord.Interaction, action: str, answer_id: str) -> None:
    said = wording(interaction.locale.value)
    if action == "follow_up":
        await interaction.response.send_modal(question_form(answer_id, said))
    elif action == "bad":
        await interaction.response.send_modal(reasons_form(answer_id, said))
        await _give_feedback(services, interaction, answer_id, good=False)
    elif action == "good":
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await _give_feedback(services, interaction, answer_id, good=True)
        await interaction.edit_original_response(content=said.thanks if kept else said.forgotten)
    elif action == "passages":
        await _show_passages(services, interaction, answer_id)
    elif action == "save":
        await _save(services, interaction, answer_id)
    elif action == "post":
        await _post(services, interaction, answer_id)
    elif action == "tell":
        await _wish(services, interaction, answer_id)


async def _submit(
    services: Services, interaction: discord.Interaction, action: str, answer_id: str, fields: Fields
) -> None:
    if action == "why":
        await interaction.response.defer(ephemeral=True, thinking=True)
        said = wording(interaction.locale.value)
        reasons = [reason for reason in REASONS if reason in fields.get("reasons", ())]
        comment = _text(fields, "comment")
        person = interaction.user.id
        kept = await asyncio.to_thread(
            services.ledger.feedback.say, answer_id, person, good=False, reasons=reasons, comment=comment
        )
        await interaction.edit_original_response(content=said.thanks if kept else said.forgotten)
    elif action == "ask":
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await _follow_up(services, interaction, answer_id, checked_length(_text(fields, "question")))


async def _give_feedback(services: Services, interaction: discord.Interaction, answer_id: str, *, good: bool) -> bool:
    """Keep a verdict; False if its answer is no longer kept."""
    kept = await asyncio.to_thread(services.ledger.feedback.say, answer_id, interaction.user.id, good=good)
    if kept:
        services.built.metrics.said(good=good)
    return kept


async def _show_passages(services: Services, interaction: discord.Interaction, answer_id: str) -> None:
    """Show each quote within the paragraph that it stands in."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    said = wording(interaction.locale.value)
    answer = await services.conversations.answer(answer_id, await services.scopes.of(interaction))
    if answer is None:
        await interaction.edit_original_response(content=said.forgotten)
        return
    pages = passages_of(answer) or [MessagePage(said.no_passages)]
    await InteractionDestination(interaction, private=True).finish(pages, None)


async def _wish(services: Services, interaction: discord.Interaction, question_id: str) -> None:
    """Remember that a person wants to be told if a question gets answered, or forget it again."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale = interaction.locale.value
    said, person = wording(locale), interaction.user.id
    if not await asyncio.to_thread(services.ledger.questions.is_wished, Wish(question_id, person, locale)):
        await asyncio.to_thread(services.scopes.of_direct, person)
    wished = await asyncio.to_thread(services.ledger.questions.wish, question_id, person, locale=locale)
    if wished is False:
        key = Wish(question_id, person, locale).key
        await asyncio.to_thread(services.ledger.deliveries.forget_messages, person, key)
    text = said.will_tell.format(days=services.built.settings.questions.days) if wished else said.tells_no_more
    await interaction.edit_original_response(content=said.not_kept if wished is None else text)


async def _save(services: Services, interaction: discord.Interaction, answer_id: str) -> None:
    """Give an answer as a Markdown file, to who pressed alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    said = wording(interaction.locale.value)
    kept = await services.conversations.shown(answer_id, await services.scopes.of(interaction))
    if kept is None:
        await interaction.edit_original_response(content=said.forgotten)
        return
    text = answer_markdown(kept.record, kept.moment, zone=services.built.zone)
    file = discord.File(io.BytesIO(text.encode("utf-8", "replace")), document_name(kept.record.question))
    await interaction.edit_original_response(content=said.saved, attachments=[file])


async def _post(services: Services, interaction: discord.Interaction, answer_id: str) -> None:
    """Post a private answer for everybody, if the person may write there."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    said = wording(interaction.locale.value)
    granted = interaction.permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    answer = await services.conversations.answer(answer_id, await services.scopes.of(interaction))
    if not (granted.send_messages_in_threads if in_thread else granted.send_messages):
        await interaction.edit_original_response(content=said.may_not_post)
    elif answer is None:
        await interaction.edit_original_response(content=said.forgotten)
    else:
        await interaction.edit_original_response(content=said.posted)
        below = (said.asked_by.format(person=interaction.user.mention),)
        pages = with_lines(rendered(answer), question=answer.question, below=below)
        view = buttons(answer_id, answer.language, answered=answer.answered, postable=False)
        await send_followups(interaction, pages, view, private=False)


async def _follow_up(services: Services, interaction: discord.Interaction, before: str, question: str) -> None:
    """Answer a further question in place if the answer before it is private or in a thread, else in a thread."""
    message, channel = interaction.message, interaction.channel
    private = message is not None and message.flags.ephemeral
    opens = (
        message is not None
        and isinstance(channel, discord.TextChannel)
        and not private
        and interaction.is_guild_integration()
    )
    await defer(interaction, private=private or opens)
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            await _answer_further(services, interaction, before, question, opens=opens)


async def _answer_further(
    services: Services, interaction: discord.Interaction, before: str, question: str, *, opens: bool
) -> None:
    message, channel = interaction.message, interaction.channel
    private = message is not None and message.flags.ephemeral
    where = await services.scopes.of(interaction)
    if isinstance(channel, discord.Thread) and not private:
        conversation = await services.conversations.within(channel, services.user_id, where)
    else:
        conversation = await services.conversations.up_to(before, where)
    language = language_of(interaction.locale.value)
    ask = Ask(question, where, refusal_language=language, conversation=conversation)
    frame = Frame(interaction.locale.value, quotes_question=True, postable=private, before=before)
    if opens:
        assert message is not None
        await _follow_up_in_thread(services, interaction, message, ask, frame)
    else:
        await services.answering.answer(ask, InteractionDestination(interaction, private=private), frame)


async def _follow_up_in_thread(
    services: Services, interaction: discord.Interaction, message: discord.Message, ask: Ask, frame: Frame
) -> None:
    """In the thread of the message with the button, or below it if there can be none, or else in private."""
    said = wording(interaction.locale.value)
    opening = Opening()
    if interaction.guild_id and await asyncio.to_thread(services.ledger.guilds.opens_threads, interaction.guild_id):
        last = ask.conversation.last
        opening = await open_thread(message, last.question if last else ask.question)
    if opening.thread:
        frame = replace(frame, below=(said.thread_hint,))
    elif opening.missing:
        frame = replace(frame, below=(said.no_thread.format(permission=f"**{opening.missing}**"),))
    channel = opening.thread or message.channel
    if opening.thread is None and not interaction.app_permissions.send_messages:
        await services.answering.answer(ask, InteractionDestination(interaction, private=True), frame)
        return
    if opening.thread:
        conversation = await services.conversations.within(opening.thread, services.user_id, ask.where)
        ask = replace(ask, conversation=conversation or ask.conversation)
    destination = ChannelDestination(channel, None if opening.thread else message, once=interaction.id)
    await services.answering.answer(ask, destination, frame)
    await interaction.edit_original_response(content=said.answered_in.format(thread=f"<#{channel.id}>"))


def reasons_form(answer_id: str, said: Wording) -> ui.Modal:
    """Why an answer was bad: reasons to choose from, and room for a comment."""
    form = ui.Modal(title=said.say_more, custom_id=custom_id("why", answer_id), timeout=_LIFE)
    options = [discord.SelectOption(label=said.reasons[reason], value=reason) for reason in REASONS]
    reasons: ui.Select[Any] = ui.Select(
        custom_id="reasons", options=options, min_values=0, max_values=len(options), required=False
    )
    comment: ui.TextInput[Any] = ui.TextInput(
        custom_id="comment", style=discord.TextStyle.paragraph, max_length=_COMMENT, required=False
    )
    form.add_item(ui.Label(text=said.why, component=reasons))
    form.add_item(ui.Label(text=said.comment, component=comment))
    return form


def question_form(answer_id: str, said: Wording) -> ui.Modal:
    """A further question."""
    form = ui.Modal(title=said.follow_up, custom_id=custom_id("ask", answer_id), timeout=_LIFE)
    question: ui.TextInput[Any] = ui.TextInput(
        custom_id="question",
        style=discord.TextStyle.paragraph,
        placeholder=said.question_hint,
        min_length=1,
        max_length=LONGEST_QUESTION,
    )
    form.add_item(ui.Label(text=said.question, component=question))
    return form


def _fields(components: list[dict[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What was filled in, by the ids of the fields."""
    for component in components:
        inside = [*component.get("components", []), *([component["component"]] if "component" in component else [])]
        yield from _fields(inside)
        if "values" in component:
            yield component["custom_id"], tuple(component["values"])
        elif component.get("value"):
            yield component["custom_id"], (component["value"],)


def _text(fields: Fields, field: str) -> str:
    """What was written in a field."""
    return " ".join(fields.get(field, ())).strip()
