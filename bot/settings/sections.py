"""What a section of the settings is made of, and those of what answers: the models, the store, search, answers."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from vectorstore.catalogue import PostgresAddress
from vectorstore.indexes import ChromaAddress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_WAIT = 86_400  # seconds that a wait may last: no clock takes an endless one
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # the latter stand for bytes of the environment that are not UTF-8
USER = re.compile(r"(?<=://)[^/?#]*@")  # a password may hold a space or a backslash
_WRITE_ANEW = "holds a NUL, or bytes that are not UTF-8; call it something else"
SERVER = re.compile(r"https?://(?:[\w.-]+|\[[a-f\d:.]+\])(?::\d*)?(?:/[!-~]*)?", re.IGNORECASE)


class Section(BaseModel):
    """A section of the settings: nothing unknown, nothing that is no text."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: object) -> object:
        if any(map(_NO_TEXT.search, _texts(value))):
            raise ValueError(_WRITE_ANEW)
        return value


def _texts(value: object) -> Iterator[str]:
    """The texts that a setting holds, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for part in pair for text in _texts(part))
    elif isinstance(value, (tuple, list)):
        yield from (text for part in value for text in _texts(part))


def read_place(path: Path) -> Path:
    """A path with `~` written out. Raises ValueError where it can be none, or none that Chroma can open."""
    if _NO_TEXT.search(str(path)):
        raise ValueError(_WRITE_ANEW)
    try:
        return path.expanduser()
    except RuntimeError as exc:
        raise ValueError(f"is no path: nobody is called {path.parts[0]} here; write the whole path") from exc


PathSetting = Annotated[Path, AfterValidator(read_place)]


def can_be_asked(url: str) -> bool:
    """Whether there can be such a host and such a port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if ":" in host or re.fullmatch(r"[\d.]+", host):
            ipaddress.ip_address(host)
        host.encode("idna")
    except ValueError:
        return False
    return bool(host) and port != 0


_ALIKE = 0.7  # likeness in [0, 1] from which one name is taken for a slip of another


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """The one of some names that another was probably meant to be, or None."""
    return next(iter(difflib.get_close_matches(wrong, right, n=1, cutoff=_ALIKE)), None)


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

    model: PathSetting | None = Field(
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
