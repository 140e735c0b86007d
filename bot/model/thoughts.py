"""What a model thinks aloud before it replies, left out, whichever marks stand around it."""

from __future__ import annotations

MARKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
    "<|start_of_thought|>": "<|end_of_thought|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}
"""How thoughts begin and end, in lower case. Some servers put the first mark into the question: only the last comes."""

_OPENS = '{[`"“«'  # with what a reply begins that was asked for as JSON, or as a question


class Thoughts:
    """Takes the pieces of one reply in turn and gives what is left of them.

    A reply that begins with none of the marks is given on at once where it begins as an answer in JSON does; any other
    is held till its end, as the mark that ends thoughts may still come.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins anew, for another attempt at the same reply."""
        self._held = ""
        self._closing: str | None = None
        self._open = True  # whether thoughts may still begin, or go on
        self.shown = False  # whether anything was given on

    def take(self, piece: str) -> str:
        """What of a piece, and of those held back before it, is to be shown now."""
        if not self._open:
            return piece
        self._held += piece
        begun = self._held.lstrip().lower()
        if self._closing is None and (opening := next((one for one in MARKS if begun.startswith(one)), None)):
            self._closing = MARKS[opening]
        if self._closing:
            return self._after(self._closing)
        if not begun or any(opening.startswith(begun) for opening in MARKS) or begun[0] not in _OPENS:
            return ""
        return self._give(self._held)

    def rest(self) -> str:
        """What is held back, as when the reply has ended; nothing where it ended amid thoughts."""
        held, self._held = self._held, ""
        if self._closing or not self._open:
            return ""
        lower = held.lower()
        ends = [place + len(mark) for mark in MARKS.values() if (place := lower.rfind(mark)) >= 0]
        return self._give(held[max(ends, default=0) :])

    def _after(self, closing: str) -> str:
        place = self._held.lower().find(closing)
        if place < 0:
            return ""
        shown = self._held[place + len(closing) :].lstrip()
        self._held, self._closing = "", None
        return self._give(shown) if shown else ""  # the space after the thoughts may come in a piece of its own

    def _give(self, text: str) -> str:
        self._open, self._held = False, ""
        self.shown = True
        return text.lstrip()
