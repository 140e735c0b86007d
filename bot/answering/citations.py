"""Quotes checked against their release, and links that open a release at a quote. Pure.

A quote may differ from the release in what readers do not see as another wording: case, the kind of quotation mark,
apostrophe or dash, no-break and thin spaces, what groups the digits of a number, soft and line-end hyphens, ligatures,
the form of an ellipsis. What is given back is always the release's own spelling.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote as percent_encode

from bot.language.annotations import quotations_of
from bot.language.prompt_injection import unkeyed
from bot.language.quotations import speaker_of
from bot.language.speakers import reported_speaker
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answering.types import Answer, Citation
    from vectorstore.types import StoredRelease

_MARKS = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟‹›″", '"'),
        **dict.fromkeys("’‘‚‛ʼ′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "œ": "oe",
        "æ": "ae",
    }
)
_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
# Left out of the comparison: hyphens inside words (at a line's end « commu-niqué » and « Indo-Pacifique » look alike),
# the space that French puts before double marks and inside « », those around dashes, what groups digits by three, and
# all but the first space of a run.
_IGNORED = re.compile(
    r"""(?<=[^\W\d_])-(?:[^\S\n]*\n\s*)?(?=[^\W\d_])|\s+(?=[:;!?%€$£"-])|(?<=["-])\s+|(?<=\s)\s+"""
    r"""|(?<=\d)[\s.,'](?=\d{3}(?!\d))"""
)
_ELLIPSIS = re.compile(r"[\[(]?(?:\.{3}|…)[\])]?")
_EDGES = " \t\n\"'«»“”„‘’…."
_PIECE_WORDS = 3  # a run of fewer words stands in nearly any text, so it proves nothing
_LINK_LIMIT = 512  # design rule: a longer link breaks in chat windows and mail
_EXACT_LIMIT = 300
_SHORT = 20
# Without what would end a link early, and send the rest of the address into the text, in Markdown and in terminals.
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#<>\"`\\][^\s<>\"`\\]*", re.IGNORECASE)


class QuoteVerdict(enum.Enum):
    """What became of a quote when it was searched in the release it names."""

    VERBATIM = "verbatim"
    OTHER_RELEASE = "right words, in another release"
    STITCHED = "stitched from pieces of the release"
    FABRICATED = "fabricated"


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared; `starts[i]` and `ends[i]` say where its character i stood before folding."""

    text: str
    starts: list[int]
    ends: list[int]


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text` (start, end), or None. Whole words only; the first place where there are more.

    A quote that is not found as given is tried again without the quotation marks and ellipses around it.
    """
    folded = _fold(text)
    for wanted in (quote, quote.strip(_EDGES)):
        for start, end in _places(_fold(wanted).text.strip(), folded.text):
            return folded.starts[start], folded.ends[end - 1]
    return None


def holds(wanted: str, text: str) -> bool:
    """Whether `text` holds `wanted`, spelt as quotes are compared; inside a word too. False where nothing is wanted."""
    folded = _fold(wanted).text.strip()
    return bool(folded) and folded in _fold(text).text


def judge(quote: str, release_text: str, other_texts: Iterable[str] = ()) -> QuoteVerdict:
    """Whether `quote` stands in the release it names and, where not, what it is instead."""
    if find_quote(quote, release_text):
        return QuoteVerdict.VERBATIM
    if any(find_quote(quote, other) for other in other_texts):
        return QuoteVerdict.OTHER_RELEASE
    return QuoteVerdict.STITCHED if _is_stitched(quote, release_text) else QuoteVerdict.FABRICATED


def text_fragment_link(url: str | None, text: str, start: int, end: int) -> str | None:
    """A link that opens `url` with `text[start:end]` marked, or `url` itself where that would pass 512 characters.

    Form: `url#:~:text=[prefix-,]start[,end][,-suffix]` (https://wicg.github.io/scroll-to-text-fragment/). Context is
    added where the quote is short or stands in the text more than once. None for whatever `web_address` refuses.
    """
    if (url := web_address(url)) is None:
        return None
    joint = ":~:text=" if "#" in url else "#:~:text="
    link = f"{url}{joint}{_directive(text, start, end)}"
    return link if len(link) <= _LINK_LIMIT else url


def web_address(url: str | None) -> str | None:
    """The address, or None for whatever is none that may be opened.

    A release states its own, and `javascript:` or `data:` would run where a person clicks; nor may it hold a user.
    """
    is_safe = shareable(url) and _WEB_ADDRESS.fullmatch(url or "") and (url or "").isprintable()
    return url if is_safe else None


def page_link(address: str, release: StoredRelease, place: tuple[int, int] | None = None) -> str:
    """A link to a release on the web server at `address`, in this version, at a place of its text."""
    query = f"?version={release.version}"
    if place:
        query += f"&start={place[0]}&end={place[1]}#quote"
    return f"{address}/releases/{percent_encode(release.id, safe='')}{query}"


def linked(answer: Answer, address: str | None) -> Answer:
    """The answer, its citations of releases without an address leading to the web server at `address`, if any."""
    if address is None:
        return answer
    return replace(answer, citations=tuple(leading_to(citation, address) for citation in answer.citations))


def leading_to(citation: Citation, address: str | None) -> Citation:
    """A citation that leads to the web server at `address`, if any, where its release has no address of its own."""
    if citation.link or address is None:
        return citation
    return replace(citation, link=page_link(address, citation.release, citation.place))


def speaker_in(release: StoredRelease, start: int, end: int) -> str | None:
    """Whose words a place of a release gives, quoted there or reported; None where it binds them to nobody."""
    language = release.language
    quoted = quotations_of(release)
    bound = speaker_of(release.text, start, end, language, quoted) if quoted else None
    return bound or reported_speaker(release.text[start:end], language)


def quote_link(release: StoredRelease, start: int, end: int) -> str | None:
    """A link that opens a release at a quote: marked in it, or at its page, since no viewer of PDFs marks a text.

    None as for `text_fragment_link`.
    """
    if release.url is None:
        return None
    page = release.page_at(start)
    if page is None:
        return text_fragment_link(release.url, release.text, start, end)
    url = web_address(release.url)
    return url and f"{url}{'&' if '#' in url else '#'}page={page}"


def quotation_marks(quote: str, language: str | None) -> tuple[str, str]:
    """What stands around a quote: guillemets around a French one, and nothing where it brings its own."""
    if quote[:1] in '«“"':
        return "", ""
    return ("«\u00a0", "\u00a0»") if language == "fr" else ("“", "”")


def page_label(citation: Citation) -> str:
    """The page that a quote begins on, as French and English readers cite it: `p. 3`, or `p. 3 (OCR)`; else empty."""
    mark = " (OCR)" if citation.page in citation.release.scanned else ""
    return "" if citation.page is None else f"p. {citation.page}{mark}"


@lru_cache(maxsize=4096)
def _spelling(cluster: str) -> str:
    """How one character, with its accents, is spelt where texts are compared; soft hyphens and their like vanish."""
    if unicodedata.category(cluster[0]) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", cluster.translate(_MARKS)).casefold().translate(_MARKS)


def _fold(text: str) -> _Folded:
    """The text as it is compared, each character with its place of origin."""
    spelt = [
        (character, found.start(), found.end())
        for found in _CLUSTER.finditer(text)
        for character in _spelling(found.group())
    ]
    plain = "".join(character for character, _, _ in spelt)
    ignored = {index for found in _IGNORED.finditer(plain) for index in range(*found.span())}
    kept = [one for index, one in enumerate(spelt) if index not in ignored]
    return _Folded(
        "".join(" " if character.isspace() else "'" if character == '"' else character for character, _, _ in kept),
        [start for _, start, _ in kept],
        [end for _, _, end in kept],
    )


def _places(wanted: str, text: str) -> Iterator[tuple[int, int]]:
    """Where `wanted` stands in `text` as whole words; both are folded."""
    start = text.find(wanted) if any(map(str.isalnum, wanted)) else -1
    while start >= 0:
        end = start + len(wanted)
        inside_left = start > 0 and text[start - 1].isalnum() and wanted[0].isalnum()
        inside_right = end < len(text) and text[end].isalnum() and wanted[-1].isalnum()
        if not (inside_left or inside_right):
            yield start, end
        start = text.find(wanted, start + 1)


def _is_stitched(quote: str, text: str) -> bool:
    """Whether the quote falls into pieces that all stand in the text: between ellipses, or runs of three words."""
    pieces = [piece for piece in _ELLIPSIS.split(quote) if piece.strip(_EDGES)]
    if len(pieces) > 1 and all(find_quote(piece, text) for piece in pieces):
        return True
    folded, words = _fold(text).text, _fold(quote).text.strip(_EDGES).split()
    covered = [True, *[False] * len(words)]
    for end in range(_PIECE_WORDS, len(words) + 1):
        covered[end] = any(
            covered[start] and next(_places(" ".join(words[start:end]), folded), None)
            for start in range(end - _PIECE_WORDS + 1)
        )
    return covered[-1] and len(words) >= _PIECE_WORDS


def _directive(text: str, start: int, end: int) -> str:
    """The part after `text=`: the quote or its first and last words, with context where it would be ambiguous."""
    # Browsers match whole words only, and take « l’OTAN » for one.
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    shown = text[start:end]
    if "\n" in shown or len(shown) > _EXACT_LIMIT:
        return _range_directive(text, start, end)
    if len(shown) >= _SHORT and text.casefold().count(shown.casefold()) == 1:
        return _encode(shown)
    for words in (3, 6, 12):
        before, after = _words_before(text, start, words), _words_after(text, end, words)
        if text.count(text[start - len(before) : end + len(after)]) == 1:
            break
    prefix = f"{_encode(before)}-," if before.strip() else ""
    suffix = f",-{_encode(after)}" if after.strip() else ""
    return f"{prefix}{_encode(shown)}{suffix}"


def _range_directive(text: str, start: int, end: int) -> str:
    """First and last words of the quote, as few as lead a reader's browser to this place and no other."""
    shown = text[start:end]
    first_line, last_line = shown.split("\n", 1)[0], shown.rsplit("\n", 1)[-1]
    for words in (4, 6, 9, 13):
        head, tail = _words_after(first_line, 0, words), _words_before(last_line, len(last_line), words)
        # A browser takes the first place of the head, and the first place of the tail after it.
        if text.find(head) == start and text.find(tail, start + len(head)) == end - len(tail):
            break
    return f"{_encode(head)},{_encode(tail)}"


def _words_before(text: str, offset: int, words: int) -> str:
    """Up to `words` words of the same paragraph that end at `offset`, with the space after them."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    # One pattern for all of them, anchored at the end, took 53 s on a paragraph of a hundred words.
    starts = [found.start() for found in re.finditer(r"\S+", line)]
    return line[starts[-words:][0] :] if starts else ""


def _words_after(text: str, offset: int, words: int) -> str:
    """Up to `words` words of the same paragraph that begin at `offset`, with the space before them."""
    found = re.compile(rf"(?:[^\S\n]*+\S++){{0,{words}}}").match(text, offset)
    return found.group() if found else ""


def _encode(words: str) -> str:
    """Percent-encoded for a text directive, where `-`, `,` and `&` have a meaning of their own."""
    return percent_encode(words.strip(), safe="").replace("-", "%2D")


def emphasised(answer: Answer) -> Iterator[tuple[str, bool]]:
    """The answer's text in pieces, in order, each with whether it is to stand out."""
    text, at = answer.text, 0
    for citation in answer.citations:
        begins = text.find(shown(citation.quote), at)
        words = shown(in_quote(citation)[1])
        place = text.find(words, begins) if words and begins >= 0 else -1
        if place >= 0:
            yield text[at:place], False
            yield words, True
            at = place + len(words)
    yield text[at:], False


def in_quote(citation: Citation) -> tuple[str, str, str]:
    """A citation's quote: what stands before the words that answer, those, and what stands behind them."""
    if citation.answer is None:
        return citation.quote, "", ""
    start, end = (place - citation.start for place in citation.answer)
    return citation.quote[:start], citation.quote[start:end], citation.quote[end:]


class _Quoted(Protocol):
    """A quote with its key: a citation, or the record of one."""

    @property
    def key(self) -> str:
        """What the answer's text names it by."""
        ...

    @property
    def quote(self) -> str:
        """The words of the release."""
        ...


def in_turn(citations: Iterable[_Quoted]) -> str:
    """The quotes on one line, each followed by its key: `M. Rutte a déclaré … [1]`.

    Notes of the releases' own stand in parentheses there; the citations have them as they are.
    """
    return " ".join(f"{shown(citation.quote)} [{citation.key}]" for citation in citations)


def shown(text: str) -> str:
    """A release's words as an answer holds them: on one line, and with no key that could pass for one of ours."""
    return unkeyed(text).replace("\n", " ")
