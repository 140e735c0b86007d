"""Questions about somebody, somewhere or a year that a document does not name, made from questions that it answers.

A year becomes another one, a name one that other documents' questions name. What a reader must learn from them: the
likeness of a passage is not an answer.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from training.data import SEED
from training.reader.examples import Group, Passage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUBSET = "altered"

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NAME = re.compile(r"(?<=[\w,'’-] )[A-ZÀ-Ý]\w{2,}(?:[ -][A-ZÀ-Ý]\w+)*")  # not the first word
_SHARE = 0.35  # of the questions that name somebody or something


def altered(groups: Sequence[Group]) -> Iterator[Group]:
    """New questions, each beside the passage that answered the old one and the others of its document."""
    chance = random.Random(SEED)
    names = {one.language: set[str]() for one in groups}
    for group in groups:
        names[group.language].update(_NAME.findall(group.question))
    pools = {language: sorted(pool) for language, pool in names.items()}
    for group in groups:
        if not group.answers or group.earlier:
            continue
        text = " ".join(f"{one.title} {one.text}" for one in (*group.answers, *group.others))
        question = _other_year(group.question, text, chance) or (
            _other_name(group.question, text, pools[group.language], chance) if chance.random() < _SHARE else None
        )
        if question:
            answer = group.answers[0]
            own = (Passage(answer.title, answer.text, answer.published), *group.others)
            yield replace(group, subset=SUBSET, question=question, answers=(), others=own)


def _other_year(question: str, text: str, chance: random.Random) -> str | None:
    years = [year for year in _YEAR.findall(question) if year in text]
    if not years:
        return None
    other = str(int(years[-1]) + chance.choice((-7, -3, -2, -1, 1, 2, 4)))
    return None if other in text else question.replace(years[-1], other)


def _other_name(question: str, text: str, pool: Sequence[str], chance: random.Random) -> str | None:
    mine = [name for name in _NAME.findall(question) if name in text]
    others = [name for name in chance.sample(pool, min(8, len(pool))) if name not in text]
    return question.replace(chance.choice(mine), others[0]) if mine and others else None
