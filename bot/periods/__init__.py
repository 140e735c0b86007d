"""Time in questions, pure: « depuis mardi », "in the last two weeks", « en juin 2024 », "the latest"."""

from __future__ import annotations

from bot.periods.order import Order
from bot.periods.read import Period, Times, read_times

__all__ = ["Order", "Period", "Times", "read_times"]
