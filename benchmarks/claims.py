"""Whether a language model's sentences are borne out: true ones kept, false ones caught.

    python -m benchmarks.claims

`claims.jsonl` and `claims_later.jsonl` hold 200 sentences each on quotes of releases, half of them true, in both
languages and across, as strong and as careless models write them; whoever wrote them saw no code, and the later ones
were written while the checks of today were being taught. Beside the checks, on the first set: what the reader alone
would catch with as many true ones kept, and the share of a sentence's words that its quote holds, which is all that a
check of likeness sees.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import tables
from bot.answering.reader import OnnxReader
from bot.answering.verification import measured, support_of
from datasets.claims import Claim
from datasets.files import json_lines
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CLAIMS = {
    "first set": Path(__file__).parent / "claims.jsonl",
    "later set": Path(__file__).parent / "claims_later.jsonl",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, whether it stayed, and what two simpler checks say of it."""

    name: str
    claim: Claim
    kept: bool
    read: float
    overlap: float


def claims_of(path: Path) -> dict[str, Claim]:
    """The claims of a file by their ids, each with the passage that it stands on."""
    return {
        row["id"]: Claim(
            row["sentence"],
            row["language"],
            row["quote"],
            row["passage_language"],
            row["supported"],
            row["kind"],
            row["title"],
            row["publisher"],
            row["published"],
            row["passage"],
        )
        for row in json_lines(path)
    }


def judged(claims: Mapping[str, Claim]) -> list[Judged]:
    """Each claim with what the checks say of it."""
    reader, found = OnnxReader(), []
    for name, claim in claims.items():
        place, sentence, language = claim.place, claim.sentence, claim.language
        words = set(index_words(sentence, language))
        shared = len(words & set(index_words(place.quote, place.release.language))) / max(len(words), 1)
        read = measured(sentence, language, [place], reader)["reader"]
        found.append(Judged(name, claim, support_of(sentence, language, [place], reader).borne_out, read, shared))
    return found


def _caught_beside(found: Sequence[Judged], score: Callable[[Judged], float], kept: float) -> list[bool]:
    """Of each false claim whether it is below the bound that keeps so many true ones."""
    true = [score(one) for one in found if one.claim.supported]
    bound = np.quantile(true, 1 - kept)
    return [bool(score(one) < bound) for one in found if not one.claim.supported]


def _shares(found: Sequence[Judged]) -> tuple[str, str]:
    kept = [one.kept for one in found if one.claim.supported]
    caught = [not one.kept for one in found if not one.claim.supported]
    return tables.share(sum(kept), len(kept)), tables.share(sum(caught), len(caught))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description="Claims kept and caught.")
    parser.add_argument("--every", type=int, default=1, help="judge every so manyth claim alone")
    parser.add_argument("--wrong", action="store_true", help="print each that was judged wrongly")
    options = parser.parse_args(arguments)
    sets = {name: dict(list(claims_of(path).items())[:: options.every]) for name, path in CLAIMS.items()}
    began = time.perf_counter()
    groups = {name: judged(claims) for name, claims in sets.items()}
    found = [one for group in groups.values() for one in group]
    took = 1000 * (time.perf_counter() - began) / len(found)
    print(tables.head("sentences", "of them", "true ones kept", "false ones caught"))
    groups |= {
        "English on English": [one for one in found if _pair(one) == ("en", "en")],
        "French on French": [one for one in found if _pair(one) == ("fr", "fr")],
        "across languages": [one for one in found if len(set(_pair(one))) == 2],
    }
    for name, group in groups.items():
        print(tables.row(name, len(group), *_shares(group)))
    first = groups["first set"]
    kept = float(np.mean([one.kept for one in first if one.claim.supported]))
    for name, score in (("the reader", _read), ("shared words", _overlap)):
        caught = _caught_beside(first, score, kept)
        print(tables.row(f"{name} alone", len(first), _shares(first)[0], tables.share(sum(caught), len(caught))))
    print("\n" + tables.head("time", "ms a sentence"))
    print(tables.row("checking", f"{took / 2:.0f}"))
    for one in found if options.wrong else ():
        if one.kept != one.claim.supported:
            print(f"\n{one.name} {one.claim.kind}, kept: {one.kept}")
            print(f"  {one.claim.sentence}\n  {one.claim.quote}")
    return 0


def _read(one: Judged) -> float:
    return one.read


def _overlap(one: Judged) -> float:
    return one.overlap


def _pair(one: Judged) -> tuple[str, str]:
    return one.claim.language, one.claim.quote_language


if __name__ == "__main__":
    sys.exit(main())
