"""What the process that writes the store and the one that takes part in a Ray cluster tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embedder.protocol import Embedded

EXAMPLE = "Communiqué : the ministers met in Brussels / les ministres se sont réunis à Bruxelles."
"""Embedded by every worker, to see whether its model is the one of the machine that ingests."""

GONE = (
    "the connection is lost, as when the node of this machine has ended; look at `ray status`. "
    "What was written is kept, and the same command goes on from there"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that workers are to hold: its name, its folder if it lies in one, what it makes of EXAMPLE."""

    name: str
    folder: str | None
    batch_size: int
    version: str
    example: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Connected:
    """This machine takes part in the cluster."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The first worker holds the model, of so many there will be."""

    workers: int


@dataclass(frozen=True, slots=True)
class Done:
    """A batch by its number, embedded."""

    number: int
    embedded: Embedded


@dataclass(frozen=True, slots=True)
class Lost:
    """A node does not answer any more."""

    node: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing more will come."""

    cause: str


Told = Connected | Ready | Done | Lost | Failed
Batch = tuple[int, list[str]]
