"""Teaching claims: what is read, how it is put side by side, and where the branch begins."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.answering.reader import BUILT_IN, CLAIMS
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
def test_the_branch_begins_as_the_one_in_place() -> None:
    """Its layers and head are those of the file, taken back from bytes: they say nearly the same."""
    needs("torch")
    needs("onnx")
    import torch
    from onnxruntime import InferenceSession

    from training.claims.network import FIRST, begun
    from training.claims.train import encoded

    branch = begun().eval()
    below, above = (
        InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        for folder in (BUILT_IN, CLAIMS)
    )
    theirs, ours = [], []
    for ids in encoded(claims_of(NOWHERE)[:200:20]):
        mask = np.ones((1, len(ids)), np.int64)
        (states,) = below.run([f"layer_{FIRST}"], {"ids": np.array([ids]), "mask": mask})
        theirs.append(float(above.run(["supports"], {"states": states, "mask": mask})[0][0]))
        with torch.no_grad():
            ours.append(float(branch(torch.tensor(states), torch.tensor(mask))))

    assert np.abs(np.array(ours) - np.array(theirs)).mean() < 0.6


@pytest.mark.long
def test_learning_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A run that was stopped ends as one that was not, and what is kept is never learnt from."""
    needs("torch")
    import torch

    from training.claims.network import WIDTH, Branch
    from training.claims.train import States, Trainer, train

    lengths = np.array([5, 7, 6, 9])
    np.save(tmp_path / "states.npy", np.random.default_rng(1).normal(size=(lengths.sum(), WIDTH)).astype(np.float16))
    states = States(tmp_path / "states.npy", lengths)
    one = claims_of(NOWHERE)[0]
    claims = [replace(one, sentence=f"{n}", supported=n % 2 == 0, kept=n == 3) for n in range(4)]

    def trainer() -> Trainer:
        torch.manual_seed(1)
        return Trainer(Branch(layers=1).eval(), states, claims, len(claims))

    whole, stopped, resumed = trainer(), trainer(), trainer()
    train(whole, tmp_path / "whole.pt", lambda: "")
    stopped.step()
    torch.save(stopped.state(), tmp_path / "state.pt")
    train(resumed, tmp_path / "state.pt", lambda: "")

    assert sorted(number for batch in whole.order for number in batch) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert resumed.steps == whole.steps == len(whole.order)
    for ours, theirs in zip(resumed.state()["layers"], whole.state()["layers"], strict=True):
        assert torch.equal(ours, theirs)


def test_what_stands_on_one_quote_is_learnt_side_by_side() -> None:
    """However long other claims are; and every claim comes once."""
    needs("torch")
    from training.claims.train import apart, batches, pairs

    claims = [replace(one, kept=False) for one in claims_of(NOWHERE)[:40]]
    units = pairs(claims, range(40))
    made = list(batches(units, np.arange(40) * 40 + 500, random.Random(1)))

    assert sorted(number for batch in made for number in batch) == list(range(40))
    assert len(made) > 5
    assert all(any(set(unit) <= set(batch) for batch in made) for unit in units)
    assert apart(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])).startswith("AUC 1.000")
