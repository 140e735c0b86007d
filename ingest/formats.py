"""The formats that are read, by the ends of their names and by media type; what reads each is in `ingest/parse/`."""

PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".odt", ".eml"})
"""Files that hold a release each."""

LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})
"""Files with a release on each line; they may be compressed."""

PDF_MARK, ARCHIVE_MARK = b"%PDF-", b"PK\x03\x04"
"""How a PDF begins, and a file of a word processor, which is an archive."""

NOT_READ = {
    b"{\\rtf": "this is RTF, which is not read; save it as .docx or .odt",
    b"\xd0\xcf\x11\xe0": "this is a file of an older Microsoft Office, which is not read; save it as .docx or .odt",
}
"""How older formats of word processors begin, which tell themselves, and what to do with one."""

DOCUMENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
"""Media types of what a feed may enclose and is a release, with the end of their names."""
