"""French or English: our detector beside py3langid alone and lingua, on short texts.

    python -m benchmarks.languages --data ../shared/data [--texts 1000]

Titles, and titles with leads, of government releases in both languages; questions of FQuAD (French) and XQuAD
(English). Import and load times are CPU seconds in a fresh process.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import tables
from datasets.command import parser_of, reads_shared_data
from datasets.questions import read_set
from datasets.releases import swiss
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Detector: TypeAlias = "Callable[[str], str | None]"


def ours() -> Detector:
    return detect_language


def py3langid() -> Detector:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["en", "fr"])
    return lambda text: str(identifier.classify(text)[0])


def lingua() -> Detector:
    from lingua import Language, LanguageDetectorBuilder  # type: ignore[import-not-found, unused-ignore]

    detector = LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.FRENCH).build()

    def detect(text: str) -> str | None:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else None

    return detect


DETECTORS = {"ours": ours, "py3langid": py3langid, "lingua": lingua}


def texts(data: Path, count: int) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, language and texts of each test set."""
    for code in ("fr", "en"):
        releases = list(islice(swiss(data, code), 0, count * 3, 3))
        yield "title", code, [release.title for release in releases]
        yield "title and lead", code, [f"{release.title}\n{release.lead}" for release in releases]
    for name, code in (("fquad", "fr"), ("xquad", "en")):
        questions = [question.question for question in read_set(name, data)[1]]
        yield "question", code, questions[:count]
        yield "first four words", code, [" ".join(question.split()[:4]) for question in questions[:count]]


def cold_start(name: str) -> float:
    """CPU seconds until the first answer in a fresh process, numpy already counted in: the store needs it anyway."""
    program = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parents[1])!r}]; import time, numpy;"
        "from benchmarks import languages;"
        f"t = time.process_time(); languages.DETECTORS[{name!r}]()('Une question sur le budget de la Suisse ?');"
        "print(time.process_time() - t)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    return float(run.stdout)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.languages", "French or English: our detector beside py3langid alone and lingua.")
    parser.add_argument("--texts", type=int, default=500, help="how many texts of each kind")
    options = parser.parse_args(arguments)
    sets = list(texts(options.data, options.texts))
    print("Of each set: wrong + undecided; both count as wrong. Texts a CPU second; CPU seconds to a first answer.\n")
    kinds = [f"{kind} {code} ({len(listed)})" for kind, code, listed in sets]
    print(tables.head("detector", "texts", "wrong", *kinds, "texts/s", "cold start"))
    for name, build in DETECTORS.items():
        detect = build()
        detect("Zut")
        begun = time.process_time()
        found = [[detect(text) for text in listed] for _, _, listed in sets]
        seconds = time.process_time() - begun
        cells = [
            f"{sum(answer not in (code, None) for answer in answers)} + {answers.count(None)}"
            for (_, code, _), answers in zip(sets, found, strict=True)
        ]
        count = sum(map(len, found))
        rate = count / seconds
        wrong = sum(answer != code for (_, code, _), answers in zip(sets, found, strict=True) for answer in answers)
        print(tables.row(name, count, tables.share(wrong, count), *cells, f"{rate:,.0f}", f"{cold_start(name):.2f}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
