"""A first newsroom: its lists found, one of them written into the settings, and questions that its releases answer."""

from __future__ import annotations

import json
import os
import shutil
import time
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.errors import SettingsError
from bot.settings import FILE_NAME, read_given
from ingest.errors import IngestError, SourceError, UnavailableError
from ingest.listing.newsroom import SHOWN, FoundList, Newsroom, find_lists
from ingest.parse import parse
from ingest.sources import Failure, identity_of, list_files, read_pages
from ingest.types import Entry, Page, Source, presumed
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answering.pipeline import Answerer
    from bot.settings import Settings
    from ingest.fetch.fetcher import Fetcher
    from ingest.parse.workers import Workers
    from vectorstore.store import PassageStore
    from vectorstore.types import Release, StoredRelease

_HEAD = "# communique.toml.example, which comes with Communiqué, lists every setting with its default.\n"
_OFFERED = 3
_MOST_ASKED = 8  # questions that are tried
_LONGEST = 20.0  # seconds in which they are
_FEWEST_WORDS = 3  # of a title that makes a question
_QUESTIONS = {
    "en": ("{title}: what is it about?", "When did this happen: {title}?"),
    "fr": ("{title} : de quoi s’agit-il ?", "Quand : {title} ?"),
}


class StartingParts(Protocol):
    """What a start needs; `bot.wiring.Built` fits."""

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        ...

    @property
    def workers(self) -> Workers:
        """The processes that read pages and lists."""
        ...

    @property
    def store(self) -> PassageStore:
        """The store."""
        ...

    @property
    def answerer(self) -> Answerer:
        """What answers."""
        ...

    def new_fetcher(self) -> Fetcher:
        """What reads the web."""
        ...


@dataclass(frozen=True, slots=True)
class FoundNewsroom:
    """The source that was named, as it is to be read, and what was found there: lists on the web, or some titles."""

    source: Source
    newsroom: Newsroom
    entries: tuple[Entry, ...] = ()


def look(parts: StartingParts, source: Source) -> FoundNewsroom:
    """What a location holds. One that is written like an address, without `https://`, is taken for one.

    Raises IngestError where it cannot be read; an address without a scheme is asked by http where https fails.
    """
    if source.is_address:
        return _on_the_web(parts, source)
    address = None if Path(source.location).expanduser().exists() else presumed(source.location)
    if address is None:
        return FoundNewsroom(source, Newsroom(()), tuple(_of_files(parts, source)))
    try:
        return _on_the_web(parts, replace(source, location=address))
    except UnavailableError as exc:
        try:
            return _on_the_web(parts, replace(source, location=address.replace("https:", "http:", 1)))
        except IngestError:
            raise exc from None


def _on_the_web(parts: StartingParts, source: Source) -> FoundNewsroom:
    from ingest.listing.discover import read_part

    with parts.new_fetcher() as fetcher:
        newsroom = find_lists(
            source.location,
            lambda address: fetcher.fetch(address, allow_private=source.allow_private),
            lambda unread: parts.workers.call(unread.address, read_part, unread),
            describe=lambda entry: _described(parts, fetcher, source, entry),
            now=datetime.now(UTC),
        )
    if newsroom.lists:
        return FoundNewsroom(source, newsroom)
    tried = "; ".join(f"{failure.source}: {failure.error}" for failure in newsroom.in_vain[:_OFFERED])
    asked = f" ({len(newsroom.in_vain)} addresses were asked: {tried})" if tried else ""
    cause = f"no feed, sitemap or page of links was found{asked}; name the page that lists the press releases"
    raise SourceError(source.location, cause)


def _described(parts: StartingParts, fetcher: Fetcher, source: Source, entry: Entry) -> Entry:
    """An entry with the title, date and language of its page, as far as its list does not state them."""
    if entry.title and entry.published:
        return replace(entry, language=entry.language or detect_language(entry.title))
    try:
        fetched = fetcher.fetch(entry.address, allow_private=source.allow_private)
        page = Page(fetched.final, fetched.final, fetched.content, source, charset=fetched.charset, entry=entry)
        return _entry(parts.workers.call(page.location, parse, page), entry)
    except IngestError:
        return entry


def _of_files(parts: StartingParts, source: Source) -> Iterator[Entry]:
    """The first releases of files and folders. Raises SourceError where there are none."""
    for page in islice(read_pages(list_files(source)), SHOWN):
        if not isinstance(page, Failure):
            try:
                yield _entry(parts.workers.call(page.location, parse, page), Entry(page.location))
            except IngestError:
                continue


def _entry(release: Release, entry: Entry) -> Entry:
    published = entry.published or release.published
    return replace(entry, title=entry.title or release.title, published=published, language=release.language)


def as_source(found: FoundNewsroom, chosen: FoundList | None) -> Source:
    """The source to read: a list that was found, or what was named itself."""
    return replace(found.source, location=chosen.address, links=chosen.links) if chosen else found.source


def settings_file(home: Path | None) -> Path:
    """The file that a source is written into: the one in force, wherever it lies, else a new one in this folder.

    `home` is what the command line says. Another file would hide what the one in force says of the home.
    """
    return read_given(home).file or Path(FILE_NAME)


def is_named(settings: Settings, source: Source) -> bool:
    """Whether the settings hold a source already."""
    return identity_of(source.location) in {identity_of(known.location) for known in settings.sources}


def add_source(file: Path, source: Source, *, home: Path | None = None) -> None:
    """Write a source behind all else that a file of settings holds, or into a new one, which names `home` if given.

    The file is replaced as a whole. Raises SettingsError where it cannot take a source, or cannot be written.
    """
    table = _table(source)
    try:
        old = file.read_text(encoding="utf-8") if file.is_file() else None
        named_home = f"\nhome = {json.dumps(str(home.absolute()), ensure_ascii=False)}\n" if home else ""
        before = f"{_HEAD}{named_home}" if old is None else f"{old.rstrip()}\n" if old.strip() else ""
        text = f"{before}\n{table}"
        tomllib.loads(text)
        _replace(file.resolve(), text)
    except ValueError as exc:
        raise SettingsError(file, f"cannot take one more source ({exc}); write it in by hand: {table!r}") from exc
    except OSError as exc:
        raise SettingsError(file, f"cannot be written ({exc})") from exc


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _table(source: Source) -> str:
    stated = {
        "location": source.location,
        "name": source.name,
        "publisher": source.publisher,
        "language": source.language,
        "links": source.links,
        "allow_private": source.allow_private or None,
    }
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in stated.items() if value is not None]
    return "\n".join(["[[sources]]", *lines, ""])


def questions(parts: StartingParts, releases: Iterable[StoredRelease]) -> list[str]:
    """Three questions made of the titles of releases; those first that these releases answer, as far as was tried."""
    made = [(question, release) for release in releases for question in _questions(release)]
    until = time.monotonic() + _LONGEST
    answered: dict[str, str] = {}  # a release's id and its question
    for question, release in made[:_MOST_ASKED]:
        if len(answered) >= _OFFERED or time.monotonic() > until:
            break
        if release.id not in answered and _is_answered(parts, question, release):
            answered[release.id] = question
    others = {release.id: question for question, release in reversed(made) if release.id not in answered}
    return [*answered.values(), *islice(reversed(others.values()), _OFFERED - len(answered))]


def _questions(release: StoredRelease) -> Iterator[str]:
    title = release.title.strip(" .!…")
    if len(title.split()) >= _FEWEST_WORDS and "?" not in title:
        yield from (form.format(title=title) for form in _QUESTIONS.get(release.language or "en", _QUESTIONS["en"]))


def _is_answered(parts: StartingParts, question: str, release: StoredRelease) -> bool:
    from bot.answering.pipeline import Ask

    answer = parts.answerer.invoke(Ask(question))
    return answer.answered and any(citation.release.id == release.id for citation in answer.citations)
