"""When a page that is not there any more means that its release was withdrawn: on positive evidence only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.visits import Visit

APART = timedelta(days=1)
"""Between the first and the last time that the server says there is no such page: a site may be half down for hours."""


def cause_of_withdrawal(visit: Visit, *, status: int, delisted: bool, now: datetime) -> str | None:
    """Why a release counts as withdrawn whose page the server now says is not there; None while that is not sure.

    `delisted`: the newsroom's sitemap held its address and does so no more. Scrolling off a feed means nothing.
    """
    if delisted:
        return f"gone from the sitemap, and the server says that there is no such page ({status})"
    since = visit.missing_since
    if since is not None and now - since >= APART:
        return f"the server has said since {since:%Y-%m-%d %H:%M} UTC that there is no such page ({status})"
    return None
