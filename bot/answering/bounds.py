"""The bounds of a search as callers from outside write them, in a dict: checked, and made a filter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.errors import QuestionError
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping

_Model = TypeVar("_Model", bound=BaseModel)
_DAY = len("2024-03-07")
_LAST_DAY = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def _to_its_end(given: object) -> object:
    """A day as the moment it ends; anything else unchanged."""
    if isinstance(given, str) and len(given) == _DAY:
        try:
            given = date.fromisoformat(given)
        except ValueError:
            return given
    if isinstance(given, date) and not isinstance(given, datetime):
        return min(datetime.combine(given, time.min, UTC), _LAST_DAY) + timedelta(days=1)
    return given


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as exc:
        raise ValueError("it lies outside the years 1 to 9999; choose a moment within them") from exc


def _language(code: str) -> str:
    language = re.split(r"[-_]", code.strip().lower())[0]
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise ValueError(f"{code!r} is not a language code; write it as fr or en")
    return language


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment in ISO 8601, in UTC where it names no zone."""


class SearchBounds(BaseModel):
    """What a search is bounded by; a day as `until` is meant to its end."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(None, description="published at this moment or later")
    until: Annotated[Moment, BeforeValidator(_to_its_end)] | None = Field(
        None, description="published before this moment; a day is meant to its end"
    )
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = Field(
        (), description="ISO 639-1 codes of the releases searched, all if empty"
    )
    publishers: tuple[str, ...] = Field((), description="publishers of the releases searched, all if empty")

    @property
    def where(self) -> Filter:
        """As a filter."""
        return Filter(self.languages, self.publishers, self.since, self.until)


def checked(what: str, model: type[_Model], given: Mapping[str, object]) -> _Model:
    """A dict as the model it is meant for. Raises QuestionError, which names the field and what may stand there."""
    try:
        return model.model_validate(given)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        name = ".".join(map(str, fault["loc"])) or "it"
        cause = fault["msg"][0].lower() + fault["msg"][1:]
        if fault["type"] == "value_error":  # one of ours, which says how to mend it
            cause = str(fault["ctx"]["error"])
        if fault["type"] == "extra_forbidden":
            cause = f"there is no such key, only {', '.join(model.model_fields)}"
        raise QuestionError(f"{what}: {name}: {cause}") from exc
