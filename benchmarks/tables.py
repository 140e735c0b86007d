"""Tables in Markdown, as every benchmark prints them."""

from __future__ import annotations


def head(*columns: str) -> str:
    """The names of the columns, and the line under them."""
    names = " ".join(f"| {column}" if column else "|" for column in columns)
    return f"{names} |\n|{'---|' * len(columns)}"


def row(*cells: object) -> str:
    """One line of cells."""
    return f"| {' | '.join(map(str, cells))} |"
