"""Reads a newsroom page that was saved as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import ParseError
from ingest.parse.blocks import sort_blocks, to_blocks
from ingest.parse.characters import decode, losses, tidy
from ingest.parse.complete import complete
from vectorstore.types import Release

if TYPE_CHECKING:
    from ingest.types import Page


def parse_text(page: Page) -> Release:
    """The release on a page saved as text; `ingest.parse.blocks` says by which rules.

    Raises:
        ParseError: the page is empty, binary, or without a single word.

    """
    read = decode(page.content, page.location, page.charset)
    text = tidy(read)
    if not any(character.isalnum() for character in text):
        raise ParseError(page.location, "there is no word in this file")
    found = sort_blocks(to_blocks(text))
    release = Release(
        id=page.id,
        title=found.title,
        body=found.body,
        source=page.location,
        published=found.published,
        updated=found.updated,
        warnings=losses(read),
    )
    return complete(release, page)
