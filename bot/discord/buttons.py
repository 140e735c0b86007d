"""The buttons under an answer. Each names its answer, so that they work after a restart too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.discord.wording import wording

if TYPE_CHECKING:
    from bot.discord.client import Relay

_VERBS = ("good", "bad", "passages", "follow_up", "post")
_ID = rf"communique:(?P<verb>{'|'.join(_VERBS)}):(?P<answer>[0-9a-f]{{16}})"
_NAMED = re.compile(_ID)
_EMOJI = {"good": "👍", "bad": "👎"}


class AnswerButton(
    ui.DynamicItem[ui.Button[Any]],
    template=_ID,
):
    """One button under one answer."""

    def __init__(self, verb: str, answer: str, locale: str | None = None) -> None:
        emoji = _EMOJI.get(verb)
        label = None if emoji else getattr(wording(locale), verb)
        super().__init__(ui.Button(label=label, emoji=emoji, custom_id=f"communique:{verb}:{answer}"))
        self.verb = verb
        self.answer = answer

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        del interaction, item
        return cls(match["verb"], match["answer"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Does what the button says; whatever fails is told as for a command."""
        relay: Relay = interaction.client  # type: ignore[assignment]
        try:
            await relay.pressed(interaction, self.verb, self.answer)
        except Exception as exc:  # noqa: BLE001 - discord.py would only log it
            await relay.fail(interaction, exc)


def buttons(answer: str, locale: str | None, *, answered: bool, postable: bool) -> ui.View:
    """The row under an answer: a refusal has no passages to show, and only a private one can be posted."""
    view = ui.View(timeout=None)
    for verb in _VERBS:
        if (verb != "passages" or answered) and (verb != "post" or postable):
            view.add_item(AnswerButton(verb, answer, locale))
    view.stop()
    return view


def answer_under(message: discord.Message) -> str | None:
    """The id of the answer that a message's buttons name; None where it has none."""
    for row in message.components:
        for button in row.children if isinstance(row, discord.ActionRow) else ():
            if named := _NAMED.fullmatch(getattr(button, "custom_id", None) or ""):
                return named["answer"]
    return None
