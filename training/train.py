"""Step 3: one vector for each subword, learned so that texts of a pair lie near each other and far from all others.

    python -m training.train --out build/training

A text's vector is the mean of its subwords' vectors, scaled to length 1. The loss is InfoNCE with the other pairs of
the batch as negatives, in both directions (van den Oord et al., 2018), and a margin that a pair must be nearer by than
all others (additive margin softmax, Yang et al., 2019). The length that a subword's vector reaches is its weight:
nothing else weighs words. From the second epoch on, a batch of bitext is made of pairs that the model itself finds
alike, so that the negatives are hard. After each epoch the state is written; a run that was interrupted goes on from
there, and gives the same vectors.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.data import SEED
from training.encode import KINDS, load
from training.recipe import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from training.encode import Encoded, Texts


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run may vary; the defaults are those of the model that is shipped."""

    size: int = 48_000
    dimension: int = 480
    epochs: int = 6
    batch: int = 4_096
    rate: float = 0.006
    scale: float = 36.0
    margin: float = 0.4  # taken off the cosine of a pair in training, so that it must be nearer than all others by it
    hard: str = "bitext"  # kinds whose batches are made of pairs alike, from the second epoch on
    typos: float = 0.08
    kinds: str = ",".join(KINDS)
    heads: str = ""  # shorter lengths of the vector that learn too, as in Matryoshka; "64,128"
    start: float = 0.1  # length of a vector before training
    first: str = ""  # file inside --out with vectors to begin with, in place of random ones
    weights: str = "learned"  # or "sif": every vector keeps the length a / (a + p), and only directions are learned
    mixed: bool = True  # whether English and French change sides, so that each is among the other's negatives
    limit: int = 0  # pairs of each kind, 0 for all


class Trainer:
    """Trains one table of vectors, one epoch at a time."""

    def __init__(self, recipe: Recipe, encoded: Encoded, first: NDArray[np.float32] | None = None) -> None:
        torch.manual_seed(SEED)
        self.recipe = recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.done = 0
        self._encoded = encoded
        self._steps = 0
        kinds = [KINDS.index(kind) for kind in recipe.kinds.split(",")]
        self._mine = [np.flatnonzero(encoded.kind == kind) for kind in kinds]
        if recipe.limit:
            self._mine = [numbers[: recipe.limit] for numbers in self._mine]
        self._total = recipe.epochs * sum(-(-len(numbers) // recipe.batch) for numbers in self._mine)
        table = recipe.start * torch.randn(recipe.size, recipe.dimension) / recipe.dimension**0.5
        if first is not None:
            table = recipe.start * torch.from_numpy(first)
        self.table = torch.nn.Parameter(table.to(self.device))
        self._lengths = self._sif().to(self.device) if recipe.weights == "sif" else None
        self._optimizer = torch.optim.Adam([self.table], lr=recipe.rate, betas=(0.9, 0.98), fused=True)
        self._heads = [int(head) for head in recipe.heads.split(",") if head] + [recipe.dimension]

    def epoch(self) -> float:
        """Train on every pair once; the mean loss."""
        losses = []
        for which in self._batches():
            for group in self._optimizer.param_groups:
                group["lr"] = self.recipe.rate * self._pace()
            self._optimizer.zero_grad(set_to_none=True)
            loss = self._loss(which)
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            self._steps += 1
            losses.append(loss.item())
        self.done += 1
        return float(np.mean(losses))

    def vectors(self) -> NDArray[np.float32]:
        """The table, shape (subwords, dimension)."""
        with torch.no_grad():
            return self._weighed().cpu().numpy()

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {"table": self.table.data, "optimizer": self._optimizer.state_dict(), "steps": self._steps,
                "done": self.done}  # fmt: skip

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self.table.data.copy_(state["table"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._steps, self.done = state["steps"], state["done"]

    def _pace(self) -> float:
        """Share of the learning rate: up over the first 5 % of the steps, then down to nothing in a straight line."""
        progress = self._steps / max(self._total, 1)
        return min(1.0, (progress + 1e-3) / 0.05) * max(0.0, 1 - progress)

    def _weighed(self) -> torch.Tensor:
        if self._lengths is None:
            return self.table
        return torch.nn.functional.normalize(self.table, dim=1) * self._lengths[:, None]

    def _embed(self, texts: Texts, which: NDArray[np.int64]) -> torch.Tensor:
        numbers, offsets = texts.bag(which)
        return torch.nn.functional.embedding_bag(
            numbers.to(self.device), self._weighed(), offsets.to(self.device), mode="mean"
        )

    def _loss(self, which: NDArray[np.int64]) -> torch.Tensor:
        left, right = self._embed(self._encoded.left, which), self._embed(self._encoded.right, which)
        if self.recipe.mixed:
            swapped = torch.from_numpy((which % 2 == 1) & (self._encoded.kind[which] == 0)).to(self.device)[:, None]
            left, right = torch.where(swapped, right, left), torch.where(swapped, left, right)
        target = torch.arange(len(which), device=self.device)
        total = torch.zeros((), device=self.device)
        for head in self._heads:
            a = torch.nn.functional.normalize(left[:, :head], dim=1)
            b = torch.nn.functional.normalize(right[:, :head], dim=1)
            likeness = self.recipe.scale * (a @ b.T - self.recipe.margin * torch.eye(len(which), device=self.device))
            total = total + torch.nn.functional.cross_entropy(likeness, target) / 2
            total = total + torch.nn.functional.cross_entropy(likeness.T, target) / 2
        return total / len(self._heads)

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        """Every pair once, pairs of one kind together; the order depends on the seed and the epoch alone."""
        chance = np.random.default_rng([SEED, self.done])
        batches: list[NDArray[np.int64]] = []
        for kind, numbers in zip(self.recipe.kinds.split(","), self._mine, strict=True):
            hard = self.done and kind in self.recipe.hard.split(",")
            ordered = self._alike(numbers, chance) if hard else chance.permutation(numbers)
            batches += np.array_split(ordered, max(1, len(ordered) // self.recipe.batch))
        for place in chance.permutation(len(batches)):
            yield batches[place]

    def _alike(self, numbers: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
        """The pairs in an order where some 64 neighbours are alike, and the groups of neighbours are mixed."""
        groups = max(1, len(numbers) // 64)
        with torch.no_grad():
            vectors = torch.cat(
                [self._embed(self._encoded.left, part) + self._embed(self._encoded.right, part)
                 for part in np.array_split(numbers, max(1, len(numbers) // 8_192))]
            )  # fmt: skip
            vectors = torch.nn.functional.normalize(vectors, dim=1)
            # Two levels of nearest centres: sqrt(groups) each, so that the cost stays far below that of an epoch.
            coarse = _nearest_centre(vectors, round(groups**0.5), chance)
        order: list[NDArray[np.int64]] = []
        for centre in chance.permutation(int(coarse.max()) + 1):
            members = np.flatnonzero(coarse == centre)
            if len(members):
                fine = _nearest_centre(vectors[torch.from_numpy(members)], max(1, len(members) // 64), chance)
                order += [members[np.flatnonzero(fine == number)] for number in range(int(fine.max()) + 1)]
        chance.shuffle(order)
        return numbers[np.concatenate(order)]

    def _sif(self) -> torch.Tensor:
        counts = np.bincount(self._encoded.left.numbers, minlength=self.recipe.size)
        counts += np.bincount(self._encoded.right.numbers, minlength=self.recipe.size)
        return torch.from_numpy((1e-3 / (1e-3 + counts / counts.sum())).astype(np.float32))


def _nearest_centre(vectors: torch.Tensor, count: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """For each row the number of the nearest among `count` rows taken at random."""
    centres = vectors[torch.from_numpy(chance.choice(len(vectors), min(count, len(vectors)), replace=False))]
    parts = [(part @ centres.T).argmax(dim=1) for part in torch.split(vectors, 16_384)]
    return torch.cat(parts).cpu().numpy()


def run(out: Path, recipe: Recipe, name: str) -> NDArray[np.float32]:
    """Train by a recipe, or go on where an earlier run of the same recipe stopped."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    trainer = Trainer(
        recipe, load(out, size=recipe.size, typos=recipe.typos), np.load(out / recipe.first) if recipe.first else None
    )
    saved = folder / "state.pt"
    if saved.is_file():
        trainer.resume(torch.load(saved, map_location=trainer.device, weights_only=True))
    while trainer.done < recipe.epochs:
        began = time.monotonic()
        loss = trainer.epoch()
        print(f"{name}: epoch {trainer.done}, loss {loss:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        torch.save(trainer.state(), saved.with_suffix(".new"))
        saved.with_suffix(".new").replace(saved)
    vectors = trainer.vectors()
    np.save(folder / "vectors.npy", vectors)
    return vectors


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write `vectors.npy`."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train the vectors.")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds the pairs and the tokenizer")
    parser.add_argument("--name", default="model", help="folder of this run inside --out")
    options, recipe = parsed(parser, Recipe, arguments)
    run(options.out, recipe, options.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
