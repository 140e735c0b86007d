"""`communique open`: what an answer quotes, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.wiring import Built


def open_citation(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="N|ID", help="A citation of the last answer by its number, or a release by its id."),
    ] = "1",
    only_print: Annotated[bool, typer.Option("--print", help="Print the address, and open nothing.")] = False,
) -> None:
    """Open a citation of the last answer in the browser, at the quote; or a release.

    A release without an address of its own opens on the page of `communique serve`, while it runs.

    The last answer is that of `communique ask` or `chat` on the same home. The address is printed too.

    Example: communique open 2
    """
    import webbrowser

    from bot.cli.rendering.stream import one_line
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        link = _link(built, what)
    typer.echo(one_line(link))
    if not only_print and not webbrowser.open(link):
        typer.echo("there is no browser here; open the address above", err=True)


def _link(built: Built, what: str) -> str:
    from bot.answering.citations import page_link, quote_link, web_address
    from bot.errors import CitationError, NoAddressError
    from bot.operations.selection import release_meant, release_named

    cited = {one.key: one for one in built.last_answer.citations()}
    if place := cited.get(what):
        release = release_named(built.store, place.release_id, place.version)
        link, marked = quote_link(release, place.start, place.end), (place.start, place.end)
    elif what.isdecimal() and not built.store.get(what):
        raise CitationError(what, tuple(cited))
    else:
        release = release_meant(built.store, what)
        link, marked = web_address(release.url), None
    if link is None and (address := built.web_address):
        return page_link(address, release, marked)
    if link is None:
        raise NoAddressError(release.id)
    return link
