"""French or English: our detector beside py3langid alone and lingua, on short texts.

    python -m benchmarks.languages [--texts 1000]

Titles, and titles with leads, of government releases in both languages; questions of FQuAD (French) and XQuAD
(English). Import and load times are CPU seconds in a fresh process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from vectorstore.text import language

SHARED = Path(os.environ.get("COMMUNIQUE_SHARED", Path(__file__).parents[2] / "shared"))

Detector = Callable[[str], str | None]


def ours() -> Detector:
    return language.detect_language


def small_words() -> Detector:
    def detect(text: str) -> str | None:
        return language._by_small_words([word.lower() for word in language._WORD.findall(text)], ("en", "fr"))  # noqa: SLF001

    return detect


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


DETECTORS = {"ours": ours, "small words alone": small_words, "py3langid": py3langid, "lingua": lingua}


def texts(count: int) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, language and texts of each test set."""
    for code in ("fr", "en"):
        with gzip.open(SHARED / f"data/releases/swiss_2018-2022.{code}.jsonl.gz", "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in islice(lines, 0, count * 3, 3)]
        yield "title", code, [record["title"] for record in records]
        yield "title and lead", code, [f"{record['title']}\n{record['lead'] or ''}" for record in records]
    for name, code in (("fquad-valid.json", "fr"), ("xquad.en.json", "en")):
        data = json.loads((SHARED / "data/qa" / name).read_text(encoding="utf-8"))["data"]
        questions = [qa["question"] for item in data for paragraph in item["paragraphs"] for qa in paragraph["qas"]]
        yield "question", code, questions[:count]
        yield "first four words", code, [" ".join(question.split()[:4]) for question in questions[:count]]


def cold_start(name: str) -> float:
    """CPU seconds until the first answer in a fresh process, numpy already counted in: the store needs it anyway."""
    here = Path(__file__).parent
    program = (
        f"import sys; sys.path[:0] = [{str(here.parent)!r}, {str(here)!r}]; import time, numpy, languages;"
        f"t = time.process_time(); languages.DETECTORS[{name!r}]()('Une question sur le budget de la Suisse ?');"
        "print(time.process_time() - t)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description="French or English: our detector beside py3langid alone and lingua.")
    parser.add_argument("--texts", type=int, default=1000, help="how many texts of each kind")
    options = parser.parse_args()
    if not SHARED.exists():
        parser.error(f"{SHARED}: no such folder: set COMMUNIQUE_SHARED to the folder of shared data")
    sets = list(texts(options.texts))
    print("Wrong and undecided among each set, texts per CPU second, CPU seconds to the first plain answer.\n")
    kinds = [f"{kind} {code} ({len(listed)})" for kind, code, listed in sets]
    print(f"| detector | {' | '.join(kinds)} | texts/s | cold start |\n|{'---|' * (len(kinds) + 3)}")
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
        rate = sum(map(len, found)) / seconds
        print(f"| {name} | {' | '.join(cells)} | {rate:,.0f} | {cold_start(name):.2f} |")


if __name__ == "__main__":
    main()
