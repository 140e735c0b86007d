"""Runs the command line against the Discord whose addresses FAKE_API and FAKE_GATEWAY hold.

FAKE_SLOW is how many seconds every answer takes longer, on purpose.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from bot.answering.search import Gatherer
from bot.cli import app
from tests.discord_server.pointing import pointed_at

_SLOW = float(os.environ.get("FAKE_SLOW", "0"))
_hits = Gatherer.hits


def _slowly(self: Gatherer, analysis: Any) -> Any:
    time.sleep(_SLOW)
    return _hits(self, analysis)


if __name__ == "__main__":
    if _SLOW:
        Gatherer.hits = _slowly  # type: ignore[method-assign]
    with pointed_at(os.environ["FAKE_API"], os.environ["FAKE_GATEWAY"]):
        app(sys.argv[1:])
