"""Which sources a channel is kept to by who manages its guild."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.state.database import Database

_SET = (
    "INSERT INTO main.channel_sources (channel, guild, sources) VALUES (?, ?, ?)"
    " ON CONFLICT (channel) DO UPDATE SET guild = excluded.guild, sources = excluded.sources"
)


class ChannelSources:
    """Names of sources by channel; a channel without an entry has all that its guild has."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_to(self, channel: int, sources: Sequence[str], *, guild: int) -> None:
        """Keep a channel of a guild to these sources, in place of those before."""
        with self._database.transaction() as connection:
            connection.execute(_SET, (channel, guild, json.dumps(list(sources))))

    def release(self, channel: int, *, guild: int) -> bool:
        """Keep a channel of a guild to nothing any more; False where it was not."""
        query = "DELETE FROM main.channel_sources WHERE channel = ? AND guild = ? RETURNING channel"
        with self._database.transaction() as connection:
            return bool(connection.execute(query, (channel, guild)).fetchall())

    def all(self, guild: int | None = None) -> dict[int, tuple[str, ...]]:
        """The sources of each channel that is kept to some, of one guild or of all."""
        query = (
            "SELECT channel, sources FROM main.channel_sources"
            " WHERE CAST(? AS BIGINT) IS NULL OR guild = ? ORDER BY channel"
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query, (guild, guild)).fetchall()
        return {channel: tuple(json.loads(sources)) for channel, sources in rows}
