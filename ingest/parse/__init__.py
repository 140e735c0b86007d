"""Turns a page into a release, one file per format. Pure: nothing here reads a disk or a network.

`workers` has it done by another process, which is `worker`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.types import Page
    from vectorstore.types import Release


def parse(page: Page, ocr: bool = False) -> Release:
    """`ingest.parse.page.parse_page`, with the parsers loaded no sooner: whoever asks another process needs none."""
    from ingest.parse.page import parse_page

    return parse_page(page, ocr=ocr)
