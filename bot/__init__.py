"""Answers questions about press releases with verified quotes."""
