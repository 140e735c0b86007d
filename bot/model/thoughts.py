"""What a model thinks aloud before it replies, left out: `<think> … </think>` at the beginning of its text."""

from __future__ import annotations

import re

_OPENING = re.compile(r"\A\s*+<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_BEGINNINGS = ("<think>", "<thinking>", "<thought>", "<reasoning>")


class Thoughts:
    """Takes the pieces of one reply in turn and gives what is left of them."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins anew, for another attempt at the same reply."""
        self._held = ""
        self._closing: str | None = None
        self._open = True  # whether thoughts may still begin, or go on

    def take(self, piece: str) -> str:
        """What of a piece, and of those held back before it, is to be shown now."""
        if not self._open:
            return piece
        self._held += piece
        if self._closing is None and (opened := _OPENING.match(self._held)):
            self._closing, self._held = f"</{opened[1].lower()}>", self._held[opened.end() :]
        if self._closing is not None:
            return self._after(self._closing)
        begun = self._held.lstrip().lower()
        if any(beginning.startswith(begun) for beginning in _BEGINNINGS):
            return ""
        return self.rest()

    def rest(self) -> str:
        """What is held back, as when the reply has ended; nothing where it ended amid thoughts."""
        held, self._held, self._open = self._held, "", False
        return "" if self._closing else held.lstrip()

    def _after(self, closing: str) -> str:
        place = self._held.lower().find(closing)
        if place < 0:
            self._held = self._held[-len(closing) :]  # a closing tag may come in two pieces
            return ""
        shown = self._held[place + len(closing) :].lstrip()
        self._held, self._closing = "", None
        self._open = not shown  # the space after the thoughts may come in a piece of its own
        return shown
