"""Every benchmark, one after the other, into `benchmarks/RESULTS.md` and, for machines, `benchmarks/results.json`.

    make bench DATA=../shared/data
    make bench-quick DATA=../shared/data

Each runs in a process of its own; one that fails is named and the others go on. `--only` runs some of them, and leaves
the other sections of the files as they are; what stands under "Notes:" in a section is kept when it is measured
again. `--quick` takes small samples, a few minutes in all, and prints what comes
of it: it writes neither file.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTES = "Notes: "  # a paragraph that begins so, and all that follows it in a section, was written by a person
RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = (
    "bm25s",
    "chromadb",
    "langchain-core",
    "model2vec",
    "numpy",
    "sentence-transformers",
    "torch",
    "trafilatura",
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this folder and what it shows; `needs_data` where it takes the data folder as `--data`.

    `quick` are the arguments that make it small; None leaves it out of a quick run.
    """

    module: str
    title: str
    needs_data: bool = True
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = None


BENCHMARKS = (
    Benchmark("retrieval", "Finding the right release", quick=("--sets", "xquad", "--sample", "200")),
    Benchmark("servers", "The same on PostgreSQL and a Chroma server", quick=("--sets", "xquad", "--sample", "100")),
    Benchmark("titles", "Title to release, within and across languages"),
    Benchmark("spelling", "Questions as people type them"),
    Benchmark("bitext", "French and English in one space", quick=()),
    Benchmark("speed", "Embedding and comparing on one core"),
    Benchmark("answers", "Answers and refusals", quick=("--sets", "xquad", "--sample", "100")),
    Benchmark("releases", "Questions on releases that trained nothing"),
    Benchmark("reading", "How long reading takes"),
    Benchmark("refusals", "Refusing what is not there", arguments=("--plot", "benchmarks/refusals.png")),
    Benchmark("small_stores", "Refusing in stores of ten releases"),
    Benchmark("conversations", "Conversations"),
    Benchmark("claims", "What a language model writes", needs_data=False, quick=()),
    Benchmark("ingestion", "Ingesting 13,999 Swiss releases"),
    Benchmark("tutorial", "Ingesting 24,514 newswire releases, beside a tutorial's pipeline"),
    Benchmark("cluster", "Embedding over a Ray cluster", quick=("--releases", "1000", "--few", "30")),
    Benchmark(
        "questions",
        "What a question costs as the store grows",
        arguments=("--plot", "benchmarks/questions.png"),
        quick=("--sizes", "10000"),
    ),
    Benchmark("twins", "Twins: French and English versions of one release", quick=()),
    Benchmark("newsrooms", "Pages of newsrooms", needs_data=False),
    Benchmark("pdfs", "PDFs after other newsrooms' frames", needs_data=False),
    Benchmark("web", "Ingesting a newsroom on the web", needs_data=False),
    Benchmark("concurrency", "Writing and asking at once"),
    Benchmark("load", "Eight processes asking, one ingesting, for ten minutes"),
    Benchmark("capacity", "How many hosts guilds need", needs_data=False, quick=("--asked", "8", "--guilds", "1000")),
    Benchmark("cold_start", "A first question in a fresh process", needs_data=False, quick=()),
    Benchmark("install", "What an installation costs", needs_data=False),
    Benchmark("sentences", "Sentence borders", quick=("--releases", "30")),
    Benchmark("languages", "Language detection", quick=("--texts", "200")),
)


def section(benchmark: Benchmark, data: Path, *, quick: bool = False) -> str:
    """The benchmark's part of the results: title, command, date, what it printed."""
    given = (benchmark.quick or ()) if quick else benchmark.arguments
    arguments = [*(["--data", str(data)] if benchmark.needs_data else []), *given]
    command = ["python", "-m", f"benchmarks.{benchmark.module}", *arguments]
    began = time.monotonic()
    done = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=False)
    spent = time.monotonic() - began
    printed = done.stdout.strip() or done.stderr.strip()[-2000:]
    failed = f"\n\n**Failed** with exit code {done.returncode}.\n" if done.returncode else ""
    when = time.strftime("%Y-%m-%d")
    return f"`{' '.join(command)}` ({when}, {spent:.0f} s)\n\n{printed}{failed}"


def head() -> str:
    """The machine and the versions."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    processor = re.search(r"model name\s*:\s*(.+)", _cpuinfo())
    return (
        "# Results\n\nWritten by `make bench`; each section names the command that printed it. Baselines run in "
        "the same process on the same data.\n\n"
        f"Machine: {processor.group(1) if processor else platform.processor()}, {_cores()} cores; "
        f"Python {platform.python_version()}; {versions}.\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks and write the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Run every benchmark.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the shared data")
    parser.add_argument("--only", nargs="+", choices=[one.module for one in BENCHMARKS], help="run these only")
    parser.add_argument("--quick", action="store_true", help="small samples, printed and not written down")
    options = parser.parse_args(arguments)
    for benchmark in BENCHMARKS:
        if (options.only and benchmark.module not in options.only) or (options.quick and benchmark.quick is None):
            continue
        print(f"{benchmark.title} …", flush=True)
        measured = section(benchmark, options.data, quick=options.quick)
        print(measured, flush=True)
        if not options.quick:  # others may have been measured, and notes written, meanwhile
            known = _sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
            _write(known | {benchmark.title: measured + _notes(known.get(benchmark.title, ""))})
    return 0


def _notes(section: str) -> str:
    """What a person wrote under a benchmark's figures."""
    _, found, notes = section.partition(f"\n\n{NOTES}")
    return f"\n\n{NOTES}{notes}" if found else ""


def _write(sections: dict[str, str]) -> None:
    order = [one.title for one in BENCHMARKS] + list(sections)
    parts = [f"## {title}\n\n{sections[title]}\n" for title in dict.fromkeys(order) if title in sections]
    RESULTS.write_text("\n".join([head(), *parts]), encoding="utf-8")
    results = {"results": {title: {"text": text, "tables": tables(text)} for title, text in sections.items()}}
    machine = {"machine": platform.machine(), "cores": _cores(), "python": platform.python_version()}
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    RESULTS.with_name("results.json").write_text(
        json.dumps(machine | {"versions": versions} | results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def tables(text: str) -> list[list[dict[str, str]]]:
    """The Markdown tables of a text, each row by the names of its columns."""
    found: list[list[dict[str, str]]] = []
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            columns = []
        elif not columns:
            columns = cells
            found.append([])
        elif set("".join(cells)) - set("-: "):
            found[-1].append(dict(zip(columns, cells, strict=False)))
    return found


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {title: body.strip() for title, body in zip(parts[::2], parts[1::2], strict=True)}


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _cores() -> int:
    return os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
