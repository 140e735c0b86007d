"""What moves from one database to another is all there is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.catalogue.sqlite import SqliteFile
from vectorstore.migrate import COPIED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres_server import Server

LEFT_OUT = {"meta", "dropped", "words", "release_words", "terms", "totals"}
"""Tables that are not copied row by row; `vectorstore.migrate` says why."""


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[Catalogue]:
    with contextlib.closing(Catalogue(SqliteFile(tmp_path / "catalogue.sqlite3"))) as catalogue:
        yield catalogue


def test_no_table_and_no_column_of_a_file_is_forgotten(in_file: Catalogue) -> None:
    """Who adds one to the schema says here how it moves."""
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%words\\_%' ESCAPE '\\'"
    named = {name for (name,) in in_file.connection.execute(tables)} - LEFT_OUT - {"sqlite_sequence"}
    held = {
        name: {row[1] for row in in_file.connection.execute(f"PRAGMA table_info({name})")} for name in sorted(named)
    }

    assert held == {table.name: set(table.columns) for table in COPIED}


def test_no_table_and_no_column_on_a_server_is_forgotten(postgres: Server) -> None:
    """The same; and what is yes or no there is told apart from numbers."""
    query = (
        "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
    )
    with contextlib.closing(Catalogue(PostgresServer(postgres.new_store()))) as catalogue:
        columns = [row for row in catalogue.connection.execute(query) if row[0] not in LEFT_OUT]

    held = {(table, name): kind == "boolean" for table, name, kind in columns}
    assert held == {(table.name, name): name in table.truths for table in COPIED for name in table.columns}
