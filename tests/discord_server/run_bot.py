"""Runs the command line against the Discord whose addresses FAKE_API and FAKE_GATEWAY hold.

FAKE_SLOW is how many seconds every answer takes longer, on purpose.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from bot.answering.pipeline import Answerer
from bot.cli import app
from tests.discord_server.pointing import pointed_at

_SLOW = float(os.environ.get("FAKE_SLOW", "0"))
_retrieve = Answerer._retrieve


def _slowly(self: Answerer, understood: Any) -> Any:
    time.sleep(_SLOW)
    return _retrieve(self, understood)


if __name__ == "__main__":
    if _SLOW:
        Answerer._retrieve = _slowly  # type: ignore[method-assign]
    with pointed_at(os.environ["FAKE_API"], os.environ["FAKE_GATEWAY"]):
        app(sys.argv[1:])
