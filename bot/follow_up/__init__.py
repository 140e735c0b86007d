"""A question and a conversation to a question that stands alone: "and Japan?", « et pour le deuxième semestre ? ».

By rules, pure; or by a language model whose reply is checked, with the rules where it does not pass.
"""

from __future__ import annotations

from bot.follow_up.kinds import FollowUp, Kind
from bot.follow_up.rewriter import Rewriter
from bot.follow_up.rules import follow

__all__ = ["FollowUp", "Kind", "Rewriter", "follow"]
