"""The command line run in this process, with a home of its own and an embedder that needs no model."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.fakes import WordEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from typer.testing import Result


class Model(WordEmbedder):
    """Stands in for what `embedder_named` gives; counts over all its instances, and can be told to be interrupted."""

    passages = 0
    interrupt_at: int | None = None

    def __init__(self, name: str, *, languages: tuple[str, ...] | None = None, batch_size: int = 8) -> None:
        super().__init__(name)
        self.languages = languages

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if Model.interrupt_at is not None and Model.passages + len(texts) > Model.interrupt_at:
            raise KeyboardInterrupt
        Model.passages += len(texts)
        return super().embed_passages(texts)


@dataclass(frozen=True, slots=True)
class Cli:
    """Runs commands on the home in `folder`."""

    folder: Path

    def run(self, *words: str | Path, typed: str | None = None) -> Result:
        """What a command printed and its exit code."""
        arguments = ["--home", str(self.folder / "home"), *map(str, words)]
        result = CliRunner().invoke(app, arguments, input=typed)
        assert "Traceback" not in result.output
        return result

    def json(self, *words: str | Path) -> Any:
        """What a command printed with `--json`; all of stdout must be JSON."""
        return json.loads(self.run(*words, "--json").stdout)

    def write(self, name: str, *paragraphs: str) -> Path:
        """A release in Markdown below the folder of releases: a title, then paragraphs."""
        path = self.folder / "releases" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# " + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
        return path

    def write_lines(self, name: str, *lines: dict[str, Any] | str) -> Path:
        """A JSONL file below the folder of releases."""
        path = self.folder / "releases" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> type[Model]:
    monkeypatch.setattr("bot.wiring.embedder_named", Model)
    monkeypatch.setattr(Model, "passages", 0)
    monkeypatch.setattr(Model, "interrupt_at", None)
    return Model


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: type[Model]) -> Iterator[Cli]:
    for name in [name for name in os.environ if name.startswith("COMMUNIQUE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield Cli(tmp_path)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def stocked(cli: Cli) -> Cli:
    """A home with two releases, one in each language."""
    cli.write_lines(
        "two.jsonl",
        {
            "id": "aid.en",
            "url": "https://example.org/aid",
            "title": "Aid [bold] for Ukraine",
            "body": "Allies gave 20.9 billion euros to Ukraine. The meeting took place in Brussels.",
            "date": "2024-10-17",
            "language": "en",
            "publisher": "NATO",
        },
        {
            "id": "aide.fr",
            "title": "Une aide pour Chypre",
            "body": "Le Conseil a remis trois avions à Chypre. La réunion a eu lieu à Nicosie.",
            "date": "2023-03-01",
            "language": "fr",
            "publisher": "Conseil",
        },
    )
    assert cli.run("ingest", "releases").exit_code == 0
    return cli
