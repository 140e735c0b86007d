"""The dateline of a release, read alike whatever the file is."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ingest.parse.html import parse_html
from ingest.parse.pdf import parse_pdf
from ingest.parse.text import parse_text

_spec = spec_from_file_location("pdf_builder", Path(__file__).with_name("pdf_builder.py"))
pdf_builder = module_from_spec(_spec)
_spec.loader.exec_module(pdf_builder)

_REST = (
    "The council adopted the plan for the coming years, and it will start as soon as",
    "its members have signed it. They meet again in the autumn to see how far it is.",
)


@pytest.mark.parametrize("kind", ["text", "pdf", "html"])
@pytest.mark.parametrize(
    "opening",
    [
        "Bern, 12 April 2023. ",
        "Berne, le 12 avril 2023 – ",
        "Bern, 12.04.2023 - ",
        "BERN, April 12, 2023 /Wire/ -- ",
        "Bern (Switzerland), 12 April 2023: ",
    ],
)
def test_a_dateline_is_read_alike_in_every_format(make_page, opening, kind):
    """Where no other date is to be had."""
    lines = (opening + _REST[0], _REST[1])
    if kind == "text":
        release = parse_text(make_page("A plan is adopted\n\n" + " ".join(lines) + "\n\n" + " ".join(_REST) + "\n"))
    elif kind == "pdf":
        page = pdf_builder.build_pdf(
            [(70, 760, 20, "A plan is adopted"), *pdf_builder.column("\n".join(lines), "\n".join(_REST))]
        )
        release = parse_pdf(make_page(page))
    else:
        text = f"<h1>A plan is adopted</h1><p>{' '.join(lines)}</p><p>{' '.join(_REST)}</p>"
        release = parse_html(make_page(f"<html><body><article>{text}</article></body></html>"))

    assert release.published == datetime(2023, 4, 12, tzinfo=UTC)
