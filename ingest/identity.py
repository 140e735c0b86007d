"""Which release a web page holds: named by its canonical address, whatever address led there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.listing.address import canonical, same_site

if TYPE_CHECKING:
    from ingest.reading import WebPage
    from ingest.release import Release


def address_of(release: Release, page: WebPage) -> str:
    """The address that a release is known by: the one its page names as canonical, else the one it was read at.

    A page that names another site, or the front page, as canonical is not believed: both are common mistakes.
    """
    own = canonical(page.page.location)
    if release.url is None or not same_site(release.url, own):
        return own
    named = canonical(release.url)
    return own if urlsplit(named).path in {"", "/"} else named


def named(release: Release, page: WebPage, *, owner: str | None) -> Release:
    """The release with its id, address, date and translations.

    `owner` is the id of the stored release that has its address, None where there is none.

    What was read at this address before stays the same release, also when its page names another address now.
    """
    address = address_of(release, page)
    listed = page.page.entry.twins if page.page.entry else ()
    others = (other for other in (*release.translations, *listed) if canonical(other) != address)
    return replace(
        release,
        id=page.known or owner or address,
        url=address,
        published=page.visit.published or release.published,
        translations=tuple(dict.fromkeys(others)),
    )
