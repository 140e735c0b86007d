"""Options that several commands share, and what they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vectorstore.passage import Filter

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Languages = Annotated[
    list[str] | None, typer.Option("--language", "-l", help="Only releases in this language, as in `fr`; repeatable.")
]
Publishers = Annotated[
    list[str] | None, typer.Option("--publisher", help="Only releases of this publisher; repeatable.")
]
Since = Annotated[str | None, typer.Option(help="Only releases published on this day or later, as in 2024-10-17.")]
Until = Annotated[str | None, typer.Option(help="Only releases published on this day or earlier.")]

AsOf = Annotated[str | None, typer.Option(help="Answer as if it were this day.")]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Language model that writes the answer, as in openai:gpt-5-mini or ollama:mistral; `none` for none.",
    ),
]


def read_filter(
    languages: list[str] | None, publishers: list[str] | None, since: str | None, until: str | None
) -> Filter:
    """The filter that options ask for; a day given as `--until` is meant to its end."""
    from vectorstore.passage import Filter

    codes = [read_language("--language", language) for language in languages or ()]
    end = read_moment("--until", until)
    return Filter(
        languages=tuple(code for code in codes if code),
        publishers=tuple(publishers or ()),
        since=read_moment("--since", since),
        until=end + timedelta(days=1) if end is not None and end.time() == datetime.min.time() else end,
    )


def read_language(option: str, text: str | None) -> str | None:
    """A language code in lower case without its region (`fr-CH` gives `fr`); misuse where it is none."""
    if text is None:
        return None
    from ingest.parse.complete import normalise_language

    code = normalise_language(text)
    if code is None:
        raise typer.BadParameter(f"{text!r} is no language code; write it as fr or en", param_hint=option)
    return code


def read_moment(option: str, text: str | None) -> datetime | None:
    """A moment in UTC from a date as people write it; misuse where it is none."""
    if text is None:
        return None
    from ingest.dates import parse_date

    moment = parse_date(text, timezone=UTC)
    if moment is None:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2024-10-17", param_hint=option)
    return moment
