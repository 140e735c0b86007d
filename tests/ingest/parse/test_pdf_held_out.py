"""Ten PDFs after other newsrooms' frames; `held_out_pdf/README.md` says how they were made."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from benchmarks.newsrooms import share_right
from benchmarks.pdfs import FIELDS, each, load, ours, pairs_shared

FILES = load()


@pytest.fixture(scope="module")
def scores():
    """How well each file is read, in the order of the files."""
    return each(FILES)


def test_the_files_are_there():
    """Without them, the other tests of this file would say nothing."""
    assert len(FILES) == 10


@pytest.mark.parametrize("field", FIELDS)
def test_almost_every_file_has_its_facts_right(scores, field):
    """Title, day and language are right on 95 of 100 files; the message names the others."""
    wrong = [f"{found.name}: {found.wrong[field]}" for found in scores if field in found.wrong]
    assert share_right(scores, field) >= 0.95, wrong


def test_the_text_is_the_release_and_little_else(scores):
    """The words of the body are those of the release, and follow each other as they do there."""
    assert statistics.mean(found.f1 for found in scores) >= 0.97
    assert statistics.mean(pairs_shared(saved, ours(saved)) for saved in FILES) >= 0.97


@pytest.mark.parametrize(
    ("folder", "f1"),
    [
        ("held_out_pdf_third", 0.985),
        ("held_out_pdf_fourth", 0.975),
        ("held_out_pdf_fifth", 0.98),
        ("held_out_pdf_sixth", 0.975),
        ("held_out_pdf_seventh", 0.97),
        ("held_out_pdf_eighth", 0.965),
    ],
)
def test_files_that_little_was_mended_by_are_read_as_well(folder, f1):
    """Their READMEs have the figures of the first runs; a subheading, which is left out, counts as missing."""
    files = load(Path(__file__).parent / folder)
    read = each(files)

    assert len(read) == 10
    assert [f"{found.name}: {found.wrong}" for found in read if found.wrong.keys() & set(FIELDS)] == []
    assert statistics.mean(found.f1 for found in read) >= f1
