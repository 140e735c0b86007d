"""What happened to releases, in order: for those who announce them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Kind = Literal["new", "changed", "withdrawn", "restored", "removed"]


@dataclass(frozen=True, slots=True)
class Event:
    """A release came in, changed, was withdrawn by its newsroom, came back, or was removed by the operator.

    `number` only ever grows: who has read up to one asks for those after it. `version` is the release's at that time.
    """

    number: int
    kind: Kind
    release_id: str
    version: int
    moment: datetime
