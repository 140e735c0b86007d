from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.changes import Change, change_of
from tests.fakes import a_release

RELEASE = a_release("1", "One.", "Two.", title="Title")


def test_a_release_that_is_not_stored_is_new() -> None:
    """No hash under its id."""
    assert change_of(RELEASE, None) is Change.NEW


def test_the_same_content_is_unchanged() -> None:
    """Compared by content: the file that it came from and the warnings on the way are not part of it."""
    moved = replace(RELEASE, source="elsewhere.txt", warnings=("undated",))

    assert change_of(moved, RELEASE.content_hash) is Change.UNCHANGED


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Another"},
        {"body": ("One.",)},
        {"body": ("One. Two.",)},
        {"lead": "Lead."},
        {"language": "fr"},
        {"publisher": "NATO"},
        {"url": "https://example.org"},
        {"pair": "p"},
        {"published": datetime(2024, 1, 1, tzinfo=UTC)},
        {"updated": datetime(2024, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_a_reader_would_see_is_a_change(edit: dict[str, Any]) -> None:
    """Each part of a release counts."""
    assert change_of(replace(RELEASE, **edit), RELEASE.content_hash) is Change.CHANGED
