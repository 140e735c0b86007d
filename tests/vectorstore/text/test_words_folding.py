"""How a word is folded before it is looked up."""

from __future__ import annotations

import pytest

from tests.language_tables import each_row
from vectorstore.text.words import fold, fold_aligned


@each_row("folded.jsonl", "text", "folded")
def test_accents_case_apostrophes_hyphens_and_spaces_are_folded(text: str, folded: str) -> None:
    """Also where an accent is a character of its own."""
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["L’Œuvre", "Porte‑parole", "Straße", "E\u0301te\u0301", "İstanbul", "PLAIN", ""])
def test_an_aligned_fold_keeps_every_offset(text: str) -> None:
    """A letter that would become two stays one."""
    assert len(fold_aligned(text)) == len(text)
