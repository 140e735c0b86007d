"""What must not be told: keys in the texts that providers send back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
# Any word that names no thing of every day: 16 or more characters with a digit among them, as keys are made.
_LIKE_A_KEY = re.compile(r"(?:\b(?:sk|pk|key|tok)[-_]|(?=[\w*-]*\d)(?=[\w*-]{16}))[\w*-]{4,}")
_AFTER_A_NAME = re.compile(
    r"((?:key|token|authorization|password)[\"']?\s*[:=]\s*[\"']?(?:b(?:earer|asic)\s+)?|\bb(?:earer|asic)\s+)[\w*./+=-]+",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")
_LONGEST = 300  # characters of a provider's own words: enough for the first sentences of an error


def without_secrets(text: str, environment: Mapping[str, str]) -> str:
    """One line of `text` without anything that is or could be a key: the values of variables so named, and their like.

    Rather too much is taken than too little: "req_0123456789abcdef" goes as well.
    """
    for name, value in environment.items():
        if _SECRET_NAMES.search(name) and len(value) >= 4:
            text = text.replace(value, "…")
    text = _IN_ADDRESS.sub("", text)
    text = _LIKE_A_KEY.sub("…", _AFTER_A_NAME.sub(r"\1…", text))
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
