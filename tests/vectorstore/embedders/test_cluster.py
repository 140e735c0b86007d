"""Clusters that are not there. `tests/bot/cli/test_ingesting_on_a_cluster.py` has those that are."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder
from tests.optional import needs
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.embedders.cluster import ADDRESS, ClusterEmbedder
from vectorstore.embedders.cluster_worker import EXAMPLE, Wanted, Worker
from vectorstore.errors import ClusterError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("address", ["auto", "local", "10.0.0.5:6379", "head.example.org:6379"])
def test_an_address_is_a_host_with_a_port_or_a_word(address: str) -> None:
    """As `ray start` prints it."""
    assert ADDRESS.fullmatch(address)


@pytest.mark.parametrize("address", ["ray://10.0.0.5:10001", "10.0.0.5", "here", "", "a:b", "http://head:6379"])
def test_anything_else_is_no_address(address: str) -> None:
    """Ray's client protocol neither."""
    assert not ADDRESS.fullmatch(address)


def test_a_dead_address_fails_within_seconds() -> None:
    """One sentence that says how to mend it."""
    needs("ray")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    began = time.monotonic()

    with (
        pytest.raises(ClusterError, match=f"^cluster: {address}: cannot be reached .*ray start --address"),
        ClusterEmbedder(WordEmbedder(), address),
    ):
        pass

    assert time.monotonic() - began < 5


def test_what_is_no_ray_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something accepts connections and says nothing, for which Ray alone would wait for minutes."""
    needs("ray")
    monkeypatch.setattr("vectorstore.embedders.cluster._JOINS", 3.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(ClusterError, match="no Ray answers there"), ClusterEmbedder(WordEmbedder(), address):
            pass


def test_a_missing_package_is_named_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready to paste."""
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError(\"No module named 'ray'\")\n")
    monkeypatch.syspath_prepend(tmp_path)

    with (
        pytest.raises(ClusterError, match=r"^cluster: auto: needs Ray.*pip install '\.\[ray\]'"),
        ClusterEmbedder(WordEmbedder(), "auto"),
    ):
        pass


def test_a_worker_tells_whether_its_model_is_that_of_the_machine_that_ingests() -> None:
    """By the vector of one sentence: a folder of the same name may hold another model."""
    embedder = BuiltInEmbedder()
    same, another = embedder.embed_passages([EXAMPLE, "Trois avions pour Chypre."])

    assert Worker(Wanted(embedder.name, None, 8, "", same)).is_alike()
    assert not Worker(Wanted(embedder.name, None, 8, "", another)).is_alike()
    assert not Worker(Wanted(embedder.name, None, 8, "", same[:-1])).is_alike()


def test_a_worker_embeds_as_one_process_does() -> None:
    """The same vectors, to the last bit."""
    embedder = BuiltInEmbedder()
    texts = ["Trois avions pour Chypre.", "Ministers met in Brussels."]
    worker = Worker(Wanted(embedder.name, None, 8, "", embedder.embed_passages([EXAMPLE])[0]))

    assert (worker.embed(texts).vectors == embedder.embed_passages(texts)).all()
