"""Teaches the reader's model to tell whether a quote bears a sentence out, and what else is weighed beside it."""
