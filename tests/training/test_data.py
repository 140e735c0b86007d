from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

from datasets.releases import NewswireRelease
from training.data import Pair, bitext, main, pairs_of, read_pairs, titles

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def write(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(f"{row}\n" for row in rows)
    return path


def test_sentences_too_unlike_in_length_are_no_pair(tmp_path: Path) -> None:
    """Alignments go wrong; a sentence of four words is no translation of a paragraph."""
    write(
        tmp_path / "parallel/train.tsv.gz",
        "tat\tThe ship left.\tLe navire est parti.",
        f"laws\tYes.\t{'Nul ne peut, sous réserve des dispositions. ' * 4}",
        "tat\tNo French side\t",
    )

    assert list(bitext(tmp_path)) == [Pair("bitext", "The ship left.", "Le navire est parti.")]


def test_titles_of_a_series_say_nothing_of_a_release(tmp_path: Path) -> None:
    """A title that stands over many passages is left out, and escapes in a title are read."""
    rows = [f"Press briefing\tBody number {number}." for number in range(9)]
    write(tmp_path / "parallel/titles.tsv.gz", *rows, "The President\\u2019s visit\tHe came on Monday &amp; left.")

    assert list(titles(tmp_path)) == [Pair("title", "The President’s visit", "He came on Monday & left.")]


def test_a_release_gives_its_title_with_passages_and_sentences_with_their_rest() -> None:
    """Pairs of one release: what it is about, and what stands beside what."""
    sentences = [f"The company opened its harbour number {number} in the north of the country." for number in range(20)]
    release = NewswireRelease("a", "test", "en", "Harbours open", "2024-01-01", None, " ".join(sentences))

    pairs = list(pairs_of([release], random.Random(1)))

    assert {pair.left for pair in pairs if pair.kind == "title"} == {"Harbours open"}
    inside = [pair for pair in pairs if pair.kind == "inside"]
    assert inside
    assert all(pair.left in sentences and pair.left not in pair.right for pair in inside)


def test_the_step_is_done_once_and_keeps_some_pairs_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is kept out is not trained on, and a second call leaves everything as it is."""
    data, out = tmp_path / "data", tmp_path / "out"
    write(data / "parallel/train.tsv.gz", *(f"tat\tShip {n} left.\tLe navire {n} est parti." for n in range(50)))
    write(data / "parallel/titles.tsv.gz", "A title\tIts passage.")
    texts = [
        {"id": str(n), "title": f"Title {n}", "date": f"2024-01-{n + 1:02}", "text": f"Text {n}. " * 40}
        | {"wire": "w", "lang": "en", "url": None}
        for n in range(9)
    ]
    write(data / "releases/newswire_2023-2026.en.jsonl.gz", *map(json.dumps, texts))
    (data / "qa").mkdir()
    (data / "qa/piaf-v1.1.json").write_text(json.dumps({"data": []}))
    monkeypatch.setattr("training.data.SENTENCES_KEPT_OUT", 10)
    monkeypatch.setattr("datasets.splits.NEWSWIRE_KEPT_OUT", 3)

    assert main(["--data", str(data), "--out", str(out)]) == 0
    pairs, kept = read_pairs(out / "pairs.tsv.gz"), read_pairs(out / "kept-out.tsv.gz")
    assert main(["--data", str(data), "--out", str(out)]) == 0

    assert not {pair.left for pair in kept} & {pair.left for pair in pairs}
    assert {pair.left for pair in kept if pair.kind == "title"} == {"Title 6", "Title 7", "Title 8"}
    assert "nothing to do" in capsys.readouterr().out


def test_missing_data_is_told_with_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence names the file and the option, and nothing is written."""
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1

    assert "no such file; name the folder of the shared data with --data" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
