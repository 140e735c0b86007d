"""Reaching a language model: what is asked and replied, and what it may cost in a day.

`bot.model.chat` holds the real one. It is imported by name, and only where a model is set; LangChain, which is slow to
import, waits for the first question even there.
"""

from bot.model.ceiling import Ceiling
from bot.model.policy import ModelPolicy
from bot.model.reply import Message, Model, Reply, Role

__all__ = ["Ceiling", "Message", "Model", "ModelPolicy", "Reply", "Role"]
