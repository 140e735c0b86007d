"""Lines of a scanned page, read by tesseract: a program of its own, found on the path."""

from __future__ import annotations

import csv
import io
import os
import shutil
import statistics
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.parse.characters import tidy_line
from ingest.parse.pdf_lines import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pypdfium2 import PdfPage

MISSING = "tesseract, which reads scans, is not installed: apt-get install tesseract-ocr tesseract-ocr-fra"
_DPI = 300
_MOST_PIXELS = 6_000  # on the longer side of a page, however large it says it is
_LEAST = 30  # per cent: what tesseract is less sure of is a stain or a drawing


class OcrError(Exception):
    """A page cannot be read by OCR; the message says why."""


def scanned_pieces(page: PdfPage, seconds: float | None) -> list[Piece]:
    """The lines that tesseract reads on a page, in its reading order, in at most so many seconds.

    Raises OcrError where it is missing, fails or takes longer.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise OcrError(MISSING)
    scale = min(_DPI / 72, _MOST_PIXELS / max(page.get_size()))
    command = [program, "stdin", "stdout", "-l", "fra+eng", "--dpi", str(round(72 * scale)), "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - tesseract, whose threads would only be in each other's way
            command,
            input=_drawn(page, scale),
            capture_output=True,
            timeout=seconds,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as exc:
        raise OcrError("tesseract takes longer than ingest.longest allows: raise it") from exc
    except (subprocess.CalledProcessError, OSError) as exc:
        said = getattr(exc, "stderr", b"") or str(exc).encode()
        raise OcrError(f"tesseract fails: {tidy_line(said.decode(errors='replace'))[:200]}") from exc
    rows = csv.DictReader(io.StringIO(done.stdout.decode(errors="replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _pieces(rows, page.get_height(), 1 / scale)


def _drawn(page: PdfPage, scale: float) -> bytes:
    """The page as a grey picture in the PGM format."""
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        rows = memoryview(bitmap.buffer).cast("B")
        lines = (rows[start : start + bitmap.width] for start in range(0, bitmap.stride * bitmap.height, bitmap.stride))
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)
    finally:
        bitmap.close()


def _pieces(words: Iterable[Mapping[str, str]], height: float, point: float) -> list[Piece]:
    """Lines from words, for so many points to a pixel; those of a block of text have one type size."""
    blocks: defaultdict[str, defaultdict[tuple[str, str], list[Mapping[str, str]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for word in words:
        if word["level"] == "5" and float(word["conf"]) >= _LEAST and word["text"].strip():
            blocks[word["block_num"]][word["par_num"], word["line_num"]].append(word)
    pieces: list[Piece] = []
    for lines in blocks.values():
        # the tallest word of a line has ascenders and descenders, so it is about as high as the type size
        heights = [max(int(word["height"]) for word in line) for line in lines.values()]
        size = round(statistics.median(heights) * point)
        pieces += [_piece(line, height, size, point) for line in lines.values()]
    return pieces


def _piece(words: list[Mapping[str, str]], height: float, size: float, point: float) -> Piece:
    left = min(int(word["left"]) for word in words)
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    bottom = statistics.median(int(word["top"]) + int(word["height"]) for word in words)
    text = tidy_line(" ".join(word["text"] for word in words))
    return Piece(text, left * point, right * point, height - bottom * point, size)
