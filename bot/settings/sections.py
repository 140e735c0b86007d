"""What can be set, section by section."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    WrapValidator,
    model_validator,
)

from bot.settings.faults import nearest
from bot.settings.section import LONGEST_WAIT, SERVER, USER, Place, Section, can_be_asked
from vectorstore.catalogue.engine import PostgresAddress
from vectorstore.indexes import ChromaAddress

if TYPE_CHECKING:
    from collections.abc import Callable


class EmbedderSettings(Section):
    """Which model turns texts into vectors. After a change run `communique rebuild`."""

    model: str = Field(
        "communique-fr-en-1",
        description="The bilingual model that comes with Communiqué, a sentence-transformers model's name on the hub, "
        "or a folder that holds one.",
    )
    languages: tuple[str, ...] | None = Field(
        None,
        description="ISO 639-1 codes of the languages that the model is good at; in others, words count for more. "
        "If unset: the model's known languages, else all.",
        examples=[["en"]],
    )
    batch_size: int = Field(8, ge=1, le=65_536, description="Texts that the model embeds at once.")


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError(f"{name!r} is no time zone; write it as {_zone_like(name)}") from exc
    return name


def _zone_like(name: str) -> str:
    """The time zone whose city resembles what was written."""
    cities = {zone.rpartition("/")[2]: zone for zone in available_timezones()}
    return cities.get(nearest(name.rpartition("/")[2], cities) or "Brussels", "Europe/Brussels")


class AnswersSettings(Section):
    """How questions are answered."""

    refusing: Literal["seldom", "balanced", "often"] = Field(
        "balanced",
        description='How often a doubtful answer is refused: "seldom", "balanced" or "often"; docs/asking.md says what '
        "each value costs.",
    )
    time_zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        "UTC", description='Where a day begins and ends for « hier », "last week", « en juin 2024 ».'
    )
    reading_ms: int = Field(
        600,
        ge=50,
        le=3_600_000,
        description="Computing time per question, in milliseconds, in which the reader reads as many passages as fit.",
    )


class QuestionsSettings(Section):
    """What becomes of questions that the releases do not answer."""

    keep: bool = Field(
        False,
        description="Whether they are kept, without who asked and without addresses and numbers of people, to be "
        "listed by `communique questions` and asked again as releases come in. `/help` then says so.",
    )
    days: int = Field(
        90, ge=1, le=3_650, description="Days after which a question that nobody has asked again is deleted."
    )
    likeness: float = Field(
        0.6,
        gt=0,
        le=1,
        description="The cosine from which two questions are listed as one. Another model than the built-in one needs "
        "another: sentence-transformers models a higher one.",
    )
    note_channel: int | None = Field(
        None,
        ge=1,
        description="A Discord channel, by its id, that gets a note once a week of what could not be answered. If "
        "unset: none; `communique questions note` prints it.",
        examples=[1234567890123456789],
    )


class ReaderSettings(Section):
    """The model that reads a question beside a passage and marks the words that answer."""

    model: Place | None = Field(
        None,
        description="A folder with model.onnx, tokenizer.json and reader.json, whose model marks the words that "
        "answer. If unset: the reader that comes with Communiqué. `python -m training.reader.adopt` makes such a "
        "folder from a question-answering model of transformers.",
        examples=["/srv/communique/reader"],
    )


def _is_api(url: str) -> str:
    if not (re.fullmatch(r"https?://[!-~]+", url, re.IGNORECASE) and can_be_asked(url)):
        raise ValueError(f"{USER.sub('', url)!r} is no web address; write it as http://host:port/v1")
    return url


class ModelSettings(Section):
    """A language model that writes answers from the passages. Without one, answers are sentences of the releases."""

    name: str | None = Field(
        None,
        description="Provider and model, as in `openai:gpt-5-mini` or `ollama:mistral`. If unset: none. Its key "
        "belongs in the environment, where the provider's package looks for it.",
        examples=["openai:gpt-5-mini"],
    )
    base_url: Annotated[str, AfterValidator(_is_api)] | None = Field(
        None, description="The provider's address, if not its usual one.", examples=["http://127.0.0.1:11434/v1"]
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="If unset: the model's own default.", examples=[0.0]
    )
    max_tokens: int = Field(1200, ge=50, le=10_000_000, description="The most tokens that a reply may have.")
    timeout: float = Field(20, gt=0, le=LONGEST_WAIT, description="Seconds that the provider may stay silent.")
    longest: float = Field(
        60,
        gt=0,
        le=LONGEST_WAIT,
        description="Seconds that one answer may take, repairs and further attempts included.",
    )
    attempts: int = Field(3, ge=1, le=10, description="How often the provider is asked while it cannot answer.")
    structured: bool | None = Field(
        None,
        description="Whether replies are held to a JSON schema. If unset: if the provider is known to support it.",
        examples=[True],
    )
    options: dict[str, Any] = Field(
        {}, description="Passed on to the provider unchanged.", examples=[{"reasoning_effort": "low"}]
    )
    input_price: float | None = Field(
        None, ge=0, description="Price of a million tokens of questions and passages.", examples=[0.25]
    )
    output_price: float | None = Field(None, ge=0, description="Price of a million tokens of replies.", examples=[2.0])
    tokens_per_day: int | None = Field(
        None,
        ge=1,
        description="Tokens per day, after which answers are sentences of the releases. If unset: no limit.",
        examples=[2_000_000],
    )
    cost_per_day: float | None = Field(
        None, gt=0, description="The same limit as a cost; needs both prices.", examples=[5.0]
    )

    @model_validator(mode="after")
    def _is_priced(self) -> Self:
        if self.cost_per_day is not None and None in {self.input_price, self.output_price}:
            raise ValueError("cost_per_day needs input_price and output_price; without them nothing has a price")
        return self


def _is_server(url: str) -> str:
    if not (SERVER.fullmatch(url) and can_be_asked(url)):
        raise ValueError(f"{USER.sub('', url)!r} is no address of a server; write it as http://chroma:8000")
    return url


def _is_database(url: SecretStr) -> SecretStr:
    PostgresAddress(url.get_secret_value())
    return url


class StoreSettings(Section):
    """Where the store is kept, if not in the home: on servers that several processes and hosts share."""

    catalogue: Annotated[SecretStr, AfterValidator(_is_database)] | None = Field(
        None,
        description="A PostgreSQL database that holds the catalogue and what the bot remembers, as in "
        "`postgresql://user@host:5432/database`. If unset: files in the home. It needs `chroma` too. A password "
        "belongs in the environment, as PGPASSWORD or in this address as COMMUNIQUE_STORE__CATALOGUE, or in "
        "~/.pgpass.",
        examples=["postgresql://communique@127.0.0.1:5432/communique"],
    )
    chroma: Annotated[str, AfterValidator(_is_server)] | None = Field(
        None,
        description="A Chroma server that holds the vector index, as in `http://chroma:8000`. If unset: a folder in "
        "the home. After a change run `communique status --repair`.",
        examples=["http://127.0.0.1:8000"],
    )
    chroma_token: SecretStr | None = Field(
        None,
        description="Sent to it as a bearer token. It belongs in the environment, as COMMUNIQUE_STORE__CHROMA_TOKEN.",
        examples=[""],
    )

    @model_validator(mode="after")
    def _is_shared_as_a_whole(self) -> Self:
        if self.catalogue and not self.chroma:
            raise ValueError("catalogue needs chroma too: hosts cannot share vectors in a folder; set store.chroma")
        return self

    @property
    def database(self) -> PostgresAddress | None:
        """Where the catalogue's database is reached, if it is on a server."""
        return PostgresAddress(self.catalogue.get_secret_value()) if self.catalogue else None

    @property
    def server(self) -> ChromaAddress | None:
        """Where the Chroma server is reached, if there is one."""
        token = self.chroma_token.get_secret_value().strip() if self.chroma_token else None
        return ChromaAddress(self.chroma, token or None) if self.chroma else None


class SearchSettings(Section):
    """How passages are found."""

    late_interaction: bool = Field(
        True, description="Whether the best passages are reordered by comparing them with the question word by word."
    )
    passages: int = Field(10, ge=1, le=200, description="Passages in which an answer is looked for.")
    per_release: int = Field(3, ge=1, le=200, description="The most passages of one release among them.")


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(
    r"\A\s*+(\d++(?:\.\d++)?)\s*+(?:([smhdw])|(sec|second|min|minute|hour|day|week)s?)\s*", re.IGNORECASE
)
_WRITTEN = "write it as 15m, 2h or 1d"


def read_duration(value: object, left: Callable[[object], timedelta]) -> timedelta:
    """A length of time from a number and its unit, as in `15m`; anything else is `left` to pydantic."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            return left(value)
        return timedelta(**{_UNITS[(found[2] or found[3])[0].lower()]: float(found[1])})
    except (ValidationError, OverflowError) as exc:
        raise ValueError(f"{value!r} is no length of time; {_WRITTEN}") from exc


def written_duration(length: timedelta) -> str:
    """A length of time as `read_duration` reads it, in its largest whole unit."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _not_in_a_hurry(schedule: timedelta) -> timedelta:
    if not timedelta(seconds=10) <= schedule <= timedelta(days=366):
        raise ValueError(f"a newsroom is asked every 10 seconds at the most, and once a year at least; {_WRITTEN}")
    return schedule


def _fits_a_header(contact: str) -> str:
    if not (contact.isascii() and contact.isprintable()):
        raise ValueError(f"{contact!r} holds what no HTTP header may; write it in plain ASCII")
    return contact


def read_pattern(links: str) -> str:
    """A regular expression. Raises ValueError where it is none."""
    try:
        re.compile(links)
    except (re.error, OverflowError, RecursionError) as exc:  # the last two: a number too high, too many brackets
        raise ValueError(f"is no regular expression ({exc})") from exc
    return links


Schedule = Annotated[timedelta, WrapValidator(read_duration), AfterValidator(_not_in_a_hurry)]


def _names_nobody(location: str) -> str:
    if USER.search(location):
        raise ValueError("the address holds a user name or password, which is never sent; leave it out")
    return location


class SourceSettings(Section):
    """A newsroom to ingest when `communique ingest` is given no source; one such table for each."""

    location: Annotated[str, AfterValidator(_names_nobody)] = Field(
        description="The address of a feed, a sitemap, a page of links, or a release; or a file; or a folder, which is "
        "read with all its subfolders. Paths are relative to the folder where you run `communique`.",
        examples=["https://www.example.org/press/sitemap.xml"],
    )
    name: str | None = Field(None, description="What you call it.", examples=["NATO"])
    publisher: str | None = Field(
        None, description="Assumed for releases that do not say who published them.", examples=["NATO"]
    )
    language: str | None = Field(
        None, description="Assumed for releases that do not say their language.", examples=["fr"]
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="JSONL field names that differ from the usual ones.",
        examples=[{"body": "content"}],
    )
    links: Annotated[str, AfterValidator(read_pattern)] | None = Field(
        None,
        description="A regular expression that the addresses of releases match. It makes a web page a page of links, "
        "and filters feeds and sitemaps.",
        examples=[r"/press/\d{4}/"],
    )
    schedule: Schedule | None = Field(
        None, description="How often `communique watch` reads it, as in `15m` or `2h`.", examples=["1h"]
    )
    allow_private: bool = Field(
        False, description="Whether it may be on this machine or in a private network; refused otherwise."
    )
    trust_lastmod: bool = Field(
        False, description="Whether a page is requested again only if the sitemap says that it has changed."
    )


class FetchSettings(Section):
    """How pages are fetched from the web."""

    contact: Annotated[str, AfterValidator(_fits_a_header)] | None = Field(
        None,
        description="A web or mail address at which a newsroom can reach you; every request names it.",
        examples=["press-bot@example.org"],
    )
    at_once: int = Field(4, ge=1, le=32, description="Pages that are fetched at once.")
    delay: float = Field(
        0.25, ge=0, le=3_600, description="Seconds between two requests to one host; robots.txt may ask for more."
    )
    longest_delay: float = Field(
        5,
        ge=0,
        le=3_600,
        description="The most seconds between two requests; a robots.txt that asks for more is reported.",
    )
    timeout: float = Field(20, gt=0, le=LONGEST_WAIT, description="Seconds that a server may stay silent.")
    longest: float = Field(
        120, gt=0, le=LONGEST_WAIT, description="Seconds that one page may take, waiting for its turn not included."
    )
    attempts: int = Field(3, ge=1, le=10, description="How often a page is requested while the server cannot answer.")
    largest: int = Field(20, ge=1, le=500, description="The most MiB that a page may have, as sent and as unpacked.")
    cookies: bool = Field(
        False, description="Whether a host that shows its pages only to those who send its cookie back gets it back."
    )


class WatchSettings(Section):
    """How `communique watch` works."""

    schedule: Schedule = Field(
        timedelta(minutes=15), description="How often a source without a schedule of its own is read."
    )
    at_once: int = Field(8, ge=1, le=64, description="Sources that are read at once.")
    longest: Annotated[timedelta, WrapValidator(read_duration)] = Field(
        timedelta(minutes=10),
        ge=timedelta(seconds=1),
        description="How long one may be read while others wait for its place, as in `10m`; its next run continues "
        "there.",
    )


class IngestSettings(Section):
    """How pages are read, and releases split."""

    passage_size: int = Field(600, ge=100, le=4000, description="Characters that a passage should have.")
    longest: float = Field(
        8, gt=0, le=3600, description="Seconds in which a page, a file or a list must be read; others fail."
    )
    memory: int = Field(1024, ge=256, le=1_048_576, description="MiB of memory that reading it may need.")
    ocr: bool = Field(
        False,
        description="Whether tesseract, which you install yourself, reads the pages of a PDF that are mere pictures; "
        "raise `longest` to some 5 seconds a page.",
    )
    strict: bool = Field(
        False,
        description="Whether one page of a feed or a sitemap that cannot be read fails a run (exit code 1). Otherwise "
        "it is reported, and a run fails if a source or a file does.",
    )
