"""Groups and claims -> batches of numbers, in an order that depends on the seed and the pass alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from bot.answering.reader import PAD, Context, Encoder
from training.data import SEED
from training.reader.altered import SUBSET
from training.reader.examples import Passage
from vectorstore.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.reader import Encoded
    from training.reader.claims import Claim
    from training.reader.examples import Group

_WRITTEN = "written"

_IGNORED = -100
_SORTED = 2_000  # groups that are sorted by length at once: little padding, and still an order by chance


@dataclass(frozen=True, slots=True)
class Shares:
    """What goes into a pass and into a batch: `budget` subwords in a batch, padding included.

    Questions that were written on releases come `releases` times, all others once; each beside `others` passages that
    do not answer.
    """

    budget: int
    releases: int = 2
    others: int = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs side by side. `start`, `end` are subwords, 0 where nothing answers; `group` joins inputs of one question.

    `allowed` says which subwords may be an answer: those of the passage, and the first, which stands for none.
    `answers` and `supports` are 1, 0, or -100 where the input is of the other kind.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    allowed: torch.Tensor
    start: torch.Tensor
    end: torch.Tensor
    answers: torch.Tensor
    supports: torch.Tensor
    group: torch.Tensor


@dataclass(frozen=True, slots=True)
class Input:
    """One input before it is joined with others."""

    encoded: Encoded
    start: int = 0
    end: int = 0
    answers: int = _IGNORED
    supports: int = _IGNORED


def inputs_of(group: Group, encoder: Encoder, chance: random.Random, others: int = 2) -> list[Input]:
    """A question beside a passage that answers, and `others` that do not."""
    passages = [*group.answers[:1], *_chosen(group, chance)[:others]]
    encoded = encoder.questions(group.question, [one.context for one in passages], earlier=group.earlier)
    made = []
    for passage, one in zip(passages, encoded, strict=True):
        first, last = subwords(one, passage.start, passage.end)
        if passage.start >= 0 and not first:
            return []  # the answer was cut off
        made.append(Input(one, first, last, answers=int(passage.start >= 0)))
    return made


def _chosen(group: Group, chance: random.Random) -> list[Passage]:
    """Passages that do not answer: of its own document, near ones, and the one that answers less its sentence."""
    first = (*group.answers, *group.others)[:1]
    own = [one for one in group.others if one.title == first[0].title]
    near = [one for one in group.others if one not in own]
    if not group.answers:
        mine = own[:1] if group.subset == SUBSET else chance.sample(own, min(2, len(own)))
        return mine + chance.sample(near, min(2 - len(mine), len(near)))
    without = less_sentence(group.answers[0]) if chance.random() < 0.4 else None
    chosen = [without] if without else chance.sample(own, min(1, len(own)))
    return chosen + chance.sample(near, min(2 - len(chosen), len(near)))


def less_sentence(passage: Passage) -> Passage | None:
    """A passage without the sentences that hold its answer; None where too little is left, or it stands there still."""
    spans = sentence_spans(passage.text, None)
    left = " ".join(passage.text[a:b] for a, b in spans if b <= passage.start or a >= passage.end)
    if len(left) < 120 or passage.answer.lower() in left.lower():
        return None
    return Passage(passage.title, left, passage.published)


def subwords(encoded: Encoded, start: int, end: int) -> tuple[int, int]:
    """The first and last subword of the characters from `start` to `end`; 0, 0 where none of them is there."""
    inside = [number for number, (a, b) in enumerate(encoded.spans) if b > start and a < end and b > a]
    if start < 0 or not inside:
        return 0, 0
    return encoded.first + inside[0], encoded.first + inside[-1]


def of_claim(claim: Claim, encoder: Encoder) -> Input:
    """A claim beside its quote."""
    return Input(encoder.claim(claim.sentence, Context(claim.title, claim.quote)), supports=int(claim.supported))


def batches(
    groups: Sequence[Group],
    claims: Sequence[Claim],
    encoder: Encoder,
    *,
    number: int,
    shares: Shares,
) -> Iterator[Batch]:
    """The groups of the pass with this number, in an order by chance, with claims between them."""
    chance = random.Random(SEED + number)
    order = [group for group in groups for _ in range(shares.releases if group.subset == _WRITTEN else 1)]
    chance.shuffle(order)
    mine = list(claims)
    chance.shuffle(mine)
    share = len(mine) / max(len(order), 1)
    for at in range(0, len(order), _SORTED):
        units = [
            made for group in order[at : at + _SORTED] if (made := inputs_of(group, encoder, chance, shares.others))
        ]
        some = mine[round(at * share) : round((at + _SORTED) * share)]
        units += [[of_claim(claim, encoder)] for claim in some]
        units.sort(key=lambda unit: max(len(one.encoded.ids) for one in unit))
        packed = list(_packed(units, shares.budget))
        chance.shuffle(packed)
        yield from map(joined, packed)


def _packed(units: Sequence[list[Input]], budget: int) -> Iterator[list[list[Input]]]:
    batch: list[list[Input]] = []
    for unit in units:
        longest = max(len(one.encoded.ids) for one in unit)
        if batch and longest * (sum(map(len, batch)) + len(unit)) > budget:
            yield batch
            batch = []
        batch.append(unit)
    if batch:
        yield batch


def joined(units: Sequence[Sequence[Input]]) -> Batch:
    """Inputs as one batch, padded at the end."""
    inputs = [one for unit in units for one in unit]
    longest = max(len(one.encoded.ids) for one in inputs)
    ids = torch.full((len(inputs), longest), PAD)
    allowed = torch.zeros((len(inputs), longest), dtype=torch.bool)
    for row, one in enumerate(inputs):
        encoded = one.encoded
        ids[row, : len(encoded.ids)] = torch.tensor(encoded.ids)
        allowed[row, encoded.first : encoded.first + len(encoded.spans)] = True
    allowed[:, 0] = True
    start, end, answers, supports = (
        torch.tensor([getattr(one, name) for one in inputs]) for name in ("start", "end", "answers", "supports")
    )
    group = torch.tensor([number for number, unit in enumerate(units) for _ in unit])
    return Batch(ids, (ids != PAD).long(), allowed, start, end, answers, supports, group)
