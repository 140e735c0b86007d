"""Releases in, twins out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.twins.content import join_by_content
from ingest.twins.stated import join_stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.twins.candidate import Candidate
    from vectorstore.relations import Twin


def find_twins(releases: Sequence[Candidate], *, languages: Sequence[str] = ("en", "fr")) -> list[Twin]:
    """The language versions of one release, two by two, in the order of their ids.

    Depends on the set of releases alone, not on their order. A release has at most one twin in each other language.
    What is stated joins any languages; contents are compared only between `languages`, those that the model reads.
    """
    by_id = {release.id: release for release in releases}
    joined = join_stated([by_id[name] for name in sorted(by_id)])
    join_by_content(list(by_id.values()), joined, languages)
    return sorted(joined.twins)
