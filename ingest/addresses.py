"""Addresses as they may be shown and kept."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin, urlsplit

_USER = re.compile(r"(?<=://)[^/?#]*@")  # a password may hold a space or a backslash, and is sent with it
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))  # which addresses are read without, wherever they stand


def without_user(address: str) -> str:
    """An address, or a text with one, less the user name and password in it, which are nobody else's business."""
    return _USER.sub("", address) if "@" in address else address


def joined(base: str, link: str) -> str:
    """The whole address that a link on a page means, without fragment and user; empty where it means none."""
    try:
        whole = without_user(urldefrag(urljoin(base, link.strip())).url.translate(_BREAKS))
        urlsplit(whole)  # a bracket that is not closed
    except ValueError:
        return ""
    return whole
