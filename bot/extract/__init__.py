"""Hits to an answer without a language model: the sentences that answer, as checked citations, or a refusal."""

from __future__ import annotations

from bot.extract.evidence import Bounds, Evidence, extract
from bot.extract.newest import listed
from bot.extract.refusal import no_more, refuse

__all__ = ["Bounds", "Evidence", "extract", "listed", "no_more", "refuse"]
