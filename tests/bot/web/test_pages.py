"""The pages without a browser's script: forms, links, languages, and nothing of a release that a browser would obey."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NoReturn

import pytest

from bot.errors import QueueFullError
from bot.settings import load_settings
from bot.wiring import Built
from tests.bot.web.conftest import HOSTILE, asked
from tests.fakes import keep
from vectorstore.types import Release

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

pytestmark = pytest.mark.embedded

PDF = "https://example.org/light.pdf"
PAGES = (
    "/",
    "/search?query=flag",
    "/timeline?topic=NATO",
    "/releases",
    "/releases/sweden.en",
    "/latest",
    "/status",
    "/nowhere",
)


class Outline(HTMLParser):
    """The elements of a page with their attributes, in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


async def test_a_question_is_answered_without_a_script(client: httpx.AsyncClient) -> None:
    """The form leads to a page that can be read again, with the quote, its source and a form that goes on."""
    posted = await client.post("/ask", data={"question": "When did Sweden join NATO?"})
    page = await client.get(posted.headers["location"])
    [conversation] = [one["value"] for one in Outline(page.text).all("input") if one.get("name") == "conversation"]

    followed = await client.post("/ask", data={"question": "And Finland?", "conversation": conversation or ""})
    both = Outline((await client.get(followed.headers["location"])).text)

    assert posted.status_code == 303
    assert "7 March 2024" in page.text
    assert 'href="/releases/sweden.en?version=1&amp;start=0&amp;end=' in page.text
    assert [text for text in ("7 March 2024", "4 April 2023") if text in both.text] == ["7 March 2024", "4 April 2023"]
    assert len(both.all("blockquote")) == 2


async def test_an_answer_is_saved_as_markdown(client: httpx.AsyncClient) -> None:
    """By a link below it, as a file named after the question; each answer of a conversation by itself."""
    posted = await client.post("/ask", data={"question": "When did Sweden join NATO?"})
    conversation = posted.headers["location"].rsplit("/", 1)[1]
    followed = await client.post("/ask", data={"question": "And Finland?", "conversation": conversation})
    page = Outline((await client.get(followed.headers["location"])).text)
    links = [one["href"] or "" for one in page.all("a") if (one["href"] or "").endswith("answer.md")]

    files = [await client.get(link) for link in links]
    beyond = await client.get(links[1].replace("/1/", "/2/"))

    assert [one.text.splitlines()[0] for one in files] == ["# When did Sweden join NATO?", "# And Finland?"]
    assert "> Sweden joined NATO on 7 March 2024." in files[0].text.splitlines()
    assert files[0].headers["content-type"] == "text/markdown; charset=utf-8"
    assert files[0].headers["content-disposition"] == 'attachment; filename="when-did-sweden-join-nato.md"'
    assert beyond.status_code == 404


async def test_a_timeline_shows_sentences_by_date(client: httpx.AsyncClient) -> None:
    """In the language of the page, each with what leads to it; a hostile topic is text."""
    english = await client.get("/timeline", params={"topic": "Sweden joins NATO", "lang": "en"})
    french = await client.get("/timeline", params={"topic": "Sweden joins NATO", "lang": "fr"})
    hostile = await client.get("/timeline", params={"topic": HOSTILE})
    page = Outline(english.text)

    assert "Sweden joined NATO on 7 March 2024." in page.text
    assert 'href="/releases/sweden.en?version=1&amp;start=0&amp;end=' in english.text
    assert "La Suède a rejoint l’OTAN le 7 mars 2024." in Outline(french.text).text
    assert "<script>alert" not in hostile.text


async def test_the_quote_is_marked_where_it_stands(client: httpx.AsyncClient) -> None:
    """Exactly the characters of the citation, with the anchor that links lead to."""
    answered = (await client.get("/api/ask", params={"question": "What was built of granite in 1851?"})).json()
    quote = answered["citations"][0]

    page = (await client.get(quote["link"])).text

    marked = re.findall(r'<mark id="quote"[^>]*>(.*?)</mark>', page, re.DOTALL)
    assert marked == [quote["quote"]]


@pytest.mark.parametrize("place", ["start=5", "start=9&end=3", "start=0&end=999999", "start=999999&end=1000000"])
@pytest.mark.parametrize("release", ["sweden.en", "finland"])
async def test_a_place_that_is_none_marks_nothing(client: httpx.AsyncClient, release: str, place: str) -> None:
    """The release is shown all the same, and the link to its newsroom leads to its beginning."""
    page = await client.get(f"/releases/{release}?{place}")

    assert page.status_code == 200
    assert "<mark" not in page.text
    assert "#:~:text=" not in page.text


async def test_versions_and_what_they_changed_are_shown(client: httpx.AsyncClient) -> None:
    """Newest first, with the sentences taken out and put in; an old one says that it is old."""
    page = (await client.get("/releases/finland?version=1")).text

    assert re.search(r"<del>.*?in Brussels\.</del>\s*<ins>.*?and in Helsinki\.</ins>", page, re.DOTALL)
    assert "This is version 1; the current one is version 2." in page


async def test_the_twin_is_read_beside_a_release(client: httpx.AsyncClient) -> None:
    """Each in its language; what is no twin is not put there."""
    both = Outline((await client.get("/releases/sweden.en?beside=sweden.fr")).text)
    other = Outline((await client.get("/releases/sweden.en?beside=long")).text)

    assert [one.get("lang") for one in both.all("article")] == ["en", "fr"]
    assert len(other.all("article")) == 1


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_page_has_a_language_a_heading_and_landmarks(
    client: httpx.AsyncClient, path: str, language: str
) -> None:
    """One h1, a main part that the first link leads to, a label on every field, and nothing inline."""
    page = Outline((await client.get(path, headers={"accept-language": f"de, {language}-CH;q=0.8, *;q=0.1"})).text)

    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert page.all("a")[0]["href"] == "#main"
    assert [one["id"] for one in page.all("main")] == ["main"]
    assert all(one.get("aria-label") for one in page.all("nav"))
    labelled = {one.get("for") for one in page.all("label")}
    fields = [one for one in page.all("input") if one.get("type") not in {"hidden", "date"}]
    assert {one["id"] for one in fields} <= labelled
    assert not any(set(attributes) & {"style", "onclick", "onload"} for _, attributes in page.elements)
    assert [one["src"] for one in page.all("script")] == ["/static/communique.js"]


async def test_a_language_that_was_chosen_stays_chosen(client: httpx.AsyncClient) -> None:
    """Links within the pages, and where a form leads, carry it on; otherwise the browser decides."""
    page = Outline((await client.get("/search?query=flag&lang=fr")).text)
    posted = await client.post("/ask?lang=fr", data={"question": "When did Sweden join NATO?"})

    own = [str(one["href"]) for one in page.all("a") if str(one["href"]).startswith(("/releases", "/latest"))]
    assert own
    assert all("lang=fr" in address for address in own)
    assert posted.headers["location"].endswith("?lang=fr")


@pytest.mark.parametrize(
    ("question", "marks", "language"),
    [("When did Sweden join NATO?", "“”", "en"), ("Quand la Suède a-t-elle rejoint l’OTAN ?", "«»", "fr")],
)
async def test_a_quote_has_the_marks_and_the_language_of_its_release(
    client: httpx.AsyncClient, question: str, marks: str, language: str
) -> None:
    """Guillemets around a French one alone; screen readers are told how to read it."""
    posted = await client.post("/ask", data={"question": question})
    page = (await client.get(posted.headers["location"])).text

    quote = re.search(r'<blockquote lang="(\w+)"><p>(.*?)</p>', page, re.DOTALL)
    assert quote is not None
    assert quote[1] == language
    assert (quote[2][0], quote[2][-1]) == tuple(marks)


@pytest.mark.parametrize(
    "path", ["/releases/harbour%2F2024.md", "/search?query=harbour+museum", "/releases", "/latest"]
)
async def test_nothing_in_a_release_is_obeyed(client: httpx.AsyncClient, path: str) -> None:
    """Its text is text, in a title as in a paragraph."""
    page = (await client.get(path)).text

    assert HOSTILE not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_a_question_is_never_markup(client: httpx.AsyncClient) -> None:
    """Nor are the words of a search."""
    posted = await client.post("/ask", data={"question": f"When does {HOSTILE} open?"})
    pages = [await client.get(posted.headers["location"]), await client.get("/search", params={"query": HOSTILE})]

    assert all(HOSTILE not in page.text and "<img" not in page.text for page in pages)


async def test_a_blank_question_is_answered_with_how_to_ask(client: httpx.AsyncClient) -> None:
    """On the same page, beside the field."""
    page = await client.post("/ask", data={"question": "  "})

    assert page.status_code == 400
    assert "Write a question, for example: Who chaired the meeting?" in page.text
    assert 'aria-describedby="problem"' in page.text


async def test_a_question_stays_where_its_filter_cannot_be_read(client: httpx.AsyncClient) -> None:
    """Only the days are typed again."""
    page = await client.post("/ask", data={"question": "Who came?", "since": "2024-10-17", "until": "2024-10-16"})

    assert page.status_code == 400
    assert [one["value"] for one in Outline(page.text).all("input") if one.get("name") == "question"] == ["Who came?"]


async def test_filters_stay_for_the_next_question(client: httpx.AsyncClient) -> None:
    """The form of a conversation shows what bounded its last question, and sends it again."""
    given = {"question": "When did Sweden join NATO?", "language": "en", "publisher": "nato", "since": "2024-01-01"}
    posted = await client.post("/ask", data=given)
    page = Outline((await client.get(posted.headers["location"])).text)

    assert [one["value"] for one in page.all("option") if "selected" in one] == ["en", "NATO"]
    assert [one["value"] for one in page.all("input") if one.get("name") == "since"] == ["2024-01-01"]
    assert "open" in page.all("details")[0]


async def test_a_follow_up_that_fails_can_be_sent_again(
    client: httpx.AsyncClient, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Question, conversation and filters are still in the form; the sentence is in the language of the page."""
    posted = await client.post("/ask", data={"question": "When did Sweden join NATO?"})
    identity = posted.headers["location"].rpartition("/")[2]
    monkeypatch.setattr("bot.web.services.QuestionQueue.growing", _full)

    again = {"question": "And Finland?", "conversation": identity, "language": "en"}
    page = await client.post("/ask?lang=fr", data=again)

    assert page.status_code == 503
    assert "Trop de questions sont en cours de traitement." in page.text
    fields = {one.get("name"): one.get("value") for one in Outline(page.text).all("input")}
    assert (fields["question"], fields["conversation"]) == ("And Finland?", identity)
    assert [one["value"] for one in Outline(page.text).all("option") if "selected" in one] == ["en"]


def _full(*_: object) -> NoReturn:
    raise QueueFullError


async def test_a_conversation_that_is_forgotten_is_begun_again(client: httpx.AsyncClient) -> None:
    """The question is answered by itself, and the page says so; an old page of it is not found."""
    posted = await client.post("/ask", data={"question": "When did Sweden join NATO?", "conversation": "gone"})
    page = await client.get(posted.headers["location"])

    assert "the question was read on its own" in page.text
    assert (await client.get("/conversations/gone")).status_code == 404


async def test_a_forgotten_conversation_is_told_in_the_stream_too(client: httpx.AsyncClient) -> None:
    """And its quotes have anchors that no turn of the page has yet."""
    given = {"question": "When did Sweden join NATO?", "conversation": "gone"}

    streams = [(await client.post("/ask/stream", data=given)).text for _ in range(2)]

    assert all("the question was read on its own" in stream for stream in streams)
    anchors = [re.findall(r'href=\\"#(a[0-9a-f]{8}-1)', stream) for stream in streams]
    assert anchors[0]
    assert anchors[0] != anchors[1]


async def test_a_refusal_shows_the_nearest_releases(client: httpx.AsyncClient) -> None:
    """To look at, not as quotes."""
    posted = await client.post("/ask", data={"question": "Who invented the telephone?"})
    page = (await client.get(posted.headers["location"])).text

    assert "The nearest releases, to look at:" in page
    assert "<blockquote" not in page


@pytest.mark.parametrize("added", ["utm_source=x", "fbclid=1&fbclid=2"])
async def test_what_others_add_to_an_address_is_passed_over(client: httpx.AsyncClient, added: str) -> None:
    """Newsletters and social networks do."""
    assert (await client.get(f"/?{added}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/releases?since=soon", 400, "since : ce n’est pas une date ; écrivez-la sous la forme 2024-10-17."),
        (
            "/releases?since=2024-10-17&until=2024-10-16",
            400,
            "La période finit avant de commencer : inversez les deux dates.",
        ),
        ("/releases?language=Klingonese", 400, "language : ce n’est pas un code de langue"),
        ("/releases?limit=0", 400, "limit : cette valeur ne peut pas être lue"),
        ("/releases/nothing", 404, "Ce communiqué, ou cette version, n’est pas enregistré ici."),
        ("/nowhere", 404, "Cette page n’existe pas ici."),
    ],
)
async def test_what_went_wrong_is_told_in_french_on_french_pages(
    client: httpx.AsyncClient, path: str, status: int, told: str
) -> None:
    """With what to write instead."""
    page = await client.get(path, headers={"accept-language": "fr"})

    assert page.status_code == status
    assert told in Outline(page.text).text


async def test_another_language_never_leads_to_another_host(client: httpx.AsyncClient) -> None:
    """Two strokes at the beginning of a link name one."""
    page = Outline((await client.get("http://127.0.0.1:8000//evil.example/x")).text)

    assert not [one for one in page.all("a") if str(one["href"]).startswith(("//", "/\\"))]


async def test_a_filter_that_cannot_be_read_is_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    """With what to write instead."""
    page = await client.get("/releases?since=soon")

    assert page.status_code == 400
    assert "is not a date; write it as 2024-10-17" in page.text


async def test_a_day_is_one_of_the_operators_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a filter as on the page: one that names no hour is of that day, one of the evening before in UTC is too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "communique.toml").write_text('[answers]\ntime_zone = "Europe/Paris"\n')
    with contextlib.closing(Built(load_settings(tmp_path / "home"))) as built:
        for identity, moment in (("bare", "2024-10-17T00:00Z"), ("late", "2024-10-16T22:30Z")):
            release = Release(identity, identity, ("A text.",), "a.md", published=datetime.fromisoformat(moment))
            keep(built.store, release, built.embedder)
        async with asked(built) as client:
            there = await client.get("/api/releases?since=2024-10-17&until=2024-10-17")
            after = await client.get("/api/releases?since=2024-10-18")
            page = await client.get("/releases?since=2024-10-17")

    assert ([one["id"] for one in there.json()], after.json()) == (["bare", "late"], [])
    assert page.text.count(">17 October 2024</time>") == 2


async def test_a_quote_from_a_pdf_names_its_page_and_opens_the_file_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the answer, and beside the release."""
    monkeypatch.chdir(tmp_path)
    first, second = "The lighthouse stands on a rock.", "It was built of granite in 1851."
    release = Release(
        "light", "A lighthouse", (first, second), "light.pdf", None, "en", url=PDF, pages=(0, len(first) + 2)
    )
    with contextlib.closing(Built(load_settings(tmp_path / "home"))) as built:
        keep(built.store, release, built.embedder)
        async with asked(built) as client:
            posted = await client.post("/ask", data={"question": "When was the lighthouse built of granite?"})
            answer = await client.get(posted.headers["location"])
            beside = await client.get(f"/releases/light?start={len(first) + 2}&end={len(first) + 9}")

    assert "p. 2" in Outline(answer.text).text
    for page in (answer, beside):
        assert f"{PDF}#page=2" in [link.get("href") for link in Outline(page.text).all("a")]
