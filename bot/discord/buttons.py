"""The forms that buttons open, and what was filled in. They may be sent in after a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.discord.wording import wording
from bot.errors import QuestionTooLongError
from bot.state.answers import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.discord.client import Relay
    from bot.discord.wording import Wording

LONGEST_QUESTION = 1_000  # characters, however it is asked
_COMMENT = 1_000
_LIFE = 15 * 60.0  # seconds that discord.py remembers a form; ours need not be remembered
_CUSTOM_ID = re.compile(r"communique:(?P<kind>why|ask):(?P<answer>[0-9a-f]{16})")


def asked(question: str) -> str:
    """The question. Raises QuestionTooLongError where it is longer than one may be."""
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLongError(len(question), LONGEST_QUESTION)
    return question


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was sent in: `why` an answer was bad, or a further question to `ask`."""

    kind: str
    answer: str
    values: Mapping[str, tuple[str, ...]]

    def text(self, field: str) -> str:
        """What was written in a field."""
        return " ".join(self.values.get(field, ())).strip()


def why_form(answer: str, said: Wording) -> ui.Modal:
    """Why an answer was bad: reasons to choose from, and room for a comment."""
    form = ui.Modal(title=said.say_more, custom_id=f"communique:why:{answer}", timeout=_LIFE)
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


def ask_form(answer: str, said: Wording) -> ui.Modal:
    """A further question."""
    form = ui.Modal(title=said.follow_up, custom_id=f"communique:ask:{answer}", timeout=_LIFE)
    question: ui.TextInput[Any] = ui.TextInput(
        custom_id="question",
        style=discord.TextStyle.paragraph,
        placeholder=said.question_hint,
        min_length=1,
        max_length=LONGEST_QUESTION,
    )
    form.add_item(ui.Label(text=said.question, component=question))
    return form


def filled(interaction: discord.Interaction) -> Filled | None:
    """A form of ours that was sent in, or None for anything else."""
    data: Any = interaction.data or {}
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    found = _CUSTOM_ID.fullmatch(data.get("custom_id", ""))
    return Filled(found["kind"], found["answer"], dict(_fields(data.get("components", [])))) if found else None


def _fields(components: list[dict[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in components:
        inside = [*one.get("components", []), *([one["component"]] if "component" in one else [])]
        yield from _fields(inside)
        if "values" in one:
            yield one["custom_id"], tuple(one["values"])
        elif one.get("value"):
            yield one["custom_id"], (one["value"],)


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
