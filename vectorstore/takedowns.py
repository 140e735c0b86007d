"""What an operator took down, and how it is known again without its text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Takedown:
    """A release that an operator removed, and that stays away unless it is `allowed` again.

    `addresses` are those that it was read at, and its own.
    """

    release_id: str
    moment: datetime
    allowed: datetime | None = None
    addresses: tuple[str, ...] = ()


def words_mark(title: str, text: str) -> str:
    """What tells a release by its words wherever they stand; they cannot be read from it."""
    return f"sha256:{hashlib.sha256(chr(10).join((title, text)).encode()).hexdigest()}"
