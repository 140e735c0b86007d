"""`ingest` as one run: every source in turn, with a bar, and one report in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.console import progress_bar
from bot.errors import NoSourceError
from ingest.release import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings import SourceSettings
    from bot.wiring import Built
    from ingest.pipeline import IngestReport, Limits


def named_sources(
    locations: Sequence[str], *, publisher: str | None, language: str | None, fields: dict[str, str]
) -> list[Source]:
    """Sources as the command line names them."""
    return [Source(location, publisher=publisher, language=language, fields=fields) for location in locations]


def settled_sources(settings: Sequence[SourceSettings]) -> list[Source]:
    """Sources as the settings name them. Raises NoSourceError where they name none."""
    if not settings:
        raise NoSourceError
    return [Source(one.location, one.name, one.publisher, one.language, dict(one.fields)) for one in settings]


def ingest_sources(
    built: Built, sources: Sequence[Source], *, limits: Limits, dry_run: bool = False, quiet: bool = False
) -> tuple[IngestReport, bool]:
    """Ingest every source; returns what was done, and whether it was interrupted by Ctrl-C or SIGTERM.

    A source that cannot be listed is a failure in the report, and the next ones are ingested all the same.
    """
    pipeline = built.new_pipeline()
    try:
        for source in sources:
            with progress_bar(source.name or source.location, quiet=quiet) as progress:
                pipeline.run(source, limits=limits, dry_run=dry_run, progress=progress)
    except KeyboardInterrupt:
        return pipeline.report, True
    return pipeline.report, False
