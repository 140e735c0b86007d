"""Step 1: pairs of texts that mean the same or belong together, from the shared data, and a share kept out for choices.

    python -m training.data --data ../shared/data --out build/training

writes `pairs.tsv.gz` (`kind<TAB>left<TAB>right`, shuffled), `kept-out.tsv.gz` (the same, never trained on, for choosing
between models) and `data.json` (what was read, how many pairs of each kind). Kinds: `bitext` (English, French),
`title` (title, passage of its body), `inside` (a sentence, the rest of its passage), `question` (a quarter of PIAF).

Nothing here reads the Swiss releases, FQuAD, XQuAD, newstest or CLAP NQ: they only ever measure.
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datasets.command import parser_of, reads_shared_data
from datasets.parallel import titled_passages, translations
from datasets.questions import read_set
from datasets.splits import fits, newswire_by_age, trains
from ingest.passages import split_release
from vectorstore.text.sentences import sentence_spans
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from datasets.releases import NewswireRelease

SEED = 20261123
PASSAGES_OF_ONE = 6  # passages of one newswire release, at most: a long report must not outweigh ten short releases
SENTENCES_KEPT_OUT = 4_000  # pairs of sentences

_SPACE = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")  # some titles carry \u2019 as six characters
_LONGEST = 2_000  # characters of one side


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that should lie near each other."""

    kind: str
    left: str
    right: str


def bitext(data: Path) -> Iterator[Pair]:
    """English and French sentences; those too unlike in length are no translations of each other."""
    for one in translations(data):
        english, french = _clean(one.english), _clean(one.french)
        if english and french and 0.4 < (len(english) + 15) / (len(french) + 15) < 2.0:
            yield Pair("bitext", english, french)


def titles(data: Path) -> Iterator[Pair]:
    """Titles with a passage of their body, but for titles that name a series and say nothing of this release."""
    cleaned = ((_clean(title), _clean(passage)) for title, passage in titled_passages(data))
    rows = [(title, passage) for title, passage in cleaned if title and passage]
    times = Counter(title for title, _ in rows)
    for title, passage in rows:
        if times[title] <= 4:
            yield Pair("title", title, passage)


def pairs_of(releases: Iterable[NewswireRelease], chance: random.Random) -> Iterator[Pair]:
    """Of each release the title with some passages, and sentences with the rest of their passage."""
    for one in releases:
        release = Release(
            id=one.id, title=_clean(one.title), source=one.wire, language="en",
            body=tuple(filter(None, (_clean(line) for line in one.text.split("\n")))),
        )  # fmt: skip
        texts = [passage.text for passage in split_release(release) if len(passage.text) > 80]
        # What a release is about stands at its beginning, so that passage always takes part.
        for text in texts[:1] + chance.sample(texts[1:], min(len(texts[1:]), PASSAGES_OF_ONE - 1)):
            yield Pair("title", release.title, _clean(text))
            yield from _inside(text, chance)


def _inside(text: str, chance: random.Random) -> Iterator[Pair]:
    spans = [text[start:end] for start, end in sentence_spans(text, "en")]
    if len(spans) >= 3:
        taken = chance.randrange(len(spans))
        if len(spans[taken]) > 40:
            yield Pair("inside", _clean(spans[taken]), _clean(" ".join(spans[:taken] + spans[taken + 1 :])))


def questions(data: Path) -> Iterator[Pair]:
    """PIAF's questions with their paragraphs, of the quarter of its articles that trains the vectors."""
    paragraphs, asked = read_set("piaf", data)
    training = {one.id: one.body for one in paragraphs if trains(one.article) and not fits(one.article)}
    for one in asked:
        if one.paragraph in training:
            yield Pair("question", _clean(one.question), _clean(training[one.paragraph]))


def collect(data: Path) -> tuple[list[Pair], list[Pair]]:
    """Every pair to train on, shuffled, and those kept out. Raises MissingDataError."""
    chance = random.Random(SEED)
    old, new = newswire_by_age(data)
    fresh = {_clean(release.title) for release in new}
    translated = list(dict.fromkeys(bitext(data)))
    chance.shuffle(translated)
    kept_out = translated[:SENTENCES_KEPT_OUT]
    seen = {pair.left for pair in kept_out} | {pair.right for pair in kept_out}
    pairs = [pair for pair in translated[SENTENCES_KEPT_OUT:] if pair.left not in seen and pair.right not in seen]
    pairs += [pair for pair in titles(data) if pair.left not in fresh]
    pairs += pairs_of(old, chance)
    pairs += questions(data)
    pairs = [pair for pair in dict.fromkeys(pairs) if pair.left and pair.right]
    chance.shuffle(pairs)
    return pairs, kept_out + [pair for pair in pairs_of(new, chance) if pair.kind == "title"]


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file that this step wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Pair(*line.rstrip("\n").split("\t")) for line in lines]


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pairs."""
    parser = parser_of("training.data", "Collect pairs to train on.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    if (options.out / "data.json").is_file():
        print(f"{options.out}/data.json is there: nothing to do; remove it to collect anew")
        return 0
    pairs, kept_out = collect(options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    _write(options.out / "pairs.tsv.gz", pairs)
    _write(options.out / "kept-out.tsv.gz", kept_out)
    counts = {"pairs": Counter(pair.kind for pair in pairs), "kept_out": Counter(pair.kind for pair in kept_out)}
    (options.out / "data.json").write_text(json.dumps({"seed": SEED, **counts}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(counts))
    return 0


def _clean(text: str) -> str:
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), html.unescape(text))
    return _SPACE.sub(" ", plain).strip()[:_LONGEST]


def _write(path: Path, pairs: Iterable[Pair]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=3) as out:
        out.writelines(f"{pair.kind}\t{pair.left}\t{pair.right}\n" for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
