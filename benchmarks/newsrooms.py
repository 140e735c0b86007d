"""Pages of some twenty newsrooms: our parser beside trafilatura's own reading and htmldate.

    python -m benchmarks.newsrooms [--pages tests/ingest/parse/newsrooms …] [--each]

Right titles, days and languages in percent of pages; the body by the words that it shares with the known one: F1 over
the multiset of words. `updated` is right too where a page has none and none is read. A page that cannot be read counts
as wrong in all. The pages of `newsrooms` mimic newsrooms, as the README beside them says, and the parser was written
with them in sight: the figures say what the parser copes with, not how it fares on unseen pages. Those of the folders
that begin with `held_out` were written by people who had not read it; the READMEs beside them have the first runs, and
the parser was mended since.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import tables
from ingest.errors import ParseError
from ingest.parse.html import parse_html
from ingest.types import Page, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PARSE = Path(__file__).parents[1] / "tests/ingest/parse"
PAGES = PARSE / "newsrooms"


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved page and what a reader would take from it, as its JSON file says."""

    name: str
    content: bytes
    expected: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a parser made of a page; days as `2024-07-11`."""

    title: str | None = None
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    body: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """What was right about one reading; `wrong` names the fields that were not, with what was read."""

    name: str
    f1: float
    wrong: dict[str, str | None]


def load(folder: Path = PAGES) -> list[Saved]:
    """The saved pages in a fixed order."""
    return [
        Saved(
            str(path.relative_to(folder).with_suffix("")),
            path.with_suffix(".html").read_bytes(),
            json.loads(path.read_text(encoding="utf-8")),
        )
        for path in sorted(folder.glob("*/*.json"))
        if path.with_suffix(".html").is_file()
    ]


def as_page(saved: Saved) -> Page:
    """The page as fetched from its address, or from the newsroom's front page where it has none of its own."""
    address = saved.expected["url"] or f"https://{saved.name.split('/')[0]}.example/page.html"
    return Page(location=address, id=address, content=saved.content, source=Source(address))


def ours(saved: Saved) -> Reading:
    try:
        release = parse_html(as_page(saved))
    except ParseError:
        return Reading()
    published, updated = (
        moment.date().isoformat() if moment else None for moment in (release.published, release.updated)
    )
    paragraphs = (release.lead, *release.body) if release.lead else release.body
    return Reading(release.title, published, updated, release.language, paragraphs)


def trafilatura_alone(saved: Saved) -> Reading:
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    found = bare_extraction(saved.content, with_metadata=True, include_comments=False)
    if not isinstance(found, Document):
        return Reading()
    return Reading(found.title, found.date, None, found.language, tuple((found.text or "").split("\n")))


def htmldate_alone(saved: Saved) -> Reading:
    from htmldate import find_date

    text = saved.content.decode("utf-8" if _is_utf_8(saved.content) else "cp1252")
    return Reading(published=find_date(text, original_date=True))


READERS: dict[str, Callable[[Saved], Reading]] = {
    "ours": ours,
    "trafilatura": trafilatura_alone,
    "htmldate": htmldate_alone,
}


def score(saved: Saved, reading: Reading) -> Score:
    """Compare a reading with what is known; lines that may stay or go are not judged."""
    known = saved.expected
    days = {field: known[field][:10] if known[field] else None for field in ("published", "updated")}
    pairs = {
        "title": (_plain(known["title"]), _plain(reading.title or "")),
        "published": (days["published"], reading.published),
        "updated": (days["updated"], reading.updated),
        "language": (known["language"], reading.language),
    }
    either = {_plain(line) for line in known["either"]}
    body = [line for line in reading.body if _plain(line) not in either]
    lead = [known["lead"]] if known["lead"] else []
    wrong = {field: found for field, (right, found) in pairs.items() if right != found}
    return Score(saved.name, shared_words([*lead, *known["body"]], body), wrong)


def shared_words(known: Sequence[str], found: Sequence[str]) -> float:
    """F1 over the multisets of words."""
    right, read = (Counter(re.findall(r"\w+", " ".join(lines).casefold())) for lines in (known, found))
    common = sum((right & read).values())
    return 2 * common / (sum(right.values()) + sum(read.values())) if common else 0.0


def share_right(scores: Sequence[Score], field: str) -> float:
    """The part of pages for which a field is right."""
    return sum(field not in each.wrong for each in scores) / len(scores)


def folders() -> list[Path]:
    """Those with saved pages: the one that was written with the parser, then the others."""
    held_out = {path.parents[1] for path in PARSE.glob("held_out*/*/*.html")}
    return [PAGES, *sorted(held_out)]


def row(folder: str, name: str, pages: Sequence[Saved]) -> str:
    """One row of the table."""
    read = READERS[name]
    begun = time.process_time()
    readings = [read(saved) for saved in pages]
    seconds = time.process_time() - begun
    scores = [score(saved, reading) for saved, reading in zip(pages, readings, strict=True)]
    judged = ("published",) if name == "htmldate" else ("title", "published", "updated", "language")
    cells = [f"{share_right(scores, field):.0%}" if field in judged else "–" for field in FIELDS]
    f1 = [each.f1 for each in scores]
    words = ["–", "–"] if name == "htmldate" else [f"{statistics.mean(f1):.3f}", f"{min(f1):.3f}"]
    return tables.row(folder, len(pages), name, *cells, *words, f"{len(pages) / seconds:.0f}")


FIELDS = ("title", "published", "updated", "language")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages of newsrooms: our parser beside trafilatura and htmldate.")
    parser.add_argument(
        "--pages", type=Path, nargs="+", default=folders(), help="folders of saved pages with JSON files beside them"
    )
    parser.add_argument("--each", action="store_true", help="name what our parser has wrong, page by page")
    options = parser.parse_args()
    sets = {folder.name: load(folder) for folder in options.pages}
    for name in [name for name, pages in sets.items() if not pages]:
        parser.error(f"{name}: no pages with JSON files beside them in its folders")
    print("`updated` needs no date where the page has none; pages a second of CPU time.\n")
    print(tables.head("folder", "pages", "reader", *FIELDS, "body F1, mean", "lowest", "pages/s"))
    for folder, pages in sets.items():
        for name in READERS:
            print(row(folder, name, pages), flush=True)
    for saved in itertools.chain.from_iterable(sets.values()) if options.each else ():
        found = score(saved, ours(saved))
        print(f"- {found.name}: F1 {found.f1:.3f} {found.wrong or ''}")


if __name__ == "__main__":
    main()
