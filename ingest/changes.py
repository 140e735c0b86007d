"""What a release is to the store: new, changed or unchanged. Decided by content, never by an id alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.release import Release


class Change(StrEnum):
    """What has to be done with a release."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def change_of(release: Release, stored_hash: str | None) -> Change:
    """Compare a release with the content hash that is stored under its id; None means that there is none."""
    if stored_hash is None:
        return Change.NEW
    return Change.UNCHANGED if stored_hash == release.content_hash else Change.CHANGED
