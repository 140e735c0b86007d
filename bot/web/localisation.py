"""What the pages say, in French and English, from `wording.toml`; and which of the two a request wants."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.notes import day
from vectorstore.types import is_bare_day

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from starlette.requests import Request

LANGUAGES = ("en", "fr")

_WORDING = Path(__file__).with_name("wording.toml")


@dataclass(frozen=True, slots=True)
class PageWording:
    """The sentences of one language; called with a key, and with what fills the `{…}` of its sentence."""

    language: str
    zone: tzinfo

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence under a key."""
        return _sentences()[key][self.language].format(**values)

    def counted(self, key: str, count: int) -> str:
        """A number with its noun, in the singular or the plural; French has the singular for none too."""
        single = count == 1 or (count == 0 and self.language == "fr")
        digits = f"{count:,}".replace(",", "\u202f" if self.language == "fr" else ",")
        return self(f"{key}_{'one' if single else 'many'}", count=digits)

    def day(self, moment: datetime | None) -> str:
        """A day as people write it, or that there is none."""
        return day(moment, self.zone, self.language) if moment else self("undated")

    def moment(self, moment: datetime) -> str:
        """A day with the time; a bare day has none."""
        if is_bare_day(moment):
            return self.day(moment)
        local = moment.astimezone(self.zone)
        time = f"{local:%H} h {local:%M}" if self.language == "fr" else f"{local:%H:%M}"
        return f"{day(moment, self.zone, self.language)}, {time}"

    def language_name(self, code: str) -> str:
        """What a language is called; the code where that is not known."""
        known = _sentences().get(f"language_{code}")
        return known[self.language] if known else code


def chosen_language(request: Request) -> str:
    """The language of `?lang=`, else the first of the browser's that is French or English, else English."""
    wanted = request.query_params.get("lang", "")
    if wanted in LANGUAGES:
        return wanted
    accepted = map(_weighed, request.headers.get("accept-language", "").split(","))
    by_weight = sorted(accepted, key=itemgetter(0), reverse=True)  # of equal weights the first stays first
    return next((code for weight, code in by_weight if code in LANGUAGES and weight), "en")


def _weighed(part: str) -> tuple[float, str]:
    """A part of Accept-Language, as `fr-CH;q=0.8`: its weight, and its language."""
    tag, _, parameter = part.strip().partition(";")
    weight = parameter.strip().removeprefix("q=") or "1"
    return float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0, tag.split("-")[0].lower()


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(_WORDING.read_text(encoding="utf-8"))
