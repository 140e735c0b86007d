"""One page for one request: its language and wording, its links, and the templates that it is made of.

Below it answers, passages and releases in the pieces that templates write: what stands out, what is marked, what is a
key. What comes from a release is text there; the templates escape it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.answering.citations import emphasised, in_quote, page_label, quotation_marks, web_address
from bot.answering.wording import day
from bot.language.prompt_injection import headline, plain
from bot.redaction import file_name, without_folders
from bot.web.requests import JSON, is_program
from vectorstore.types import is_bare_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.answering.retriever import WordMatch
    from bot.answering.types import Answer, Citation
    from bot.web.requests import Excuse, FilterParameters
    from bot.web.services import WebServices
    from vectorstore.types import StoredRelease

_LANGUAGES = ("en", "fr")
_WORDING = Path(__file__).with_name("wording.toml")
_KEY = re.compile(r"\[(\d{1,3})\]")
_GAP = re.compile(r"\n[^\S\n]*\n\s*")  # between paragraphs


@dataclass(frozen=True, slots=True)
class PageWording:
    """The sentences of one language; called with a key, and with what fills the `{…}` of its sentence."""

    language: str
    zone: tzinfo

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence under a key."""
        return _sentences()[key][self.language].format(**values)

    def counted(self, key: str, count: int) -> str:
        """A number with its noun, in the singular or the plural; French has the singular for none too."""
        single = count == 1 or (count == 0 and self.language == "fr")
        digits = f"{count:,}".replace(",", "\u202f" if self.language == "fr" else ",")
        return self(f"{key}_{'one' if single else 'many'}", count=digits)

    def day(self, moment: datetime | None) -> str:
        """A day as people write it, or that there is none."""
        return day(moment, self.zone, self.language) if moment else self("undated")

    def moment(self, moment: datetime) -> str:
        """A day with the time; a bare day has none."""
        if is_bare_day(moment):
            return self.day(moment)
        local = moment.astimezone(self.zone)
        time = f"{local:%H} h {local:%M}" if self.language == "fr" else f"{local:%H:%M}"
        return f"{day(moment, self.zone, self.language)}, {time}"

    def language_name(self, code: str) -> str:
        """What a language is called; the code where that is not known."""
        known = _sentences().get(f"language_{code}")
        return known[self.language] if known else code


def chosen_language(request: Request) -> str:
    """The language of `?lang=`, else the first of the browser's that is French or English, else English."""
    wanted = request.query_params.get("lang", "")
    if wanted in _LANGUAGES:
        return wanted
    accepted = map(_weighed, request.headers.get("accept-language", "").split(","))
    by_weight = sorted(accepted, key=itemgetter(0), reverse=True)  # of equal weights the first stays first
    return next((code for weight, code in by_weight if code in _LANGUAGES and weight), "en")


def _weighed(part: str) -> tuple[float, str]:
    """A part of Accept-Language, as `fr-CH;q=0.8`: its weight, and its language."""
    tag, _, parameter = part.strip().partition(";")
    weight = parameter.strip().removeprefix("q=") or "1"
    return float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0, tag.split("-")[0].lower()


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(_WORDING.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class PageView:
    """What is shown to one person; `say` has the wording of their language."""

    request: Request
    services: WebServices
    say: PageWording

    @classmethod
    def of(cls, request: Request) -> PageView:
        """In the language that the request wants."""
        services: WebServices = request.app.state.services
        return cls(request, services, PageWording(chosen_language(request), services.zone))

    def rendered(self, template: str, status_code: int = 200, /, **values: Any) -> Response:  # noqa: ANN401 - a template's
        """The page of a template."""
        headers = {"Vary": "Accept-Language, Cookie", "Content-Language": self.say.language}
        return HTMLResponse(self.piece(template, **values), status_code, headers)

    def excuse(self, excuse: Excuse) -> str:
        """What went wrong, in the language of the page."""
        address = self.services.site.address
        values = {"parameter": excuse.parameter, "reference": excuse.reference, "address": address}
        return self.say("excuse_" + excuse.kind, **values)

    def problem(self, status: int, sentence: str) -> Response:
        """A page that says what went wrong."""
        return self.rendered("problem.html", status, sentence=sentence)

    def piece(self, template: str, /, **values: Any) -> str:  # noqa: ANN401 - a template's
        """A template filled in."""
        own = {
            "page": self,
            "say": self.say,
            "language": self.say.language,
            "link": self.link,
            "to": self.release_link,
            "guarded": self.services.site.token is not None,
        }
        return _templates().get_template(template).render(own | values)

    def link(self, path: str, fragment: str = "", **query: object) -> str:
        """A link within the pages, in the language that was chosen by hand, if one was."""
        if (chosen := self.request.query_params.get("lang")) in _LANGUAGES:
            query.setdefault("lang", chosen)
        given = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        return f"{path}{f'?{given}' if given else ''}{f'#{fragment}' if fragment else ''}"

    def release_link(self, release: StoredRelease, place: tuple[int, int] | None = None, **query: object) -> str:
        """A link to a release in this version, at a place of its text."""
        marked = {"start": place[0], "end": place[1]} if place else {}
        path = f"/releases/{quote(release.id, safe='')}"
        return self.link(path, "quote" if place else "", version=release.version, **marked, **query)

    def filter_of(self, asked: FilterParameters) -> dict[str, object]:
        """The filter of a request, for a link that keeps it."""
        days = {name: moment.date() for name in ("since", "until") if (moment := getattr(asked, name))}
        return {"language": asked.language, "publisher": asked.publisher, **days}

    def in_language(self, language: str) -> str:
        """This page in another language."""
        if self.request.method != "GET":
            return f"/?lang={language}"
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        path = self.request.url.path.lstrip("/\\")  # two strokes at the beginning would lead to another host
        return f"/{path}?{urlencode([*query, ('lang', language)])}"


def answered(request: Request, excuse: Excuse, headers: Mapping[str, str] | None = None) -> Response:
    """What is answered where something failed: JSON for programs, a page for people."""
    if is_program(request.url.path):
        return JSON({"error": excuse.sentence, "parameter": excuse.parameter}, excuse.status, headers)
    page = PageView.of(request)
    response = page.problem(excuse.status, page.excuse(excuse))
    response.headers.update(headers or {})
    return response


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "answer_language": answer_language,
        "answer_pieces": answer_pieces,
        "matched_pieces": matched_pieces,
        "newsroom_link": newsroom_link,
        "page_label": page_label,
        "paragraphs": paragraphs,
        "quote_pieces": quote_pieces,
    }
    environment.filters |= {
        "headline": headline,
        "plain": plain,
        "file_name": file_name,
        "without_folders": without_folders,
    }
    return environment


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A run of text. `strong` words answer; a `key` names a citation; `marked` is what a link leads to."""

    text: str
    strong: bool = False
    key: str | None = None
    marked: bool = False
    first: bool = False


def answer_pieces(answer: Answer) -> list[TextPiece]:
    """The answer's text, with the keys of its citations apart."""
    keys = {citation.key for citation in answer.citations}
    return [piece for text, strong in emphasised(answer) for piece in _keyed(text, keys, strong=strong)]


def _keyed(text: str, keys: set[str], *, strong: bool) -> Iterator[TextPiece]:
    end = 0
    for found in _KEY.finditer(text):
        if found[1] in keys:
            before = plain(text[end : found.start()])
            yield TextPiece(
                f"{before[:-1]}\u00a0" if before.endswith(" ") else before, strong
            )  # a key stays with its words
            yield TextPiece(found[0], key=found[1])
            end = found.end()
    yield TextPiece(plain(text[end:]), strong)


def quote_pieces(citation: Citation) -> list[TextPiece]:
    """A quote in the quotation marks of its language, the words that answer apart."""
    before, words, after = in_quote(citation)
    opens, closes = quotation_marks(citation.quote, citation.release.language)
    pieces = ((opens, False), (before, False), (words, True), (after, False), (closes, False))
    return [TextPiece(plain(text), strong) for text, strong in pieces if text]


def answer_language(answer: Answer) -> str | None:
    """The language of an answer's text: that of the releases whose sentences it consists of, where they share one."""
    if answer.citations and answer.model == "extractive":
        languages = {citation.release.language for citation in answer.citations}
        return languages.pop() if len(languages) == 1 else None
    return answer.language if answer.language in {"fr", "en"} else None


def paragraphs(text: str, place: tuple[int, int] | None = None) -> list[list[TextPiece]]:
    """A release's text by paragraphs, with what stands at a place marked; the `first` mark is what links lead to."""
    start, end = place if place and 0 <= place[0] < place[1] <= len(text) else (0, 0)
    found: list[list[TextPiece]] = []
    led = False
    for first, last in _spans(text):
        cut = (first, min(max(start, first), last), max(min(end, last), first), last)
        pieces = []
        for number, (a, b) in enumerate(pairwise(cut)):
            marked = number == 1 and a < b
            if a < b:
                pieces.append(TextPiece(plain(text[a:b]), marked=marked, first=marked and not led))
                led = led or marked
        found.append(pieces)
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for gap in _GAP.finditer(text):
        yield begin, gap.start()
        begin = gap.end()
    yield begin, len(text)


def matched_pieces(text: str, matches: Sequence[WordMatch]) -> list[TextPiece]:
    """A passage with the words that a question is found in apart."""
    pieces, end = [], 0
    for match in matches:
        pieces += [
            TextPiece(plain(text[end : match.start])),
            TextPiece(plain(text[match.start : match.end]), strong=True),
        ]
        end = max(end, match.end)
    return [piece for piece in (*pieces, TextPiece(plain(text[end:]))) if piece.text]


def newsroom_link(citation: Citation) -> str | None:
    """Where a quote is marked on the newsroom's own page."""
    return citation.link if web_address(citation.release.url) else None


def publishers_in(publishers: Iterable[tuple[str | None, int, object]]) -> list[str]:
    """The names of publishers, in the order of the alphabet."""
    return sorted({name for name, *_ in publishers if name}, key=str.casefold)
