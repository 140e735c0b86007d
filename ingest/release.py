"""What ingestion reads: a source names pages, a page holds bytes, a release is what a reader would read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Where releases come from, and what the operator knows of them.

    `location` is a path. `publisher` and `language` are taken for releases that do not say. `fields` maps a JSONL
    field's usual name to the name it has in this source, as in `{"body": "content"}`.
    """

    location: str
    name: str | None = None
    publisher: str | None = None
    language: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one file or one line of a JSONL file, before anything is understood.

    `location` is the file's path (with `:LINE` for a JSONL line); `id` names the release that it holds unless the
    content says otherwise: the file's full path. `line` is the number of a JSONL line, None for a whole file.
    """

    location: str
    id: str
    content: bytes
    source: Source
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A press release as its readers see it. Satisfies `vectorstore.passage.IncomingRelease`.

    `body` holds paragraphs in order; `lead` is a standfirst that is not among them, or None. Times are in UTC. `pair`
    is a key that the language versions of one release share.
    """

    id: str
    title: str
    body: tuple[str, ...]
    source: str
    lead: str | None = None
    language: str | None = None
    publisher: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    url: str | None = None
    pair: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What passages and quotes are cut from: lead and paragraphs, a blank line between each.

        A release of a title alone has its title here, so that it can still be found and quoted.
        """
        paragraphs = (self.lead, *self.body) if self.lead else self.body
        return "\n\n".join(paragraphs) or self.title

    @property
    def content_hash(self) -> str:
        """Hash of all that a reader would see; decides whether a release has changed."""
        times = [moment.isoformat() if moment else None for moment in (self.published, self.updated)]
        seen = [self.title, self.text, self.language, self.publisher, self.url, self.pair, *times]
        return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()
