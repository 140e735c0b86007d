from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ingest.releases import change_of
from ingest.report import Change
from tests.fakes import a_release
from vectorstore.types import StoredRelease

if TYPE_CHECKING:
    from vectorstore.types import Release

RELEASE = a_release("1", "One.", "Two.", title="Title")


def stored(release: Release) -> StoredRelease:
    """The release as a store gives it back."""
    return StoredRelease(
        id=release.id,
        version=1,
        title=release.title,
        lead=release.lead,
        text=release.text,
        language=release.language,
        publisher=release.publisher,
        published=release.published,
        updated=release.updated,
        url=release.url,
        source=release.source,
        pair=release.pair,
        content_hash=release.content_hash,
        first_seen=datetime(2024, 1, 1, tzinfo=UTC),
    )


def test_a_release_that_is_not_stored_is_new() -> None:
    """No hash under its id."""
    assert change_of(RELEASE, None) is Change.NEW


def test_the_same_content_is_unchanged() -> None:
    """Compared by content: the file that it came from and the warnings on the way are not part of it."""
    moved = replace(RELEASE, source="elsewhere.txt", warnings=("undated",))

    assert change_of(moved, stored(RELEASE)) is Change.UNCHANGED


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
    ],
)
def test_what_a_reader_would_see_is_a_change(edit: dict[str, Any]) -> None:
    """Each part of a release counts."""
    assert change_of(replace(RELEASE, **edit), stored(RELEASE)) is Change.CHANGED


def test_a_page_that_says_it_was_updated_just_now_is_unchanged() -> None:
    """Some pages say so at each request; their words decide."""
    touched = replace(RELEASE, updated=datetime(2024, 1, 1, tzinfo=UTC))

    assert change_of(touched, stored(RELEASE)) is Change.UNCHANGED


def test_a_release_kept_by_an_older_version_is_unchanged() -> None:
    """Where the hash is made another way now, the words themselves are compared."""
    before = replace(stored(RELEASE), content_hash="made another way")

    assert change_of(RELEASE, before) is Change.UNCHANGED
