"""What is said where nothing was asked: after thanks, a greeting, or "forget that". Pure."""

from __future__ import annotations

from bot.answer import Refusal, Searched
from bot.follow_up import Kind

_FRENCH = "À votre service : posez votre question sur les communiqués."
_ENGLISH = "At your service: ask about the releases."
_FRENCH_RESET = "C’est oublié. Que voulez-vous savoir ?"
_ENGLISH_RESET = "Forgotten. What would you like to know?"


def courtesy(kind: Kind, language: str | None) -> Refusal:
    """A friendly sentence in place of an answer."""
    if language == "fr":
        return Refusal(_FRENCH_RESET if kind is Kind.RESET else _FRENCH, Searched(0))
    return Refusal(_ENGLISH_RESET if kind is Kind.RESET else _ENGLISH, Searched(0))
