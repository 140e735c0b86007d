"""Thinking aloud, left out of a reply."""

from __future__ import annotations

import pytest

from bot.answering.llm.client import Thoughts


def shown(*pieces: str) -> str:
    thoughts = Thoughts()
    return "".join([thoughts.take(piece) for piece in pieces] + [thoughts.rest()])


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("It is 40.", "It is 40."),
        ("<think>hm</think>It is 40.", "It is 40."),
        ("\n<Thinking>\nhm < 5\n</Thinking>\n\nIt is 40.", "It is 40."),
        ("<reasoning></reasoning>\n« Oui »", "« Oui »"),
        ("<b>40</b> <think>", "<b>40</b> <think>"),
        ("<thi", "<thi"),
        ("<think>it never ends", ""),
        ("[THINK]hm[/THINK]It is 40.", "It is 40."),
        ("◁think▷hm◁/think▷It is 40.", "It is 40."),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>{}", "{}"),
        ("hm, 45? no.\n</think>\nIt is 40.", "It is 40."),
        ('So {"sentence": "no"} it is.</think>{"sentence": "yes"}', '{"sentence": "yes"}'),
        ("", ""),
    ],
)
def test_thoughts_go_wherever_the_pieces_are_cut(reply: str, left: str) -> None:
    """In one piece, and letter by letter."""
    assert shown(reply) == left
    assert shown(*reply) == left


def test_a_reply_without_thoughts_is_not_held_back() -> None:
    """Its first piece is shown at once."""
    assert Thoughts().take('{"The') == '{"The'


def test_another_attempt_begins_anew() -> None:
    """What one attempt left open does not swallow the next."""
    thoughts = Thoughts()
    thoughts.take("<think>broken off")
    thoughts.forget()

    assert thoughts.take("[Fine.") == "[Fine."
