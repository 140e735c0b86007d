"""Web pages, and Word and OpenDocument files, of a few paragraphs, as their programs write them."""

from __future__ import annotations

import io
import zipfile

_TYPES = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def archive(**parts: str | bytes) -> bytes:
    """A ZIP of parts, whose names have `__` for a slash and `_xml` for the suffix."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def docx(body: str, declaration: str = "", *, styles: str = "", title: str = "") -> bytes:
    """A Word file around `w:` elements, and around such of its styles; `title` is what its properties state."""
    dublin = "http://purl.org/dc/elements/1.1/"
    file = io.BytesIO(
        archive(
            word__document_xml=f'{declaration}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
            word__styles_xml=f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
            docProps__core_xml=f'<properties xmlns:dc="{dublin}"><dc:title>{title}</dc:title></properties>',
        )
    )
    with zipfile.ZipFile(file, "a") as zipped:
        zipped.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>',
        )
        zipped.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_TYPES}/relationships">'
            f'<Relationship Id="r1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
        )
    return file.getvalue()


def words(text: str, *, style: str = "", marks: str = "") -> str:
    """A Word paragraph; `marks` are elements of its run's properties."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{run(text, marks)}</w:p>"


def run(text: str, marks: str = "") -> str:
    """A run of words with some marks."""
    return f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def odt(text: str, styles: str = "") -> bytes:
    """An OpenDocument text around `text:` elements."""
    spaces = " ".join(f'xmlns:{part}="{_ODF}:{part}:1.0"' for part in ("office", "text", "table", "style"))
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{text}</office:text></office:body></office:document-content>"
    )
    return archive(mimetype="application/vnd.oasis.opendocument.text", content_xml=content)


ONE = "The ministers of the Allies adopted a plan in Brussels on how assistance to Ukraine will be coordinated."
TWO = "The headquarters of the mission stands in Wiesbaden, in Germany, and some 700 people will work there."
THREE = "The summit in Washington in July confirmed the decision and promised 40 billion euros for the next year."


def html(*paragraphs: str, head: str = "", title: str = "A plan is adopted", lang: str = "en") -> str:
    """A page with a headline and paragraphs."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (ONE, TWO, THREE))
    body = f"<main><article><h1>{title}</h1>{text}</article></main>"
    return f'<!doctype html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'
