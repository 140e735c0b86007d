"""Tells what a page shows around a release from the release itself: share links, breadcrumbs, credits, captions."""

from __future__ import annotations

import re

# A line without closing punctuation counts as a caption or a heading up to here; longer ones carry content.
SHORT_WORDS = 12

_CLOSING = re.compile(r"[.!?…:;][\s\u00a0\u202f]*[»”\"’')\]]*(\[?\d{1,2}\]?)?$")
_SEPARATOR = re.compile(r"[\W_]*")
_ICON = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|instagram|youtube|telegram|pinterest|reddit|bluesky|mastodon|threads"
    r"|e-?mail|mail|courriel|print|imprimer|rss|pdf|tweet(?:er)?|copy link|copier le lien|share|partager)"
)
_ICONS = re.compile(rf"{_ICON}(?:[\s,|/·•-]+(?:{_ICON}|and|et|or|ou))*", re.IGNORECASE)
_NAVIGATION = re.compile(
    r"(?:share|partager|partagez)(?: (?:this|on|via|by|sur|par|cet|cette|ce|la|le|l['’])[^.!?]{0,60})?(?:\s?:.{0,60})?"
    r"|(?:follow us|suivez[- ]nous|subscribe|sign up|s['’]abonner|abonnez[- ]vous)\b[^.]{0,80}"
    r"|(?:skip|jump|go) to (?:main |the )?(?:content|navigation|search)|(?:aller|passer) au (?:contenu|menu)[\w ]{0,30}"
    r"|(?:back|return) to [\w ]{2,40}|(?:haut de (?:la )?page|retour (?:à|au|aux|en)\b[^.]{0,40}|retour)"
    r"|(?:main )?menu|search|rechercher?|home|accueil|previous|next|précédente?|suivante?|close|fermer"
    r"|english|français|french|anglais|deutsch|русский|українська|languages?|langues?"
    r"|(?:read|learn|show|see) more|en savoir plus|lire la suite|voir plus|afficher plus|télécharger|download"
    r"|(?:accept|reject|refuse|accepter|refuser|tout accepter|tout refuser)(?: all| tous)?(?: (?:les )?cookies)?"
    r"|(?:all rights reserved|tous droits réservés)\.?|newsletter|tags?\s?:.{0,120}|mots[- ]clés?\s?:.{0,120}",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"(?:(?:this|our) (?:web)?site|we|by (?:using|continuing)|(?:ce|notre) site|nous utilisons|en poursuivant)\b"
    r".{0,80}\bcookies?\b.{0,300}",
    re.IGNORECASE | re.DOTALL,
)
_CREDIT = re.compile(
    r"(?:©|\(c\) ?\d|copyright\b).{0,120}"
    r"|(?:photos?|légende|caption)(?: (?:credits?|by|par|de l['’]image))?[\s\u00a0]?[:/©].{0,160}"
    r"|(?:photo|image|picture) (?:by|courtesy of|credit) .{0,100}"
    # words that also open real sentences count only with a few words behind them
    r"|(?:images?|pictures?|illustrations?|crédits?|credits?|vid[eé]os?)(?: photos?)?\s?[:/©](?: ?\S++){0,8}",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"related (?:news|articles?|content|links?|stor(?:y|ies)|topics?|items?|documents?|pages?|information|media)"
    r"|(?:see|read|watch) also|you (?:may|might) also (?:like|be interested in)"
    r"|more (?:news|stories|articles)[\w ]{0,30}"
    r"|(?:latest|other|recent|further) (?:news|articles|stories|press releases|headlines)"
    r"|more (?:on|about|from) [^.!?]{0,60}"
    r"|(?:à )?(?:lire|voir|découvrir|consulter) (?:aussi|également)|sur le même (?:sujet|thème)|à lire"
    r"|(?:articles?|actualités?|contenus?|liens?|documents?|sujets?|communiqués?|pages?) "
    r"(?:liée?s?|connexes?|similaires?|associée?s?|apparentée?s?|relatifs?|récente?s?|complémentaires?)"
    r"|publisher|published by|éditeur|auteur"
    r"|dans la même (?:rubrique|catégorie)"
    r"|(?:autres|dernières|toutes les) (?:actualités|nouvelles|articles|communiqués)"
    r"|(?:derniers|autres) (?:communiqués|articles)[\w ]{0,20}|pour aller plus loin",
    re.IGNORECASE,
)
_RELATED_INLINE = re.compile(
    r"(?:(?:à )?(?:lire|voir) (?:aussi|également)|(?:see|read) also|related)[\s\u00a0]?[:–—>|].{0,200}", re.IGNORECASE
)
_KICKER = re.compile(
    r"(?:(?:latest )?news(?:room)?|press releases?|media releases?|news releases?|statements?|press statement"
    r"|speech(?:es)?|actualités?|nouvelles?|communiqués?(?: de presse| aux médias)?|déclarations?|discours"
    r"|salle de presse|presse"
    r"|(?:for )?immediate release|pour (?:diffusion|publication) immédiate|updated?|breaking news|article|press)",
    re.IGNORECASE,
)
_END_MARK = re.compile(r"(?:-++(?: ?\d*+ ?-++)?|#+|\**|ends?|fin)\.?", re.IGNORECASE)


def is_sentence(text: str) -> bool:
    """Whether a paragraph says something: closing punctuation, or more than a dozen words."""
    return bool(_CLOSING.search(text)) or len(text.split()) > SHORT_WORDS


def is_closed(text: str) -> bool:
    """Whether a paragraph or a line ends with closing punctuation."""
    return bool(_CLOSING.search(text))


def is_separator(text: str) -> bool:
    """Whether a line holds no letter and no digit: a rule, a bar, an empty bullet, a mark of the end."""
    return bool(_SEPARATOR.fullmatch(text) or _END_MARK.fullmatch(text))


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the page: share links, navigation, cookies, credits, breadcrumbs, a link elsewhere."""
    patterns = (_ICONS, _NAVIGATION, _COOKIES, _CREDIT, _RELATED_INLINE)
    return is_separator(text) or is_breadcrumb(text) or any(pattern.fullmatch(text) for pattern in patterns)


def is_breadcrumb(text: str) -> bool:
    """Whether a line is a path through a site, like `Home > News > 2024`."""
    if "«" in text or is_closed(text):
        return False
    for mark, fewest in ((">", 2), ("›", 2), ("»", 2), ("/", 3)):
        crumbs = [crumb.strip() for crumb in text.split(mark)]
        # the last crumb is often the release's whole title
        if len(crumbs) >= fewest and f" {mark} " in text and all(len(crumb.split()) <= 6 for crumb in crumbs[:-1]):
            return True
    return False


def is_related_heading(text: str) -> bool:
    """Whether a line opens a list of other pages: "Related news", « À lire aussi »."""
    return bool(_RELATED.fullmatch(text.strip(" :\u00a0\u202f")))


def is_kicker(text: str) -> bool:
    """Whether a line only names the kind of page, like "Press release", above the title."""
    return bool(_KICKER.fullmatch(text.strip(" :|-–\u00a0")))
