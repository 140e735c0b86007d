"""Time in questions, pure: « depuis mardi », "in the last two weeks", « en juin 2024 », "the latest"."""

from __future__ import annotations

from bot.language.time_expressions.expressions import Order, Period, Times, read_times

__all__ = ["Order", "Period", "Times", "read_times"]
