"""Orders to an assistant inside a release, and characters that nobody sees. Pure, and linear in the text.

A release is data: what it tells a language model to do is reported and never obeyed, nor quoted as an answer. Found
are orders to drop the rules, to play a role, to answer in a given way, to leave out the sources or to send things
elsewhere, and what passes for the machinery around a model: chat templates, calls of tools, replies and citations
made beforehand. A sentence that speaks of such orders, or quotes one, gives none; nor does one to readers, such as
"ignore the rumours".
"""

from bot.language.prompt_injection.characters import KEYS, headline, plain, unkeyed
from bot.language.prompt_injection.orders import instructions, orders_among

__all__ = ["KEYS", "headline", "instructions", "orders_among", "plain", "unkeyed"]
