"""Addresses and file names that differ by a language mark alone: `/en/news/1` and `/fr/news/1`."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

_NAMES = {
    "english": "en", "anglais": "en", "eng": "en",
    "french": "fr", "francais": "fr", "fra": "fr", "fre": "fr",
    "german": "de", "deutsch": "de", "italian": "it", "italiano": "it", "spanish": "es", "espanol": "es",
}  # fmt: skip
# Only the usual languages of newsrooms: every other pair of letters in an address is more likely to mean another thing.
_CODES = "ar|bg|cs|da|de|el|en|es|et|fi|fr|ga|hr|hu|it|ja|ko|lt|lv|mt|nl|no|pl|pt|ro|ru|sk|sl|sq|sr|sv|tr|uk|zh"
_CODE = rf"(?:{_CODES})(?:[-_][a-z]{{2}})?|{'|'.join(_NAMES)}"
_WHOLE = re.compile(_CODE, re.IGNORECASE)
_AT_END = re.compile(rf"[._#-]({_CODE})(?=(?:\.[a-z]{{2,5}}|\.jsonl?\.gz)?$)", re.IGNORECASE)
_PARAMETERS = frozenset({"lang", "language", "langue", "locale", "selectedlocale", "hl", "l", "lng", "set_language"})


def same_address(address: str) -> str:
    """The form in which two spellings of one address are equal: no scheme, `www.`, fragment or slash at the end."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def without_language(address: str) -> tuple[str, frozenset[str]]:
    """An address, a path or an id without its language marks, and the languages that they named.

    Marks are a sub-domain, a part of the path, the end of its last part, and a parameter such as `lang`.
    """
    found: set[str] = set()
    is_web = address.lower().startswith(("http://", "https://"))
    parts = urlsplit(address) if is_web else None
    host, path, query = (parts.netloc.lower(), parts.path, parts.query) if parts else ("", address, "")
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 2 and _WHOLE.fullmatch(labels[0]):
        found.add(_language(labels.pop(0)))
    steps = [step for step in path.split("/") if step]
    found.update(_language(step) for step in steps if _WHOLE.fullmatch(step))
    steps = [step for step in steps if not _WHOLE.fullmatch(step)]
    if steps and (mark := _AT_END.search(steps[-1])):
        found.add(_language(mark[1]))
        steps[-1] = steps[-1][: mark.start()] + steps[-1][mark.end() :]
    kept: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() in _PARAMETERS and _WHOLE.fullmatch(value):
            found.add(_language(value))
        else:
            kept.append((name, value))
    return f"{'.'.join(labels)}/{'/'.join(steps)}?{urlencode(sorted(kept))}", frozenset(found)


def _language(mark: str) -> str:
    mark = mark.lower()
    return _NAMES.get(mark, mark[:2])
