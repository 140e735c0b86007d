"""Turns a page into a release, one file per format. Pure: nothing here reads a disk or a network.

`workers` has it done by another process.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.types import Page
    from vectorstore.types import Release


def parse(page: Page, ocr: bool = False) -> Release:
    """The release on a page, with dates that can be; the parsers are loaded no sooner, for another process has them."""
    from ingest.parse.complete import dated
    from ingest.parse.page import parse_page, parse_web_page

    release = parse_page(page, ocr=ocr) if page.entry is None else parse_web_page(page, ocr=ocr)
    return dated(release, now=datetime.now(UTC))
