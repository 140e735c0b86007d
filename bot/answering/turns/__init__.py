"""Kinds of turns, what is replied to those that ask nothing of the releases, and what the others lean on."""

from __future__ import annotations

from bot.answering.turns.classifier import Guess, TurnClassifier, TurnKind, opening

__all__ = ["Guess", "TurnClassifier", "TurnKind", "opening"]
