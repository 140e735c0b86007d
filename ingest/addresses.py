"""Addresses as they may be shown and kept."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=://)[^/?#\\\s]*@")


def without_user(address: str) -> str:
    """An address, or a text with one, less the user name and password in it, which are nobody else's business."""
    return _USER.sub("", address) if "@" in address else address
