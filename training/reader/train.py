"""Step 3: the reader learns to mark answers, to say that there is none, and to judge claims, all in one.

    python -m training.reader.train --out build/reader

Four losses are added up: where the answer starts and ends, with the first subword for "not here" (Devlin et al., 2019);
whether a passage answers, by itself and against the other passages of its question; and whether a quote bears a claim
out. The embeddings and the lowest layers stay as they are. The state is written every few minutes: a run that was
stopped goes on from there with the same batches. bfloat16 where the processor multiplies it; elsewhere it would take
forty times as long as float32.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from bot.answering.reader import Encoder, open_tokenizer
from training.data import SEED
from training.halves import Halved, has_bfloat16
from training.reader.batches import Shares, batches
from training.reader.claims import read_claims
from training.reader.examples import read_groups
from training.reader.network import begun
from training.recipe import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.reader.batches import Batch
    from training.reader.examples import Group
    from training.reader.network import Network

_SAVED_EVERY = 240  # seconds


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run may vary; the defaults are those of the model that is shipped."""

    layers: int = 12
    frozen: int = 3  # lowest layers that do not learn
    passes: int = 1
    budget: int = 6_000  # subwords of a batch
    rate: float = 1e-4
    heads_rate: float = 1e-3
    releases: int = 2  # how often each question on a release comes in a pass
    others: int = 2  # passages that do not answer beside the one that does
    claims: int = 14_000  # made by rule, in each pass
    written_claims: int = 3  # how often each written claim comes in a pass
    listwise: float = 0.5  # how much the comparison between passages counts
    support: float = 0.5  # how much claims count
    limit: int = 0  # questions, 0 for all
    sets: str = ""  # names of sets, with commas, each with the share of it that comes (`piaf:0.2`); all where empty
    further: bool = False  # whether it begins with the reader that is in place, not with the base


class Trainer:
    """Trains one network, batch by batch."""

    def __init__(self, out: Path, recipe: Recipe) -> None:
        torch.manual_seed(SEED)
        self.recipe = recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.steps = 0
        network, tokenizer = begun(out, layers=recipe.layers, further=recipe.further)
        self._encoder = Encoder(open_tokenizer(tokenizer))
        self._groups = chosen(read_groups(out / "train.jsonl.gz"), recipe.sets)[: recipe.limit or None]
        self._claims = read_claims(out / "claims.jsonl.gz")
        self.network: Network = network.to(self.device)
        self._freeze()
        self._halved = has_bfloat16(self.device)
        if self._halved:
            self._halve()
        heads = [weight for name, weight in self.network.named_parameters() if not name.startswith("encoder.")]
        self._body = Halved([weight for _, weight in self._learning()])
        self._optimizer = torch.optim.AdamW(
            [{"params": self._body.whole, "rate": recipe.rate}, {"params": heads, "rate": recipe.heads_rate}],
            weight_decay=0.01,
            fused=True,
        )
        self.total = sum(1 for _ in self.batches())

    def batches(self) -> Iterator[Batch]:
        """All batches of all passes."""
        written = [claim for claim in self._claims if claim.title] * self.recipe.written_claims
        made = [claim for claim in self._claims if not claim.title]
        shares = Shares(self.recipe.budget, self.recipe.releases, self.recipe.others)
        for number in range(self.recipe.passes):
            at = number * self.recipe.claims % max(len(made), 1)
            claims = written + (made[at:] + made[:at])[: self.recipe.claims]
            yield from batches(self._groups, claims, self._encoder, number=number, shares=shares)

    def step(self, batch: Batch) -> dict[str, float]:
        """Learn from one batch; what each loss was."""
        pace = min(1.0, (self.steps + 1) / (0.06 * self.total)) * max(0.0, 1 - self.steps / self.total)
        for group in self._optimizer.param_groups:
            group["lr"] = group["rate"] * pace
        self._optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self._halved):
            found = self.network(batch.ids.to(self.device), batch.mask.to(self.device))
        losses = self._losses(batch, *(one.float().cpu() for one in found))
        sum(losses.values()).backward()  # type: ignore[union-attr]
        self._body.hand_over()
        torch.nn.utils.clip_grad_norm_([w for group in self._optimizer.param_groups for w in group["params"]], 1.0)
        self._optimizer.step()
        self._body.write_back()
        self.steps += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _losses(
        self, batch: Batch, start: torch.Tensor, end: torch.Tensor, answers: torch.Tensor, supports: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        losses: dict[str, torch.Tensor] = {}
        asked, claimed = batch.answers >= 0, batch.supports >= 0
        if asked.any():
            hidden = ~batch.allowed
            spans = [
                functional.cross_entropy(logits.masked_fill(hidden, -1e4)[asked], target[asked])
                for logits, target in ((start, batch.start), (end, batch.end))
            ]
            losses["span"] = (spans[0] + spans[1]) / 2
            losses["answers"] = functional.binary_cross_entropy_with_logits(
                answers[asked], batch.answers[asked].float()
            )
            losses["listwise"] = self.recipe.listwise * _listwise(answers, batch)
        if claimed.any():
            losses["supports"] = self.recipe.support * functional.binary_cross_entropy_with_logits(
                supports[claimed], batch.supports[claimed].float()
            )
        return losses

    def _learning(self) -> list[tuple[str, torch.nn.Parameter]]:
        named = self.network.named_parameters()
        return [(name, weight) for name, weight in named if name.startswith("encoder.") and weight.requires_grad]

    def _halve(self) -> None:
        """Compute the layers in bfloat16 throughout."""
        encoder: Any = self.network.encoder
        encoder.encoder.to(torch.bfloat16)
        encoder.embeddings.register_forward_hook(lambda _module, _given, found: found.to(torch.bfloat16))

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        network = {name: weight.float() for name, weight in self.network.state_dict().items()}
        network |= {name: whole.detach() for (name, _), whole in zip(self._learning(), self._body.whole, strict=True)}
        return {"network": network, "optimizer": self._optimizer.state_dict(), "steps": self.steps}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self.network.load_state_dict(state["network"])
        with torch.no_grad():
            for (name, _), whole in zip(self._learning(), self._body.whole, strict=True):
                whole.copy_(state["network"][name])
        self._optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]

    def _freeze(self) -> None:
        encoder: Any = self.network.encoder
        for part in (encoder.embeddings, *encoder.encoder.layer[: self.recipe.frozen]):
            part.requires_grad_(False)


def chosen(groups: Sequence[Group], sets: str) -> list[Group]:
    """The questions of some sets, or a share of them by chance: `written,piaf:0.2`; all where none is named."""
    if not sets:
        return list(groups)
    named = (one.partition(":") for one in sets.split(","))
    shares = {name: float(share or 1) for name, _, share in named}
    chance = random.Random(SEED)
    return [one for one in groups if chance.random() < shares.get(one.subset, 0.0)]


def _listwise(answers: torch.Tensor, batch: Batch) -> torch.Tensor:
    """How far the passage that answers a question stands above the others of it (softmax cross-entropy)."""
    lost = [
        functional.cross_entropy(answers[mine][None], torch.argmax(batch.answers[mine])[None])
        for number in batch.group[batch.answers == 1].tolist()
        if (mine := batch.group == number).sum() > 1
    ]
    return torch.stack(lost).mean() if lost else torch.zeros(())


def run(out: Path, recipe: Recipe, name: str) -> Network:
    """Train by a recipe, or go on where an earlier run of the same recipe stopped."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    trainer = Trainer(out, recipe)
    saved = folder / "state.pt"
    if saved.is_file():
        trainer.resume(torch.load(saved, map_location=trainer.device, weights_only=True))
    trainer.network.train()
    began = written = time.monotonic()
    seen = 0
    averages: dict[str, float] = {}
    for number, batch in enumerate(trainer.batches()):
        if number < trainer.steps:
            continue
        for kind, loss in trainer.step(batch).items():
            averages[kind] = 0.98 * averages.get(kind, loss) + 0.02 * loss
        seen += int(batch.mask.sum())
        if trainer.steps % 20 == 0:
            losses = ", ".join(f"{kind} {loss:.3f}" for kind, loss in averages.items())
            pace = seen / (time.monotonic() - began)
            print(f"{name}: {trainer.steps} of {trainer.total}, {losses}, {pace:.0f} subwords a second", flush=True)
        if time.monotonic() - written > _SAVED_EVERY or trainer.steps == trainer.total:
            torch.save(trainer.state(), saved.with_suffix(".new"))
            saved.with_suffix(".new").replace(saved)
            written = time.monotonic()
    return trainer.network


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write `state.pt`."""
    parser = argparse.ArgumentParser(prog="python -m training.reader.train", description="Train the reader.")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds the base and the questions")
    parser.add_argument("--name", default="reader", help="folder of this run inside --out")
    options, recipe = parsed(parser, Recipe, arguments)
    run(options.out, recipe, options.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
