"""Answers written by a language model, of which only what the releases bear out is given out.

The model reads passages under short keys and replies with sentences, each with quotes. Every quote is looked up in the
whole release, and must bear its sentence out.
"""

from bot.answering.generation.rewriter import Rewriter
from bot.answering.generation.verification import Dropped, Why
from bot.answering.generation.writer import Writer, Written

__all__ = ["Dropped", "Rewriter", "Why", "Writer", "Written"]
