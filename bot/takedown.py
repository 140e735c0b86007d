"""Takes a release down everywhere: in the store, among pages as they were read, in answers that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import NotRemovedError

if TYPE_CHECKING:
    from bot.wiring import Built
    from vectorstore.store import PassageStore


def take_down(built: Built, release_id: str, *, allow_again: bool = False) -> None:
    """Remove a stored release with what else holds its text; it stays away unless it may come in again.

    Answers on Discord that quote it are forgotten with what was said of them, so that no button shows them again.
    """
    from bot.discord.ledger import ledger_of
    from ingest.listing.address import canonical

    home = built.settings.home
    names = {canonical(address) for address in built.store.addresses_of(release_id)}
    if built.deeds or (home / "discord.sqlite3").exists():
        ledger_of(built).forget_release(release_id)
    if (home / "pages.sqlite3").exists():
        for address, final in built.page_cache.addresses():
            if {canonical(address), canonical(final)} & names:
                built.page_cache.forget(address)
                names.add(canonical(address))
    built.store.remove(release_id, allow_again=allow_again, known_by=sorted(names))


def allow_again(store: PassageStore, name: str) -> str:
    """Let what has this id or address come in again; returns its id. Raises NotRemovedError."""
    from ingest.listing.address import canonical

    kept_away = store.kept_away()
    identity = kept_away.get(name) or kept_away.get(canonical(name))
    if identity is None or not store.allow_again(identity):
        raise NotRemovedError(name)
    return identity
