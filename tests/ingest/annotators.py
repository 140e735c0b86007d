"""Annotations that worker processes can make: functions of a module, so that they find them."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.types import Release


def shout(release: Release) -> str:
    """Its title in capitals."""
    return release.title.upper()


def process(release: Release) -> str:
    """The process that annotates."""
    return str(os.getpid())


def hang_elsewhere(release: Release) -> str:
    """Never done with the first release where the time of the processor is limited, as it is in a worker."""
    if release.id != "r0":
        return "at once"
    while signal.getitimer(signal.ITIMER_PROF)[0]:
        pass
    return "here"
