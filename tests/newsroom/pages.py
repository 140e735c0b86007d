"""How a release looks as a page: frame, marks and text, in HTML or PDF."""

from __future__ import annotations

import html
import json
import textwrap
from typing import TYPE_CHECKING

from tests.ingest.parse.pdf_builder import Placed, build_pdf, column
from tests.newsroom.releases import spoken_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.newsroom.releases import Published

PUBLISHER = {"en": "Joint Newsroom", "fr": "Rédaction commune"}
SECTION = {"en": "/en/news", "fr": "/fr/actualites"}
_LOCALE = {"en": "en_GB", "fr": "fr_FR"}
_MENU = {
    "en": (("/en/news", "News"), ("/en/about", "About us"), ("/en/contact", "Contact"), ("/en/media", "Photos")),
    "fr": (("/fr/actualites", "Actualités"), ("/fr/about", "Qui sommes-nous"), ("/fr/contact", "Contact"),
           ("/fr/media", "Photos et films")),
}  # fmt: skip
_WORDS = {
    "en": {
        "home": "Home",
        "cookies": "This site uses cookies to count its visitors. Accept all cookies or change your settings.",
        "accept": "Accept all",
        "share": "Share this page",
        "related": "Related news",
        "published": "Published on",
        "updated": "Last updated on",
        "footer": "Accessibility, legal notice and data protection",
        "kind": "Press release",
        "skip": "Skip to content",
        "next": "Next page",
    },
    "fr": {
        "home": "Accueil",
        "cookies": "Ce site utilise des cookies pour compter ses visiteurs. Acceptez-les tous ou faites un choix.",
        "accept": "Tout accepter",
        "share": "Partager cette page",
        "related": "À lire aussi",
        "published": "Publié le",
        "updated": "Mis à jour le",
        "footer": "Accessibilité, mentions légales et protection des données",
        "kind": "Communiqué de presse",
        "skip": "Aller au contenu",
        "next": "Page suivante",
    },
}


def release_page(
    release: Published,
    *,
    updated: datetime | None = None,
    twin: Published | None = None,
    related: Sequence[Published] = (),
    root: str = "",
) -> bytes:
    """The page of a release; `twin` is its other language, which the page links to where that joins them."""
    if release.is_pdf:
        return _pdf(release)
    shown = twin if release.joined == "page" else None
    head = _head(release, updated=updated if release.published else None, twin=shown, root=root)
    text = "\n".join((_breadcrumbs(release), _article(release, updated), _aside(release, related)))
    page = _frame(release.language, head, text, dated=release.published is not None)
    if release.is_legacy:
        return page.replace("utf-8", "iso-8859-1").encode("iso-8859-1", "xmlcharrefreplace")
    return page.encode()


def listing_page(language: str, releases: Sequence[Published], *, number: int, last: int, root: str) -> bytes:
    """A page of links to releases, with a link to the next one but on the last."""
    words, here = _WORDS[language], root + SECTION[language]
    head = [f"<title>{PUBLISHER[language]} – {words['kind']}</title>", *_feed_links(root)]
    following = ""
    if number < last:
        head.append(f'<link rel="next" href="{here}?page={number + 1}">')
        following = f'<a rel="next" href="{SECTION[language]}?page={number + 1}">{words["next"]}</a>'
    lines = "\n".join(_listed(release) for release in releases)
    text = f'<h1>{words["kind"]}</h1>\n<ul class="releases">\n{lines}\n</ul>\n{following}'
    return _frame(language, "\n".join(head), text).encode()


def plain_page(language: str, name: str, *, root: str) -> bytes:
    """A page of the newsroom that is no release."""
    head = "\n".join((f"<title>{html.escape(name)} – {PUBLISHER[language]}</title>", *_feed_links(root)))
    return _frame(language, head, f"<h1>{html.escape(name)}</h1>\n<p>{_WORDS[language]['footer']}</p>").encode()


def iso(release: Published) -> str | None:
    """The date of publication as machines read it: with the time where it is known."""
    return release.published.isoformat() if release.published else None


def _frame(language: str, head: str, text: str, *, dated: bool = True) -> str:
    words = _WORDS[language]
    menu = "".join(f'<li><a href="{address}">{name}</a></li>' for address, name in _MENU[language])
    years = "© 2019–2026 " if dated else ""  # a year that is no date of publication
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
{head}
</head>
<body>
<a class="skip" href="#main">{words["skip"]}</a>
<div id="cookie-banner" class="cookie-banner" role="dialog"><p>{words["cookies"]}</p>
<button>{words["accept"]}</button></div>
<header class="site-header"><a href="/{language}" class="logo">{PUBLISHER[language]}</a>
<nav class="main-menu"><ul>{menu}</ul></nav></header>
<main id="main">
{text}
</main>
<footer class="site-footer"><p>{years}{PUBLISHER[language]}. {words["footer"]}</p></footer>
</body>
</html>
"""


def _head(release: Published, *, updated: datetime | None, twin: Published | None, root: str) -> str:
    title, lead = html.escape(release.title), html.escape(release.lead or release.title)
    lines = [f"<title>{title} | {PUBLISHER[release.language]}</title>", f'<meta name="description" content="{lead}">']
    if release.number % 10 != 7:
        lines.append(f'<link rel="canonical" href="{release.url}">')
    if release.number % 4 != 3:
        lines += [
            '<meta property="og:type" content="article">',
            f'<meta property="og:title" content="{title}">',
            f'<meta property="og:site_name" content="{PUBLISHER[release.language]}">',
            f'<meta property="og:locale" content="{_LOCALE[release.language]}">',
            f'<meta property="og:url" content="{release.url}">',
        ]
    if twin:
        both = sorted((release, twin), key=lambda one: one.language)
        lines += [f'<link rel="alternate" hreflang="{one.language}" href="{one.url}">' for one in both]
        lines.append(f'<link rel="alternate" hreflang="x-default" href="{root}/">')
    if release.published and release.number % 3 == 2:
        lines.append(f'<meta property="article:published_time" content="{iso(release)}">')
    if release.number % 3 == 0:
        lines.append(_json_ld(release, updated))
    return "\n".join(lines)


def _json_ld(release: Published, updated: datetime | None) -> str:
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": release.title,
        "inLanguage": release.language,
        "datePublished": iso(release),
        "dateModified": updated.isoformat() if updated else None,
        "publisher": {"@type": "Organization", "name": PUBLISHER[release.language]},
    }
    told = json.dumps({name: value for name, value in about.items() if value}, ensure_ascii=False)
    return f'<script type="application/ld+json">{told}</script>'


def _breadcrumbs(release: Published) -> str:
    words, section = _WORDS[release.language], SECTION[release.language]
    return (
        f'<nav class="breadcrumb"><ol><li><a href="/{release.language}">{words["home"]}</a></li>'
        f'<li><a href="{section}">{words["kind"]}</a></li></ol></nav>'
    )


def _article(release: Published, updated: datetime | None) -> str:
    lead = f'<p class="lead">{html.escape(release.lead)}</p>\n' if release.lead else ""
    paragraphs = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in release.paragraphs)
    share = f'<div class="share-bar"><span>{_WORDS[release.language]["share"]}</span> <a href="#mail">E-mail</a></div>'
    dates = _dates(release, updated)
    return f"<article>\n<h1>{html.escape(release.title)}</h1>\n{dates}{lead}{paragraphs}\n{share}\n</article>"


def _dates(release: Published, updated: datetime | None) -> str:
    """The line under the headline; the time of day stands in a `<time>`, in the head or in JSON-LD, by turns."""
    if release.moment is None:
        return ""
    words, day = _WORDS[release.language], spoken_day(release.moment, release.language)
    if release.number % 3 == 1 or release.number % 2 == 0:
        day = f'<time datetime="{iso(release)}">{day}</time>'
    line = f'<p class="date">{words["published"]} {day}</p>\n'
    if updated:
        line += f'<p class="updated">{words["updated"]} {spoken_day(updated, release.language)}</p>\n'
    return line


def _aside(release: Published, related: Sequence[Published]) -> str:
    links = "".join(f'<li><a href="{one.path}">{html.escape(one.title)}</a></li>' for one in related)
    return f'<aside class="related"><h2>{_WORDS[release.language]["related"]}</h2><ul>{links}</ul></aside>'


def _listed(release: Published) -> str:
    marked = release.path + ("?ref=home" if release.number % 5 == 1 else "")
    when = f" <span>{spoken_day(release.moment, release.language)}</span>" if release.moment else ""
    return f'<li><a href="{marked}">{html.escape(release.title)}</a>{when}</li>'


def _feed_links(root: str) -> list[str]:
    kinds = {
        "/feed.xml": "application/rss+xml",
        "/atom.xml": "application/atom+xml",
        "/feed.json": "application/feed+json",
    }
    return [f'<link rel="alternate" type="{kind}" href="{root}{path}">' for path, kind in kinds.items()]


def _pdf(release: Published) -> bytes:
    """One sheet: publisher and date, headline, text."""
    day = spoken_day(release.moment, release.language) if release.moment else ""
    top: list[Placed] = [(70, 800, 9, PUBLISHER[release.language]), (70, 785, 9, day)]
    headline = column(_wrapped(release.title, 50), top=755, size=16)
    text = (release.lead, *release.paragraphs) if release.lead else release.paragraphs
    return build_pdf([*top, *headline, *column(*(_wrapped(words, 85) for words in text), top=690)], title="")


def _wrapped(words: str, width: int) -> str:
    return "\n".join(textwrap.wrap(words, width))
