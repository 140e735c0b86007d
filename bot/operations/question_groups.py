"""Kept questions that want the same, in whichever words and language, as one group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.language.names import known_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from bot.state.questions import RefusedQuestion
    from vectorstore.embedders import Embedder

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that want the same; the first is the one that was asked most, and stands for the others."""

    questions: tuple[RefusedQuestion, ...]

    @property
    def example(self) -> RefusedQuestion:
        """The question that stands for all."""
        return self.questions[0]

    @property
    def times(self) -> int:
        """How often any of them was asked."""
        return sum(one.times for one in self.questions)

    @property
    def first(self) -> datetime:
        """When one of them was asked first."""
        return min(one.first for one in self.questions)

    @property
    def last(self) -> datetime:
        """When one of them was asked last."""
        return max(one.last for one in self.questions)

    @property
    def answered(self) -> RefusedQuestion | None:
        """One of them that a release has answered since; None where none has."""
        return next((one for one in self.questions if one.answered), None)


def grouped(questions: Sequence[RefusedQuestion], embedder: Embedder, *, likeness: float) -> list[QuestionGroup]:
    """The questions in groups, those that were asked most often first.

    In the order of how often they were asked, each joins the group that is most like it, if its cosine with that
    group's questions is at least `likeness` on average, else it begins one. Two questions that differ in a figure, or
    in a country, a place or an organisation, are never one: "in 2023" and "in 2024" are near each other for any model.
    """
    ordered = sorted(questions, key=lambda one: (-one.times, one.first, one.id))
    if not ordered:
        return []
    vectors = _unit(embedder.embed_passages([one.question for one in ordered]))
    facts = [_Facts.of(one.question) for one in ordered]
    members: list[list[int]] = []
    means = np.empty_like(vectors)  # a row for each group; the mean of cosines is the cosine of the mean
    for place, vector in enumerate(vectors):
        near = means[: len(members)] @ vector
        fits = (group for group in np.argsort(-near, kind="stable") if near[group] >= likeness)
        group = next((one for one in fits if all(facts[it].agrees_with(facts[place]) for it in members[one])), None)
        if group is None:
            group = len(members)
            members.append([])
        members[group].append(place)
        means[group] = vectors[members[group]].mean(axis=0)
    groups = [QuestionGroup(tuple(ordered[place] for place in places)) for places in members]
    return sorted(groups, key=lambda group: (-group.times, -group.last.timestamp()))


@dataclass(frozen=True, slots=True)
class _Facts:
    """The figures of a question, and what each name in it may stand for."""

    figures: frozenset[str]
    names: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, question: str) -> _Facts:
        return cls(frozenset(_FIGURE.findall(question)), tuple(one.keys for one in known_names(question)))

    def agrees_with(self, other: _Facts) -> bool:
        """Unless each holds something that the other has not."""
        figures = not (self.figures - other.figures and other.figures - self.figures)
        return figures and not (self._lacks(other) and other._lacks(self))

    def _lacks(self, other: _Facts) -> bool:
        mine = frozenset[str]().union(*self.names)
        return any(keys.isdisjoint(mine) for keys in other.names)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; what has no direction is like nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def of_week(groups: Sequence[QuestionGroup], since: datetime) -> list[QuestionGroup]:
    """The groups of which a question was asked, or answered, from a moment on."""
    return [
        group
        for group in groups
        if group.last >= since or any(one.answered and one.answered >= since for one in group.questions)
    ]
