"""What the newsroom holds at a moment, what becomes of it, and what each of its addresses shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.newsroom import feeds, pages
from tests.newsroom.releases import LANGUAGES, Published, sentences, slug, write_releases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PER_PAGE = 30  # releases on a listing page
ROBOTS = "User-agent: *\nAllow: /\nDisallow: /search\n\nSitemap: {root}/sitemap.xml\n"
_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)  # the newsroom's own clock, later than all that it was founded with


@dataclass(frozen=True, slots=True)
class Content:
    """What an address shows. Without `validated` it has no ETag and no Last-Modified, without `dated` only an ETag."""

    body: bytes
    content_type: str
    modified: datetime
    validated: bool = True
    dated: bool = True


@dataclass(slots=True)
class Held:
    """A release and how it fares; `status` is what its address answers with, None while all is well."""

    release: Published
    related: tuple[Published, ...] = ()
    revision: int = 0
    changed: datetime | None = None
    status: int | None = None
    listed: bool = True
    in_sitemap: bool = True


class Archive:
    """All releases, and a clock that moves on by an hour with every change: nothing depends on the time of day."""

    def __init__(self, count: int, *, root: str) -> None:
        self.root = root
        self.robots = ROBOTS.format(root=root)
        self.clock = _NOON
        self._held: dict[str, Held] = {}
        self._paths: dict[str, str] = {}
        for release in write_releases(count, address=root):
            self._take_in(release)
        keys = list(self._held)
        # 15 of 300 at places spread over both languages
        self.without_validators = tuple(key for place, key in enumerate(keys) if place % 20 == (place // 20 + 9) % 20)

    @property
    def releases(self) -> tuple[Published, ...]:
        """Every release in its present form, in the order of publication, withdrawn ones too."""
        return tuple(held.release for held in self._held.values())

    def held(self, key: str) -> Held:
        """A release and how it fares; KeyError names those near it where there is none."""
        if key not in self._held:
            raise KeyError(f"no release {key!r}; there are {', '.join(list(self._held)[:3])} …")
        return self._held[key]

    def key_at(self, path: str) -> str | None:
        """The key of the release at a path; None where none was ever published."""
        return self._paths.get(path)

    def publish(self, release: Published) -> Published:
        """Takes in a new release, and lets its other language's page name it."""
        if release.path in self._paths:
            raise ValueError(f"{release.path}: there is a release already; give another title or path")
        self.tick()
        self._take_in(release)
        twin = self._twin(release)
        if twin and release.joined == "page":
            self.change(replace(twin.release, pair=release.pair, joined="page"))
        return release

    def draft(self, title: str | None, *, language: str, pair: str | None) -> Published:
        """A release of the newsroom's next number, published at its clock's next hour; its address holds no year."""
        number = max((release.number for release in self.releases), default=-1) + 1
        pattern = write_releases(1, address=self.root)[0]
        title = title or ("The newsroom opens" if language == "en" else "La rédaction ouvre ses portes")
        path = f"{pages.SECTION[language]}/{slug(title)}"
        return replace(
            pattern,
            key=f"{language}-{number:04}",
            language=language,
            title=title,
            published=self.clock + timedelta(hours=1),
            path=path,
            url=self.root + path,
            pair=pair,
            joined="page" if pair else None,
            number=number,
        )

    def change(self, release: Published) -> None:
        """Puts another text in the place of a release's own, an hour later than all that was."""
        held = self.held(release.key)
        self.tick()
        held.release, held.revision, held.changed = release, held.revision + 1, self.clock

    def tick(self) -> None:
        """Moves the newsroom's clock on."""
        self.clock += timedelta(hours=1)

    def show(self, path: str, query: Mapping[str, str]) -> Content | None:
        """What stands at a path; None where nothing does. A withdrawn release's last page is shown: see `status`."""
        key = self._paths.get(path)
        if key is not None:
            return self._show_release(key)
        if path == "/robots.txt":
            return Content(self.robots.encode(), "text/plain; charset=utf-8", self.clock)
        return self._show_feed(path) or self._show_sitemap(path) or self._show_listing(path, query)

    def _take_in(self, release: Published) -> None:
        earlier = [one for one in self.releases if one.language == release.language][-3:]
        self._held[release.key] = Held(release, related=tuple(earlier))
        self._paths[release.path] = release.key

    def _twin(self, release: Published) -> Held | None:
        if release.pair is None:
            return None
        others = (held for held in self._held.values() if held.release.pair == release.pair)
        return next((held for held in others if held.release.language != release.language), None)

    def _told(self, wanted: Callable[[Held], bool]) -> list[feeds.Told]:
        by_pair: dict[str, list[Published]] = {}
        for release in self.releases:
            by_pair.setdefault(release.pair or release.key, []).append(release)
        return [
            feeds.Told(
                held.release,
                held.revision,
                held.changed,
                next((one for one in by_pair.get(held.release.pair or "", ()) if one.key != held.release.key), None),
            )
            for held in self._held.values()
            if wanted(held)
        ]

    def _show_release(self, key: str) -> Content:
        held = self._held[key]
        release, twin = held.release, self._twin(held.release)
        body = pages.release_page(
            release,
            updated=held.changed,
            twin=twin.release if twin else None,
            related=held.related,
            root=self.root,
        )
        return Content(
            body,
            _content_type(release),
            held.changed or release.moment or self.clock,
            validated=key not in self.without_validators,
            dated=release.published is not None,
        )

    def _show_feed(self, path: str) -> Content | None:
        latest = self._told(lambda held: held.listed)[::-1][: feeds.LATEST]
        match path:
            case "/feed.xml":
                return Content(feeds.rss(latest, root=self.root), "application/rss+xml; charset=utf-8", self.clock)
            case "/atom.xml":
                return Content(feeds.atom(latest, root=self.root), "application/atom+xml; charset=utf-8", self.clock)
            case "/feed.json":
                return Content(feeds.json_feed(latest, root=self.root), "application/feed+json", self.clock)
        return None

    def _show_sitemap(self, path: str) -> Content | None:
        if not path.startswith("/sitemap"):
            return None
        told = self._told(lambda held: held.listed and held.in_sitemap)
        if path == "/sitemap.xml":
            return Content(feeds.sitemap_index(told, root=self.root), "application/xml", self.clock)
        part = feeds.sitemaps(told).get(path)
        kind = "application/gzip" if path.endswith(".gz") else "application/xml"
        return Content(part, kind, self.clock) if part is not None else None

    def _show_listing(self, path: str, query: Mapping[str, str]) -> Content | None:
        kind = "text/html; charset=utf-8"
        for language in LANGUAGES:
            if path == pages.SECTION[language]:
                body = self._listing(language, query.get("page", "1"))
                return Content(body, kind, self.clock) if body else None
            if path in {f"/{language}/{name}" for name in ("about", "contact", "media")}:
                return Content(pages.plain_page(language, path[4:].title(), root=self.root), kind, self.clock)
        if path in ("/", "/en", "/fr"):
            return Content(pages.plain_page(path[1:] or "en", "Newsroom", root=self.root), kind, self.clock)
        return None

    def _listing(self, language: str, page: str) -> bytes | None:
        """A listing page, newest first; None beyond the last one."""
        told = self._told(lambda held: held.listed and held.release.language == language)[::-1]
        last = max(1, -(-len(told) // PER_PAGE))
        if not page.isdecimal() or not 1 <= int(page) <= last:
            return None
        shown = [one.release for one in told[(int(page) - 1) * PER_PAGE : int(page) * PER_PAGE]]
        return pages.listing_page(language, shown, number=int(page), last=last, root=self.root)


def corrected(release: Published, sentence: str) -> Published:
    """The release with another last sentence."""
    *before, last = release.paragraphs
    kept = sentences(last)[:-1]
    return replace(release, paragraphs=(*before, " ".join((*kept, sentence))))


def shortened(release: Published) -> Published:
    """The release without its last paragraph, or its last sentence where it has but one paragraph."""
    if len(release.paragraphs) > 1:
        return replace(release, paragraphs=release.paragraphs[:-1])
    kept = sentences(release.paragraphs[0])[:-1]
    if not kept:
        raise ValueError(f"{release.key}: has one sentence only; there is nothing left to drop")
    return replace(release, paragraphs=(" ".join(kept),))


def _content_type(release: Published) -> str:
    """PDF or HTML; a French page in ISO-8859-1 says so in its own head only."""
    if release.is_pdf:
        return "application/pdf"
    if release.is_legacy:
        return "text/html; charset=ISO-8859-1" if release.language == "en" else "text/html"
    return "text/html; charset=utf-8"
