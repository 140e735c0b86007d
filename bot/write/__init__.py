"""Answers written by a language model, of which only what the releases bear out is given out.

The model reads passages under short keys and replies with sentences, each with a quote. Every quote is looked up in the
whole release; figures, names and speakers of a sentence must stand in what it quotes.
"""

from bot.write.check import Dropped, Why
from bot.write.rewriter import Rewriter, Rewritten
from bot.write.writer import Writer, Written

__all__ = ["Dropped", "Rewriter", "Rewritten", "Why", "Writer", "Written"]
