"""What a filter lets through, resolved once for both halves of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray

    from vectorstore.passage import Filter


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """The passages that a filter lets through, by number in rising order."""

    where: Filter
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, where: Filter, numbers: Sequence[int]) -> Self:
        """From numbers in any order."""
        return cls(where, np.sort(np.array(numbers, dtype=np.int64)))

    def __len__(self) -> int:
        return len(self.numbers)

    def holds(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Which of some numbers are among them, shape (numbers,)."""
        given = np.asarray(numbers, dtype=np.int64)
        if not len(self.numbers):
            return np.zeros(len(given), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self.numbers, given), len(self.numbers) - 1)
        held: NDArray[np.bool_] = self.numbers[places] == given
        return held
