"""Teaches the branch: what the reader's lower layers make of a claim is computed once, and the branch learns on that.

    python -m training.claims.train --data ../shared/data --out build/claims

An hour and a quarter on two cores with AVX2. It writes `branch.pt`, and prints at times how far true and false claims
that were kept from training are apart. What was computed is kept in the folder, so a second run begins with learning.
"""

from __future__ import annotations

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from bot.answering.reader import BUILT_IN, PAD, Context, Encoder, open_session, open_tokenizer
from datasets.command import parser_of, reads_shared_data
from training.claims.data import claims_of, reader_claims
from training.claims.network import FIRST, WIDTH, Branch, from_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from datasets.claims import Claim

SEED = 3
TIMES = (3, 2)
"""How often each written claim comes in the first and in the second pass; those of the reader's own data come once."""

COPIES = 600
"""Quotes that are also claims of their own: a sentence that repeats its quote is borne out."""

_RATES = (1.5e-4, 1e-4)  # of the layers in each pass; the head learns twice as fast
_SUBWORDS = 5_000  # of a batch, padding included
_WARMING = 30  # steps
_SHOWN_EVERY = 130


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


def batches(numbers: Sequence[int], lengths: NDArray[np.int64], chance: random.Random | None) -> Iterator[list[int]]:
    """Claims of like length together; in an order by chance where there is one."""
    ordered = sorted(numbers, key=lambda number: lengths[number] + (chance.random() * 8 if chance else 0))
    made: list[list[int]] = []
    batch: list[int] = []
    for number in ordered:
        if batch and lengths[number] * (len(batch) + 1) > _SUBWORDS:
            made.append(batch)
            batch = []
        batch.append(number)
    made.append(batch)
    if chance:
        chance.shuffle(made)
    yield from made


def logits_of(branch: Branch, states: States, numbers: Sequence[int]) -> NDArray[np.float32]:
    """The logits of some claims, in their order."""
    found: dict[int, float] = {}
    branch.eval()
    with torch.no_grad():
        for batch in batches(numbers, states.lengths, None):
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


def train(
    branch: Branch, states: States, claims: Sequence[Claim], numbers: list[int], kept: list[int], number: int
) -> None:
    """The pass with this number, from 0, over the numbered claims."""
    chance, rate = random.Random(SEED + number), _RATES[number]
    optimizer = torch.optim.AdamW(
        [
            {"params": branch.layers.parameters(), "lr": rate},
            {"params": branch.head.parameters(), "lr": 2 * rate},
        ],
        weight_decay=0.01,
    )
    order = list(batches(numbers, states.lengths, chance))
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / _WARMING) * max(0.02, 1 - step / len(order))
    )
    truth = np.array([claims[number].supported for number in kept])
    began = time.monotonic()
    for step, batch in enumerate(order, 1):
        wanted = torch.tensor([float(claims[number].supported) for number in batch])
        loss = nn.functional.binary_cross_entropy_with_logits(branch(*states.batch(batch)), wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(branch.parameters(), 1.0)
        optimizer.step()
        rates.step()
        if step % _SHOWN_EVERY == 0 or step == len(order):
            separation = apart(logits_of(branch, states, kept), truth)
            print(f"{step}/{len(order)}, {time.monotonic() - began:.0f} s: {separation}", flush=True)


def with_copies(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, and some of their quotes as claims of their own."""
    quotes = {one.quote: one for one in claims if not one.kept and len(one.quote) < 300}
    chosen = random.Random(SEED).sample(list(quotes.values()), min(COPIES, len(quotes)))
    return [
        *claims,
        *(replace(one, sentence=one.quote, language=one.quote_language, supported=True, kind="copy") for one in chosen),
    ]


def _chosen(claims: Sequence[Claim], written: int, times: int, *, others: bool) -> list[int]:
    """The numbers of the claims of a pass: the first ones, which were written for this, so many times."""
    return [
        number
        for number, claim in enumerate(claims)
        if not claim.kept and (number < written or others)
        for _ in range(times if number < written and claim.kind != "copy" else 1)
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
    branch = from_reader(BUILT_IN / "model.onnx")
    for number, times in enumerate(TIMES):
        chosen = _chosen(claims, len(written), times, others=number == 0)
        print(f"pass {number + 1}: {len(chosen)} claims; {len(kept)} are kept", flush=True)
        train(branch, states, claims, chosen, kept, number)
    torch.save(branch.state_dict(), options.out / "branch.pt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
