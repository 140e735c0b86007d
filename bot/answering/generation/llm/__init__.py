"""Reaching a language model: what is asked and replied, and what it may cost in a day.

`client` holds the real one. It is imported by name, and only where a model is set; LangChain, which is slow to import,
waits for the first question even there.
"""

from bot.answering.generation.llm.budget import DailyBudget
from bot.answering.generation.llm.types import Message, Model, ModelPolicy, ModelReply, Role

__all__ = ["DailyBudget", "Message", "Model", "ModelPolicy", "ModelReply", "Role"]
