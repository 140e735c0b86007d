"""Teaching claims: what is read, how it is put side by side, and where the branch begins."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from bot.answering.reader import BUILT_IN
from tests.optional import needs
from training.claims.data import claims_of, reader_claims

NOWHERE = Path("/nowhere")


def test_written_claims_stand_on_their_quotes() -> None:
    """Those of the project itself, without the data folder; some are kept from training, and half are true."""
    claims = claims_of(NOWHERE)

    assert len(claims) > 5_000
    assert all(claim.quote and claim.quote in claim.passage for claim in claims)
    assert 0.1 < np.mean([claim.kept for claim in claims]) < 0.25
    assert 0.45 < np.mean([claim.supported for claim in claims]) < 0.55


def test_no_passage_both_trains_and_is_kept() -> None:
    """Else what is kept would be known already."""
    claims = [claim for claim in claims_of(NOWHERE) if claim.publisher]
    trained, kept = ({one.passage for one in claims if one.kept is which} for which in (False, True))

    assert trained.isdisjoint(kept)


def test_the_readers_own_claims_are_read_with_what_stands_before() -> None:
    """Where their release is known."""
    claims = reader_claims(NOWHERE)

    assert len(claims) > 1_000
    assert any(claim.before for claim in claims)


@pytest.mark.long
def test_the_branch_begins_where_the_reader_ends() -> None:
    """Its layers and head are those of the reader's file, taken back from bytes: they say nearly the same."""
    needs("torch")
    needs("onnx")
    import torch
    from onnxruntime import InferenceSession

    from training.claims.network import FIRST, from_reader
    from training.claims.train import apart, batches, encoded

    branch = from_reader(BUILT_IN / "model.onnx").eval()
    session = InferenceSession(str(BUILT_IN / "model.onnx"), providers=["CPUExecutionProvider"])
    claims = claims_of(NOWHERE)[:200:20]
    theirs, ours = [], []
    for ids in encoded(claims):
        given = {"ids": np.array([ids]), "mask": np.ones((1, len(ids)), np.int64)}
        states, logit = session.run([f"layer_{FIRST}", "supports"], given)
        with torch.no_grad():
            ours.append(float(branch(torch.tensor(states), torch.ones(1, len(ids), dtype=torch.int64))))
        theirs.append(float(logit[0]))

    assert np.abs(np.array(ours) - np.array(theirs)).mean() < 0.6
    lengths = np.array([5, 9, 7, 4_999, 8])
    assert sorted(n for batch in batches(range(5), lengths, random.Random(1)) for n in batch) == [0, 1, 2, 3, 4]
    assert apart(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])).startswith("AUC 1.000")
