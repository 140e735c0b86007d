"""What all sections of the settings are made of, and what a path and an address in them may be."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, field_validator

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_WAIT = 86_400  # seconds that a wait may last: no clock takes an endless one
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # the latter stand for bytes of the environment that are not UTF-8
USER = re.compile(r"(?<=://)[^/?#]*@")  # a password may hold a space or a backslash
_WRITE_ANEW = "holds a NUL, or bytes that are not UTF-8; call it something else"
SERVER = re.compile(r"https?://(?:[\w.-]+|\[[a-f\d:.]+\])(?::\d*)?(?:/[!-~]*)?", re.IGNORECASE)


class Section(BaseModel):
    """A section of the settings: nothing unknown, nothing that is no text."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: object) -> object:
        if any(map(_NO_TEXT.search, _texts(value))):
            raise ValueError(_WRITE_ANEW)
        return value


def _texts(value: object) -> Iterator[str]:
    """The texts that a setting holds, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for part in pair for text in _texts(part))
    elif isinstance(value, (tuple, list)):
        yield from (text for part in value for text in _texts(part))


def read_place(path: Path) -> Path:
    """A path with `~` written out. Raises ValueError where it can be none, or none that Chroma can open."""
    if _NO_TEXT.search(str(path)):
        raise ValueError(_WRITE_ANEW)
    try:
        return path.expanduser()
    except RuntimeError as exc:
        raise ValueError(f"is no path: nobody is called {path.parts[0]} here; write the whole path") from exc


Place = Annotated[Path, AfterValidator(read_place)]


def can_be_asked(url: str) -> bool:
    """Whether there can be such a host and such a port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if ":" in host or re.fullmatch(r"[\d.]+", host):
            ipaddress.ip_address(host)
        host.encode("idna")
    except ValueError:
        return False
    return bool(host) and port != 0
