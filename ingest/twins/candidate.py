"""What is known of a release when its other language versions are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32] | NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class TwinCandidate:
    """One release, as far as it helps to tell its other versions.

    `passages` are the vectors of its passages as stored, shape (passages, dimension), of unit length; `headline` is
    the vector of its title alone, shape (dimension,), from the same model's `embed_passages`. Where either is None,
    the release is joined only by what is stated, never by its content. `text` is the release's text without its title.
    """

    id: str
    language: str | None
    title: str
    text: str
    published: datetime | None = None
    publisher: str | None = None
    url: str | None = None
    pair: str | None = None
    translations: tuple[str, ...] = ()
    headline: Vectors | None = None
    passages: Vectors | None = None
