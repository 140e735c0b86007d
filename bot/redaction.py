"""What must not be told: passwords in addresses, keys and tokens, whoever wrote them down. Used at the edges."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# TOKENIZERS_PARALLELISM and MAX_TOKENS name no secret, MONKEY no key; PGPASSWORD does.
_SECRET_NAMES = re.compile(r"(?:^|_)(?:API)?KEYS?(?:_|$)|TOKEN(?:_|$)|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_NO_SECRETS = frozenset({"true", "false", "none", "null"})  # PASSWORD_REQUIRED=false
_NAMES_A_PLACE = ("_FILE", "_PATH", "_DIR")  # TOKEN_FILE says where a token is, and is needed to mend it
_FEWEST = 4  # characters of a secret in the environment; fewer stand in any text
_RUN = re.compile(r"[^\s\"'<>]++")  # what an address lies within
_WEB = ("http", "https", "ws", "wss", "ftp")
_ENDS_HOST = re.compile(r"[/?#\\]")
_KEY_BEGINS = re.compile(r"\b(?:sk|pk|key|tok)[-_]")
_WORD = re.compile(r"[\w*-]{4,}+")
_LIKE_A_KEY = 16  # characters, with a digit among them, as no word of every day has them
# By the name before it: password=…, "api_key": "…", &token=…, Authorization: Bearer …
_NAMES = r"(?:api[_-]?key|[_-]token|password|passwd|secret|authorization|[?&](?:key|token|sig|auth))"
_IS, _SCHEME = r"[\"']?\s{0,9}+[:=]\s{0,9}+[\"']?", r"b(?:earer|asic)\s+"
_NAMED = re.compile(
    rf"(?P<name>{_NAMES}{_IS}(?:{_SCHEME})?)[^\s\"'&,;)]++|(?P<kind>\b{_SCHEME})[\w./+=-]{{16,}}+", re.IGNORECASE
)
_LOOSELY_NAMED = re.compile(
    r"((?:key|token)[\"']?\s{0,9}+[:=]\s{0,9}+[\"']?|\bb(?:earer|asic)\s+)[\w*./+=-]++", re.IGNORECASE
)
_DISCORD_TOKEN = re.compile(r"(?<![\w-])[\w-]{23,28}+\.[\w-]{6,7}+\.[\w-]{27,40}+(?![\w-])")
_FOLDERS = re.compile(r"(?<![\w:/.])/(?:[^\s/]++/)*+(?=[^\s/])")
_LONGEST = 300  # characters of a provider's own words: enough for the first sentences of an error


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text without the users and passwords of addresses, without keys and tokens that are named as such.

    Nor does it hold Discord's tokens, or the value of a variable of the environment that is named as a secret.
    """
    environment = os.environ if environment is None else environment
    for name, value in environment.items():
        if len(value) >= _FEWEST and value in text and _is_secret(name) and value.lower() not in _NO_SECRETS:
            text = text.replace(value, "…")
    if "://" in text:
        text = _RUN.sub(lambda run: _without_users(run[0]), text)
    return _DISCORD_TOKEN.sub("…", _NAMED.sub(lambda found: f"{found['name'] or found['kind']}…", text))


def redacted_values(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """What JSON holds, with each of its texts redacted; a text under the name of a secret goes as a whole."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, list):
        return [redacted_values(one) for one in value]
    if isinstance(value, dict):
        hidden = {name: "…" for name, one in value.items() if isinstance(one, str) and _is_secret(name)}
        return {name: hidden.get(name) or redacted_values(one) for name, one in value.items()}
    return value


def without_keys(text: str, environment: Mapping[str, str]) -> str:
    """One line of a provider's own words without anything that is or could be a key.

    Rather too much is taken than too little: "req_0123456789abcdef" goes as well.
    """
    text = _LOOSELY_NAMED.sub(r"\1…", redacted(text, environment))
    line = " ".join(_WORD.sub(_or_dots, text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


# What names or reaches a person in a question. Figures that people ask about stay: years, amounts, "1 200 000".
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+)++")
_MENTION = re.compile(r"<[@#:/a-z][^<>\s]{0,100}+>|(?<![\w/.@])@[\w.]{2,40}+")
_NO_DAY = r"(?!\d{2}[ ./-]\d{2}[ ./-](?:19|20)\d{2}(?!\d))"
_NO_YEARS = r"(?!(?:19|20)\d{2}[ -](?:19|20)\d{2})"
_TELEPHONES = (
    r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ ./-]?\(0\))?(?:[ ./-]?\d{1,4}){3,6}(?!\d)",  # +32 2 555 12 12
    rf"(?<![\d/.-]){_NO_DAY}0[1-9](?:[ .-]?\d{{2}}){{4}}(?!\d)",  # 06 12 34 56 78
    rf"(?<![\d/.-]){_NO_DAY}0[1-9]\d{{0,2}}[ /-]\d{{2,3}}(?:[ .]?\d{{2}}){{2}}(?!\d)",  # 0470/12.34.56
    r"(?<!\d)\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}(?!\d)",  # (212) 555-0199
)
_TELEPHONE = re.compile("|".join(_TELEPHONES))
_NUMBERS = (
    r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)",  # of an account: BE68 5390 0754 7034
    rf"(?<!\d){_NO_YEARS}\d{{4}}(?:[ -]\d{{4}}){{3}}(?!\d)",  # of a card
    r"(?<!\d)\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?!\d)",  # of a national register
    r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)",
    r"(?<![\d.,])\d{12,}+(?![.,]\d)",  # an id of Discord, and what else no release counts to
)
_NUMBER = re.compile("|".join(_NUMBERS))
_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]*+"
_INTRODUCED = re.compile(
    r"\b((?i:my name is|je m['’]appelle|mon nom est)\s+)" + rf"{_NAME}(?:\s+{_NAME}){{0,3}}"
    r"|\b((?i:i am|i['’]m|je suis)\s+)" + rf"{_NAME}(?:\s+{_NAME}){{1,3}}"
)


def without_people(text: str) -> str:
    """The text without secrets, and without what names or reaches who wrote it or somebody private.

    E-mail addresses, telephone numbers, mentions, ids, numbers of accounts, and names by which people introduce
    themselves give way to "…". Other names stay: questions are about them.
    """
    text = redacted(text)
    for pattern in (_MAIL, _MENTION, _NUMBER, _TELEPHONE):
        text = pattern.sub("…", text)
    return _INTRODUCED.sub(lambda found: f"{found[1] or found[2]}…", text)


def shareable(address: str | None) -> str | None:
    """The address, or None for one that carries a user or a password: that is neither shown nor made a link."""
    return address if address and _without_users(address) == address else None


def file_name(source: str) -> str:
    """Where a text was read, as anybody may know it: a web address, or a file's name without its folders."""
    source = redacted(source)
    return source if source.lower().startswith(("http://", "https://")) else PurePosixPath(source).name


def without_folders(text: str) -> str:
    """The text with the files and folders of this machine by their last names alone."""
    return _FOLDERS.sub("", redacted(text))


def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAMES.search(name)) and not name.upper().endswith(_NAMES_A_PLACE)


def _or_dots(word: re.Match[str]) -> str:
    looks_made = len(word[0]) >= _LIKE_A_KEY and any(map(str.isdigit, word[0]))
    return "…" if looks_made or _KEY_BEGINS.search(word[0]) else word[0]


def _without_users(run: str) -> str:
    """A run of characters without what stands before the @ in the addresses that it holds."""
    if "@" not in run or "://" not in run:
        return run
    first, *rest = run.split("://")
    scheme, parts = first, [first]
    for part in rest:
        # A password may hold what an address may not. Of a web address the path is known, which may hold an @ too.
        begin = len(part) - len(part.lstrip("/\\"))
        found = _ENDS_HOST.search(part, begin) if scheme.lower().endswith(_WEB) else None
        end = found.start() if found else len(part)
        parts.append(part[:begin] + part[begin:end].rpartition("@")[2] + part[end:])
        scheme = part
    return "://".join(parts)
