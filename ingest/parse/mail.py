"""Reads a message that was saved as a file, as newsrooms send their releases, with what is attached to it."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from ingest.dates import dates_within, on_its_day, parse_date
from ingest.errors import IngestError, LimitError, ParseError
from ingest.parse.characters import decode_anyhow, losses, stated_encoding, storable, tidy, tidy_line
from ingest.parse.complete import complete
from ingest.parse.furniture import LISTED, listed_pattern
from ingest.parse.html_text import fragment_blocks
from ingest.parse.text import sort_blocks, to_blocks, without_headings
from ingest.types import PAGE_SUFFIXES, Page, Source
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from email.message import EmailMessage, MIMEPart

    from ingest.parse.text import Block

_MOST_ATTACHED = 20
_DEEPEST = 3
# Of attachments; calendars, pictures and signatures are left out.
_READ = tuple(PAGE_SUFFIXES)
_FORWARDED = re.compile(r"(?:(?:re|fwd?|tr|fw|rép|wg|aw)\s?: ?)++", re.IGNORECASE)
_LABEL = rf"(?:{'|'.join(LISTED['mail_labels'])})\s?:"
_LABELS = re.compile(rf"(?:^|(?<=\s)){_LABEL}", re.IGNORECASE)
_ABOVE = re.compile(rf"{_LABEL}|(?:{'|'.join(LISTED['forwarded'])})\b", re.IGNORECASE)
# What is labelled ISO-8859-1 holds signs of Windows-1252, as on pages; the standard library goes by the label.
_SIGNS = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_FEWEST_LABELS = 3  # of a message that is forwarded
_QUOTED = re.compile(r"^>.*\n?", re.MULTILINE)


def parse_mail(page: Page, parse_page: Callable[[Page], Release]) -> Release:
    """The release in a message: its subject is the title, its attachments' texts follow its own.

    `parse_page` reads an attachment.

    Raises:
        ParseError: it is no message, or holds no text.
        LimitError: messages are attached to messages, or parts stand in parts, without end.

    """
    return _parse(page, parse_page, 0)


def _parse(page: Page, parse_page: Callable[[Page], Release], depth: int) -> Release:
    if depth > _DEEPEST:
        raise LimitError(page.location, f"messages are attached to messages more than {_DEEPEST} deep")
    try:
        message, written, files = _opened(page)
    except RecursionError as exc:  # of the standard library, which calls itself for each part
        raise LimitError(page.location, "its parts are nested too deeply to be read") from exc
    title = tidy_line(_FORWARDED.sub("", _header(message, "subject"), count=1))
    blocks, forwarded = _without_labels(
        [block for kind, text in written for block in _blocks(kind, text, page.location)]
    )
    own = sort_blocks(blocks, title=title)
    attached, warnings = _attached(files, page, parse_page, depth)
    days = (own.published, forwarded, _sent(message), *(release.published for release in attached))
    body = [*own.body, *(paragraph for release in attached for paragraph in _paragraphs(release, title))]
    if not body:
        raise ParseError(page.location, "; ".join(("there is no text in this message", *warnings)))
    release = Release(
        id=page.id,
        title=title or (attached[0].title if attached else own.title),
        body=tuple(dict.fromkeys(body)),
        source=page.location,
        published=next(filter(None, days), None),
        warnings=(*warnings, *losses("\n".join(text for _, text in written))),
    )
    return complete(release, page)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message[name] or "").translate(_SIGNS)
    except (ValueError, IndexError, LookupError, AttributeError):  # a header that the standard library stumbles over
        return ""


def _sent(message: EmailMessage) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        moment = on_its_day(parsedate_to_datetime(_header(message, "date")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment and parse_date(f"{moment:%Y-%m-%d}") else None


def _opened(page: Page) -> tuple[EmailMessage, list[tuple[str, str]], list[Page]]:
    """The message, what it says itself, each text as `html` or `plain`, and the files in it that are read."""
    import email
    import email.policy

    message = email.message_from_bytes(page.content.removeprefix(BOM_UTF8), policy=email.policy.default)
    if not message.keys():
        raise ParseError(page.location, "this is no message: it lacks the headers `From:` and `Subject:`")
    try:
        parts = _shown(message, page.location)
        # where nothing else is text, a part with a name is
        texts: set[MIMEPart | None] = {*filter(_is_text, parts)} or {message.get_body(("html", "plain"))}
        written = [(part.get_content_subtype(), _content(part)) for part in parts if part in texts]
    except (LookupError, ValueError, AttributeError) as exc:
        raise ParseError(page.location, f"its text cannot be decoded: {exc}") from exc
    return message, written, list(_pages([part for part in parts if part not in texts]))


def _shown(part: MIMEPart, location: str) -> list[MIMEPart]:
    """The texts and files in a message, in order; of alternatives the last one with words in HTML, and files of any."""
    if part.get_content_maintype() != "multipart":
        return [part]
    branches = [_shown(inner, location) for inner in part.iter_parts()]
    if part.get_content_subtype() == "alternative":
        richness = partial(_richness, location=location)
        best: Sequence[MIMEPart] = max(reversed(branches), key=richness, default=())
        branches = [[each for each in branch if branch is best or not _is_text(each)] for branch in branches]
    return [each for branch in branches for each in branch]


def _richness(branch: Sequence[MIMEPart], location: str) -> int:
    """2 where there are words in HTML, 1 where there are plain ones, 0 where there are none."""
    texts = ((part.get_content_subtype(), _content(part)) for part in branch if _is_text(part))
    return max((1 + (kind == "html") for kind, text in texts if _blocks(kind, text, location)), default=0)


def _is_text(part: MIMEPart) -> bool:
    """Whether a part is shown as the message's own words; what has a name is a file."""
    return part.get_content_type() in {"text/html", "text/plain"} and not part.get_filename()


def _blocks(kind: str, text: str, location: str) -> list[Block]:
    if kind == "html":
        found = without_headings([(kind, tidy_line(words)) for kind, words in fragment_blocks(text, location)])
    else:
        found = to_blocks(_QUOTED.sub("", tidy(_unsigned(storable(text)))))
    return [block for block in found if not listed_pattern("mail_furniture").match(block.text)]


def _without_labels(blocks: Sequence[Block]) -> tuple[list[Block], datetime | None]:
    """The blocks but for "From: …", "Sent: …" above what was forwarded, and when that was sent."""
    kept: list[Block] = []
    days: list[datetime] = []
    for may_be_label, run in groupby(blocks, key=lambda block: bool(_ABOVE.match(block.text.lstrip("- ")))):
        lines = list(run)
        if may_be_label and sum(len(_LABELS.findall(line.text)) for line in lines) >= _FEWEST_LABELS:
            days += (moment for line in lines for _, moment, _ in dates_within(line.text))
        else:
            kept += lines
    return kept, next(iter(days), None)


def _unsigned(text: str) -> str:
    """The text above the signature, which RFC 3676 opens by two hyphens and a space alone in a line."""
    above, mark, below = f"\n{text}\n".rpartition("\n-- \n")
    return above if mark else below


def _content(part: MIMEPart) -> str:
    """The text of a part, decoded as a page is: by its label, then by what its HTML states."""
    content = part.get_payload(decode=True)
    return (
        decode_anyhow(content, part.get_content_charset(), stated_encoding(content))
        if isinstance(content, bytes)
        else ""
    )


def _attached(
    files: Sequence[Page], page: Page, parse_page: Callable[[Page], Release], depth: int
) -> tuple[list[Release], list[str]]:
    """The releases that are attached, and warnings about what could not be read."""
    found: list[Release] = []
    warnings: list[str] = []
    for number, file in enumerate(files, 1):
        location = f"{page.location}: attachment {file.location}"
        if number > _MOST_ATTACHED:
            warnings.append(f"only the first {_MOST_ATTACHED} attachments were read")
            break
        inner = replace(file, location=location, source=page.source)
        try:
            is_message = file.location.endswith(".eml")
            release = _parse(inner, parse_page, depth + 1) if is_message else parse_page(inner)
        except IngestError as exc:
            warnings.append(str(exc))
        else:
            found.append(release)
            warnings += (f"attachment {file.location}: {warning}" for warning in release.warnings)
    return found, warnings


def _pages(files: Sequence[MIMEPart]) -> Iterator[Page]:
    """Each attachment in a known format; its location is the name under which it is attached."""
    for part in files:
        name = tidy_line(part.get_filename() or "").lower()
        if part.get_content_type() == "message/rfc822":
            for inner in part.iter_parts():
                yield Page(f"{name.removesuffix('.eml') or 'message'}.eml", name, inner.as_bytes(), Source(""))
        elif name.endswith(_READ) and isinstance(content := part.get_payload(decode=True), bytes):
            yield Page(name, name, content, Source(""), charset=part.get_content_charset())


def _paragraphs(release: Release, title: str) -> Iterator[str]:
    if release.title != title:
        yield release.title
    yield from (release.lead, *release.body) if release.lead else release.body
