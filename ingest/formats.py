"""The formats that are read, by the ends of their names and by media type; what reads each is in `ingest/parse/`."""

PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".odt", ".eml"})
"""Files that hold a release each."""

LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})
"""Files with a release on each line; they may be compressed."""

DOCUMENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
"""Media types of what a feed may enclose and is a release, with the end of their names."""
