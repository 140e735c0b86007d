"""How a word is folded before it is looked up."""

from __future__ import annotations

import pytest

from vectorstore.text.words import fold, fold_aligned


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Œuvre de l‘État", "l'oeuvre de l'etat"),
        ("Porte‑parole, porte‐parole", "porte-parole, porte-parole"),
        ("1\u00a0000\u202f€", "1 000 €"),
        ("E\u0301te\u0301 – STRASSE – Straße", "ete – strasse – strasse"),
        ("plain", "plain"),
    ],
)
def test_accents_case_apostrophes_hyphens_and_spaces_are_folded(text: str, folded: str) -> None:
    """Also where an accent is a character of its own."""
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["L’Œuvre", "Porte‑parole", "Straße", "E\u0301te\u0301", "İstanbul", "PLAIN", ""])
def test_an_aligned_fold_keeps_every_offset(text: str) -> None:
    """A letter that would become two stays one."""
    assert len(fold_aligned(text)) == len(text)
