"""Builds small PDFs for tests: each line placed by hand, as a newsroom's layout program would."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Placed = tuple[float, float, float, str]
"""Left edge, baseline, type size, words."""

_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
_FONTS = f"<< /F1 3 0 R /F2 {_FONT.replace('Helvetica', 'Helvetica-Bold')} >>"


def build_pdf(*pages: Sequence[Placed | str], title: str = "") -> bytes:
    """A PDF of these pages, in Helvetica; a string is what a page's content stream says there, as `bold` gives it."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>", _FONT]
    for number, lines in enumerate(pages):
        content = "".join(_shown(line) for line in lines)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font {_FONTS} >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}endstream")
    objects.append(f"<< /Title ({title}) >>")
    return _file(objects)


def bold(line: Placed) -> str:
    """What a content stream says where a line is bold."""
    return _shown(line).replace("/F1", "/F2").rstrip("\n")


def scan(printed: bytes) -> bytes:
    """The first page of a PDF as a scanner would give it: a picture, and no text."""
    return build_pdf([picture(printed)])


def picture(printed: bytes, width: float = 595, height: float = 842) -> str:
    """What a content stream says where the first page of a PDF is a picture of this size in points."""
    from pypdfium2 import PdfDocument

    bitmap = PdfDocument(printed)[0].render(scale=200 / 72, grayscale=True)
    rows = bytes(bitmap.buffer)
    pixels = b"".join(
        rows[start : start + bitmap.width] for start in range(0, bitmap.stride * bitmap.height, bitmap.stride)
    )
    drawn = zlib.compress(pixels).hex()
    size = f"/W {bitmap.width} /H {bitmap.height} /CS /G /BPC 8 /F [/AHx /Fl]"
    return f"{width} 0 0 {height} 0 0 cm BI {size} ID {drawn}> EI"


def column(*paragraphs: str, top: float = 690, size: float = 11) -> list[Placed]:
    """Paragraphs set below each other, their lines parted by line feeds."""
    placed: list[Placed] = []
    for paragraph in paragraphs:
        for words in paragraph.split("\n"):
            placed.append((70, top, size, words))
            top -= 14
        top -= 8
    return placed


def _shown(line: Placed | str) -> str:
    if isinstance(line, str):
        return f"{line}\n"
    x, y, size, words = line
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"


def _file(objects: list[str]) -> bytes:
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table + trailer.encode()
