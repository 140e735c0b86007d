"""How likely a quote bears a sentence out: what the reader says, and where figures, dates, names and stance agree.

A logistic regression over `bot.language.agreement` and the reader's log odds, and comparisons that decide alone where
a sentence is so like its quote that nothing but the difference is meant. Both are learnt by `training.claims.fit` and
lie in `support.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.ranking import log_odds
from bot.answering.reader.encoding import Context
from bot.answering.reader.reading import probability
from bot.language.agreement import QuotedText, agreement
from bot.speakers import is_by, is_said_by, reported_speaker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.generation.verification import Place
    from bot.answering.reader import Reader

AROUND = 400
"""Characters of a release on each side of a quote in which what it leaves open may stand."""

BEFORE = 220
"""Characters before a quote that the reader sees too, for what a pronoun stands for."""

WEIGHTS = Path(__file__).with_name("support.json")
_TOLD = ("figure_unit", "figure_missing", "date_wrong", "name_listed", "speaker", "name_other")
"""What is told of a sentence that goes: the first of these that speaks against it."""


@dataclass(frozen=True, slots=True)
class Support:
    """How likely a sentence is borne out, in [0, 1], whether that is enough, and what speaks against it.

    `against` is a kind of comparison: "figure", "date", "name", "speaker", "turned"; empty where none does.
    """

    likelihood: float
    borne_out: bool
    against: str = ""


def support_of(sentence: str, language: str | None, places: Sequence[Place], reader: Reader) -> Support:
    """The support that the quotes give a sentence together."""
    weights = _weights()
    told = measured(sentence, language, places, reader)
    parts = [weights["weights"].get(name, 0.0) * value for name, value in told.items()]
    likelihood = probability(sum(parts) + weights["bias"])
    if veto := next((name for name in VETOES if is_vetoed(name, told, weights["vetoes"])), None):
        return Support(likelihood, borne_out=False, against=_kind(veto))
    against = next((name for name in _TOLD if told[name] > 0), "")
    return Support(likelihood, likelihood >= weights["bound"], _kind(against))


def is_vetoed(name: str, told: Mapping[str, float], vetoes: Mapping[str, list[float | None]]) -> bool:
    """Whether one comparison alone decides: it speaks against a sentence that is so like its quote.

    `vetoes` has for each name the likeness from which it does, within a language and across; None: never.
    """
    least = vetoes[name][int(told["across"])]
    return least is not None and told[name] > 0 and told["alike"] >= least


def _kind(name: str) -> str:
    return name.split("_", maxsplit=1)[0]


VETOES = ("figure_unit", "figure_missing", "date_wrong", "name_listed", "turned", "more_negations", "fewer_negations")
"""The comparisons that may decide alone."""


def measured(sentence: str, language: str | None, places: Sequence[Place], reader: Reader) -> dict[str, float]:
    """What is weighed of a sentence: the numbers of its agreement with the quotes, the speaker, and the reader."""
    first = places[0].release
    languages = {place.release.language for place in places}
    published = first.published.date() if first.published else None
    quoted = QuotedText(
        " ".join(place.quote for place in places),
        languages.pop() if len(languages) == 1 else None,
        " ".join(_around(place) for place in places),
        published,
    )
    before = first.text[max(0, places[0].start - BEFORE) : places[0].start].strip()
    read = reader.supports(sentence, Context(first.title, quoted.text, published, before=before))
    speaker = reported_speaker(sentence, language)
    unsaid = bool(speaker) and not any(_says(place, speaker) for place in places)  # type: ignore[arg-type]
    told = agreement(sentence, language, quoted)
    said = log_odds(read)
    return {
        **told,
        "speaker": float(unsaid),
        "reader": said,
        "reader_across": said * told["across"],
        "reader_alike": said * told["alike"],
    }


def _around(place: Place) -> str:
    release = place.release
    near = release.text[max(0, place.start - AROUND) : place.end + AROUND]
    return f"{near} {release.title} {release.publisher or ''} {release.lead or ''}"


def _says(place: Place, speaker: str) -> bool:
    """Whether the release binds the quoted words to a speaker, or reports them itself: « M. Rutte a dit que … »."""
    release = place.release
    if is_said_by(release.text, place.start, place.end, release.language, speaker):
        return True
    reported = reported_speaker(place.quote, release.language)
    return reported is not None and is_by(reported, speaker)


@cache
def _weights() -> Mapping[str, Any]:
    return json.loads(WEIGHTS.read_text("utf-8"))  # type: ignore[no-any-return]
