"""One process writes while another searches."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder
from tests.vectorstore.writing_process import drain, start_writing, text_of
from vectorstore.types import passage_id

if TYPE_CHECKING:
    from pathlib import Path

    from tests.vectorstore.conftest import Kept


@pytest.mark.long
def test_an_open_reader_sees_what_another_process_writes(tmp_path: Path, kept: Kept) -> None:
    """For ten seconds, each release is found by vector as soon as it is acknowledged, with no restart and no error."""
    embedder = WordEmbedder()
    with kept.opened(tmp_path, model=embedder.name) as reader:
        process, arriving = start_writing(tmp_path, kept.chroma, first=1, batch=50, catalogue=kept.catalogue(tmp_path))
        seen, until = [], time.monotonic() + 10
        while time.monotonic() < until:
            seen.append(arriving.recv())
            hits = reader.search("", embedder.embed_question(text_of(seen[-1])), limit=1)
            assert hits[0].release.id == f"release-{seen[-1]}"
        process.kill()
        process.join(10)
        seen += drain(arriving)

        assert len(seen) > 100
        assert reader.status().releases >= len(seen)


def test_passage_ids_are_the_same_in_every_process() -> None:
    """No salt, no order, no position: an id comes from the release, the text and its occurrence."""
    code = "from vectorstore.types import passage_id; print(passage_id('r', 'Où ?', 0), passage_id('r', 'Où ?', 1))"
    environments = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]

    printed = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.split()
        for env in environments
    ]

    assert printed[0] == printed[1] == [passage_id("r", "Où ?", 0), passage_id("r", "Où ?", 1)]
    assert len(set(printed[0])) == 2
