"""Where the bot keeps what it remembers: every test that asks for `deeds` runs over a file and over a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.state.ledger import ServerDatabase
from bot.state.tables import BOT
from vectorstore.catalogue.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress


@pytest.fixture(params=["in a file", "on a server"])
def address(request: pytest.FixtureRequest) -> PostgresAddress | None:
    """A schema of the test's own, or None for a file."""
    if request.param == "in a file":
        return None
    postgres: Server = request.getfixturevalue("postgres")
    return postgres.new_store()


@pytest.fixture
def deeds(address: PostgresAddress | None) -> Iterator[Callable[[], ServerDatabase | None]]:
    """Gives what one more process has of the server; None where all share a file."""
    opened: list[ServerDatabase] = []

    def another() -> ServerDatabase | None:
        if address is None:
            return None
        opened.append(ServerDatabase(PostgresServer(address, BOT)))
        return opened[-1]

    yield another
    for one in opened:
        one.close()
