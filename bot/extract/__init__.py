"""Hits to an answer without a language model: the sentences that answer, as checked citations, or a refusal."""

from __future__ import annotations

from bot.extract.evidence import Bounds, Evidence, extract
from bot.extract.newest import listed
from bot.extract.refusal import refuse

__all__ = ["Bounds", "Evidence", "extract", "listed", "refuse"]
