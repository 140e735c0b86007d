"""What a release is to the store: new, changed or unchanged. Decided by content, never by an id alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.release import Release
    from vectorstore.passage import StoredRelease


class Change(StrEnum):
    """What has to be done with a release."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def change_of(release: Release, stored: StoredRelease | None) -> Change:
    """Compare a release with what is stored under its id; None means that nothing is."""
    if stored is None:
        return Change.NEW
    if stored.content_hash == release.content_hash or _content(stored) == _content(release):
        return Change.UNCHANGED
    return Change.CHANGED


def _content(release: Release | StoredRelease) -> tuple[object, ...]:
    """What makes a version; when a page says it was updated does not, for some say "now" at each request."""
    stated = (release.language, release.publisher, release.url, release.pair, release.published)
    return (release.title, release.text, *stated)
