"""Teaches the branch: what the reader's lowest layers make of a claim is computed once, and the branch learns on that.

    python -m training.claims.train --data ../shared/data --out build/claims

An hour on two cores that multiply bfloat16. It writes `branch.pt`, and prints at times how far true and false claims
that were kept from training are apart. What was computed is kept in the folder, and the state is written every few
minutes: a run that was stopped goes on from there with the same batches.
"""

from __future__ import annotations

import random
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from bot.answering.reader import BUILT_IN, PAD, Context, Encoder, open_session, open_tokenizer
from datasets.command import parser_of, reads_shared_data
from training.claims.data import claims_of, reader_claims
from training.claims.network import FIRST, WIDTH, Branch, begun
from training.halves import Halved, has_bfloat16

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from datasets.claims import Claim

SEED = 3
PASSES = 3
"""Over what was written for this; the claims of the reader's own data come in the first alone."""

COPIES = 600
"""Quotes that are also claims of their own: a sentence that repeats its quote is borne out."""

_RATE = 1e-4  # of the layers; the head learns twice as fast
_SUBWORDS = 6_000  # of a batch, padding included
_WARMING = 0.06  # of the steps
_SHOWN_EVERY = 200
_SAVED_EVERY = 300  # seconds


class States:
    """What a layer of the reader gives for each claim, on disk: `rows[offsets[i]:offsets[i + 1]]` for the i-th."""

    def __init__(self, path: Path, lengths: NDArray[np.int64]) -> None:
        self.lengths = lengths
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        self.rows: NDArray[np.float16] = np.load(path, mmap_mode="r")

    def batch(self, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """The states of some claims side by side, and their mask."""
        longest = max(self.lengths[number] for number in numbers)
        states = np.zeros((len(numbers), longest, WIDTH), np.float32)
        mask = np.zeros((len(numbers), longest), np.int64)
        for row, number in enumerate(numbers):
            length = self.lengths[number]
            states[row, :length] = self.rows[self.offsets[number] : self.offsets[number + 1]]
            mask[row, :length] = 1
        return torch.from_numpy(states), torch.from_numpy(mask)


def encoded(claims: Sequence[Claim]) -> list[list[int]]:
    """The subwords of each claim, as the reader sees it."""
    encoder = Encoder(open_tokenizer(BUILT_IN / "tokenizer.json"))
    return [
        encoder.claim(
            one.sentence,
            Context(
                one.title,
                one.quote,
                date.fromisoformat(one.published) if one.published else None,
                before=one.before,
            ),
        ).ids
        for one in claims
    ]


def states_of(claims: Sequence[Claim], path: Path) -> States:
    """The states of claims, computed where the file is not there yet."""
    inputs = encoded(claims)
    lengths = np.array([len(one) for one in inputs])
    if not path.exists():
        _compute(inputs, lengths, path)
    return States(path, lengths)


def _compute(inputs: Sequence[list[int]], lengths: NDArray[np.int64], path: Path) -> None:
    import onnx
    from onnx.utils import Extractor

    lower = Extractor(onnx.load(str(BUILT_IN / "model.onnx"))).extract_model(["ids", "mask"], [f"layer_{FIRST}"])
    session = open_session(lower.SerializeToString())
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    part = path.with_suffix(".part")
    rows = np.lib.format.open_memmap(part, "w+", dtype=np.float16, shape=(int(offsets[-1]), WIDTH))

    def run(batch: NDArray[np.int64]) -> None:
        ids = np.full((len(batch), lengths[batch].max()), PAD, np.int64)
        for row, number in enumerate(batch):
            ids[row, : lengths[number]] = inputs[number]
        (states,) = session.run(None, {"ids": ids, "mask": (ids != PAD).astype(np.int64)})
        for row, number in enumerate(batch):
            rows[offsets[number] : offsets[number + 1]] = states[row, : lengths[number]]

    order = np.argsort(lengths, kind="stable")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, [order[at : at + 8] for at in range(0, len(order), 8)]))
    rows.flush()
    part.rename(path)


def batches(
    units: Iterable[Sequence[int]], lengths: NDArray[np.int64], chance: random.Random | None = None
) -> Iterator[list[int]]:
    """Claims of like length together, those of a unit in one batch; in an order by chance where there is one."""
    longest = [(max(lengths[number] for number in unit), unit) for unit in units]
    ordered = sorted(longest, key=lambda one: one[0] + (chance.random() * 8 if chance else 0))
    made: list[list[int]] = [[]]
    for length, unit in ordered:
        if made[-1] and length * (len(made[-1]) + len(unit)) > _SUBWORDS:
            made.append([])
        made[-1] += unit
    if chance:
        chance.shuffle(made)
    yield from made


def pairs(claims: Sequence[Claim], numbers: Iterable[int]) -> list[list[int]]:
    """The numbers of claims, those of one quote and one language together: nothing but the difference tells them."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for number in numbers:
        one = claims[number]
        found.setdefault((one.quote, one.language, one.title), []).append(number)
    return list(found.values())


def logits_of(branch: Branch, states: States, numbers: Sequence[int]) -> NDArray[np.float32]:
    """The logits of some claims, in their order."""
    found: dict[int, float] = {}
    branch.eval()
    with torch.no_grad():
        for batch in batches([[number] for number in numbers], states.lengths):
            found |= dict(zip(batch, branch(*states.batch(batch)).tolist(), strict=True))
    branch.train()
    return np.array([found[number] for number in numbers], dtype=np.float32)


def apart(logits: NDArray[np.floating], truth: NDArray[np.bool_]) -> str:
    """The area under the curve, and how many false claims are caught with so many true ones kept."""
    ranks = np.empty(len(logits))
    ranks[np.argsort(logits)] = np.arange(1, len(logits) + 1)
    true = int(truth.sum())
    area = (ranks[truth].sum() - true * (true + 1) / 2) / (true * (len(truth) - true))
    caught = {kept: float(np.mean(logits[~truth] < np.quantile(logits[truth], 1 - kept))) for kept in (0.8, 0.9, 0.95)}
    return f"AUC {area:.3f}, " + ", ".join(f"{share:.3f} caught with {kept} kept" for kept, share in caught.items())


class Trainer:
    """Teaches a branch, batch by batch."""

    def __init__(self, branch: Branch, states: States, claims: Sequence[Claim], written: int) -> None:
        """The first claims, as many as were `written`, come in each pass."""
        self._branch, self._states, self._claims = branch, states, claims
        self.steps = 0
        self.order = [batch for number in range(PASSES) for batch in self._pass(number, written)]
        if has_bfloat16(torch.device("cpu")):
            branch.layers.to(torch.bfloat16)
        self._layers = Halved(list(branch.layers.parameters()))
        self._optimizer = torch.optim.AdamW(
            [
                {"params": self._layers.whole, "rate": _RATE},
                {"params": list(branch.head.parameters()), "rate": 2 * _RATE},
            ],
            weight_decay=0.01,
            fused=True,
        )

    def _pass(self, number: int, written: int) -> Iterator[list[int]]:
        last = len(self._claims) if number == 0 else written
        chosen = [one for one in range(last) if not self._claims[one].kept]
        yield from batches(pairs(self._claims, chosen), self._states.lengths, random.Random(SEED + number))

    def step(self) -> float:
        """Learn from the next batch; its loss."""
        batch, total = self.order[self.steps], len(self.order)
        pace = min(1.0, (self.steps + 1) / (_WARMING * total)) * max(0.02, 1 - self.steps / total)
        for group in self._optimizer.param_groups:
            group["lr"] = group["rate"] * pace
        self._optimizer.zero_grad(set_to_none=True)
        wanted = torch.tensor([float(self._claims[number].supported) for number in batch])
        loss = nn.functional.binary_cross_entropy_with_logits(self._branch(*self._states.batch(batch)), wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        self._layers.hand_over()
        nn.utils.clip_grad_norm_([*self._layers.whole, *self._branch.head.parameters()], 1.0)
        self._optimizer.step()
        self._layers.write_back()
        self.steps += 1
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {
            "layers": [weight.detach() for weight in self._layers.whole],
            "head": self._branch.head.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "steps": self.steps,
        }

    @torch.no_grad()
    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        for weight, known in zip(self._layers.whole, state["layers"], strict=True):
            weight.copy_(known)
        self._layers.write_back()
        self._branch.head.load_state_dict(state["head"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]

    def learnt(self) -> Branch:
        """The branch as it learnt, in float32."""
        branch = Branch()
        for weight, whole in zip(branch.layers.parameters(), self._layers.whole, strict=True):
            weight.data.copy_(whole.detach())
        branch.head.load_state_dict(self._branch.head.state_dict())
        return branch


def train(trainer: Trainer, saved: Path, show: Callable[[], str]) -> None:
    """Go through all batches, and keep the state in a file; at times what `show` says is printed."""
    if saved.is_file():
        trainer.resume(torch.load(saved, weights_only=True))
    began = written = time.monotonic()
    total, lost = len(trainer.order), deque[float](maxlen=_SHOWN_EVERY)
    while trainer.steps < total:
        lost.append(trainer.step())
        if trainer.steps % _SHOWN_EVERY == 0 or trainer.steps == total:
            loss, took = sum(lost) / len(lost), time.monotonic() - began
            print(f"{trainer.steps}/{total}, loss {loss:.3f}, {took:.0f} s: {show()}", flush=True)
        if time.monotonic() - written > _SAVED_EVERY or trainer.steps == total:
            torch.save(trainer.state(), saved.with_suffix(".new"))
            saved.with_suffix(".new").replace(saved)
            written = time.monotonic()


def with_copies(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, and some of their quotes as claims of their own."""
    quotes = {one.quote: one for one in claims if not one.kept and len(one.quote) < 300}
    chosen = random.Random(SEED).sample(list(quotes.values()), min(COPIES, len(quotes)))
    return [
        *claims,
        *(replace(one, sentence=one.quote, language=one.quote_language, supported=True, kind="copy") for one in chosen),
    ]


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Teach the branch, and write it down."""
    parser = parser_of("training.claims.train", "Teach claims.")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    written, others = with_copies(claims_of(options.data)), reader_claims(options.data)
    claims = [*written, *others]
    states = states_of(claims, options.out / "states.npy")
    kept = [number for number, claim in enumerate(written) if claim.kept]
    truth = np.array([claims[number].supported for number in kept])
    branch = begun()
    trainer = Trainer(branch.train(), states, claims, len(written))
    print(f"{len(trainer.order)} batches of {len(claims)} claims, of which {len(kept)} are kept", flush=True)
    train(trainer, options.out / "state.pt", lambda: apart(logits_of(branch, states, kept), truth))
    torch.save(trainer.learnt().state_dict(), options.out / "branch.pt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
