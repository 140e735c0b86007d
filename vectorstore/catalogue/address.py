"""Where a catalogue on a PostgreSQL server is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_MEND = "write it as postgresql://user@host:5432/database, and special characters of a password as %40"
_SCHEMA = re.compile(r"search_path=([^\s&]+)")


@dataclass(frozen=True, slots=True, repr=False)
class PostgresAddress:
    """An address as PostgreSQL's own programs take it; its tables lie in the schema that `search_path` gives.

    A password may stand in it, in PGPASSWORD or in ~/.pgpass; `str` and `repr` show none. Raises ValueError, which
    does not repeat the address, where it is none.
    """

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            fits = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") and (parts.port or True)
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"is no address of a database; {_MEND}")

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        schema = _SCHEMA.search(unquote(parts.query))
        shown = f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"
        return f"{shown} (schema {schema[1]})" if schema else shown

    def __repr__(self) -> str:
        return f"PostgresAddress({str(self)!r})"
