"""PDFs after other newsrooms' frames: our parser, and the bare text of pypdf and PDFium, by words and by CPU time.

    python -m benchmarks.pdfs [--folders tests/ingest/parse/held_out_pdf …] [--each] [--times 5]

Right titles, days and languages in percent of files; the body by the words that it shares with the known one, and by
the pairs of words that follow each other, which tell whether the lines came in order: F1 over the multisets. A bare
text has neither title nor date, and its letterhead counts against it. pypdf is in `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.newsrooms import PARSE, Reading, Saved, Score, score, share_right
from ingest.errors import ParseError
from ingest.parse.pdf import parse_pdf
from ingest.types import Page, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILES = PARSE / "held_out_pdf"
FIELDS = ("title", "published", "language")


def folders() -> list[Path]:
    """Those with PDFs that were written by people who had not read the parser."""
    return sorted({path.parent for path in PARSE.glob("held_out*/**/*.pdf")})


def load(folder: Path = FILES) -> list[Saved]:
    """The files with what is known of them, in a fixed order."""
    return [
        Saved(path.stem, path.with_suffix(".pdf").read_bytes(), json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
        if path.with_suffix(".pdf").is_file()
    ]


def ours(saved: Saved) -> Reading:
    """What our parser makes of a file."""
    address = f"https://newsroom.example/{saved.name}.pdf"
    try:
        release = parse_pdf(Page(location=address, id=address, content=saved.content, source=Source(address)))
    except ParseError:
        return Reading()
    published, updated = (
        moment.date().isoformat() if moment else None for moment in (release.published, release.updated)
    )
    return Reading(release.title, published, updated, release.language, release.body)


def bare_pdfium(saved: Saved) -> Reading:
    """PDFium's text, page by page."""
    from pypdfium2 import PdfDocument

    document = PdfDocument(saved.content)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    return Reading(body=tuple(text.split("\n")))


def bare_pypdf(saved: Saved) -> Reading:
    """Pypdf's text, page by page."""
    import io

    from pypdf import PdfReader

    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(saved.content)).pages)
    return Reading(body=tuple(text.split("\n")))


READERS: dict[str, Callable[[Saved], Reading]] = {"ours": ours, "PDFium": bare_pdfium, "pypdf": bare_pypdf}


def pairs_shared(saved: Saved, reading: Reading) -> float:
    """F1 over the multisets of pairs of words that follow each other; lines that may stay or go are not judged."""
    found = [line for line in reading.body if line not in saved.expected["either"]]
    right, read = (Counter(pairwise(_words(lines))) for lines in (saved.expected["body"], found))
    common = sum((right & read).values())
    return 2 * common / (sum(right.values()) + sum(read.values())) if common else 0.0


def _words(lines: Sequence[str]) -> list[str]:
    return re.findall(r"\w+", " ".join(lines).casefold())


def row(folder: Path, name: str, files: Sequence[Saved], times: int) -> str:
    """One row of the table."""
    read = READERS[name]
    readings = [read(saved) for saved in files]  # libraries are loaded with the first
    begun = time.process_time()
    for _ in range(times):
        for saved in files:
            read(saved)
    seconds = (time.process_time() - begun) / times
    scores = [score(saved, reading) for saved, reading in zip(files, readings, strict=True)]
    cells = [f"{share_right(scores, field):.0%}" if name == "ours" else "–" for field in FIELDS]
    words = [each.f1 for each in scores]
    pairs = [pairs_shared(saved, reading) for saved, reading in zip(files, readings, strict=True)]
    figures = [f"{statistics.mean(words):.3f}", f"{min(words):.3f}", f"{statistics.mean(pairs):.3f}"]
    return tables.row(
        folder.relative_to(PARSE), len(files), name, *cells, *figures, f"{1000 * seconds / len(files):.0f}"
    )


def each(files: Sequence[Saved]) -> list[Score]:
    """How well our parser reads each file."""
    return [score(saved, ours(saved)) for saved in files]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="PDFs after newsrooms' frames: our parser beside bare text.")
    parser.add_argument(
        "--folders", type=Path, nargs="+", default=folders(), help="folders of PDFs with JSON files beside them"
    )
    parser.add_argument("--each", action="store_true", help="name what our parser has wrong, file by file")
    parser.add_argument("--times", type=int, default=5, help="how often each file is read for the CPU time")
    options = parser.parse_args()
    sets = {folder.resolve(): load(folder) for folder in options.folders}
    for folder in [folder for folder, files in sets.items() if not files]:
        parser.error(f"{folder}: no PDFs with JSON files beside them")
    print("ms are CPU time a file.\n")
    print(tables.head("folder", "files", "reader", *FIELDS, "words F1, mean", "lowest", "pairs F1", "ms"))
    for folder, files in sets.items():
        for name in READERS:
            print(row(folder, name, files, options.times), flush=True)
    for found in each([one for files in sets.values() for one in files]) if options.each else ():
        print(f"- {found.name}: F1 {found.f1:.3f} {found.wrong or ''}")


if __name__ == "__main__":
    main()
