"""What only a Chroma server brings: it goes away and comes back, others share it, a store moves to it."""

from __future__ import annotations

import http.server
import logging
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from tests.chroma_server import free_port, start, stop
from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.writing_process import text_of
from vectorstore.errors import IndexUnavailableError
from vectorstore.indexes import ChromaAddress, ChromaServer
from vectorstore.retrieval.dense import published
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EMBEDDER = WordEmbedder()


def fill(store: PassageStore, numbers: range) -> None:
    with store.writing():
        for number in numbers:
            keep(store, a_release(f"r{number}", text_of(number)), EMBEDDER)


def finds(store: PassageStore, numbers: range) -> bool:
    """Whether each release is the nearest to its own text."""
    asked = [(number, EMBEDDER.embed_question(text_of(number))) for number in numbers]
    return all(store.search("", vector, limit=1)[0].release.id == f"r{number}" for number, vector in asked)


def on_server(home: Path, address: ChromaAddress | None) -> PassageStore:
    return PassageStore(home, model=EMBEDDER.name, exact_up_to=0, chroma=address)


def test_a_server_that_goes_away_is_told_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches are exact for as long, what is written is found, and the next write after its return mends all."""
    monkeypatch.setattr("vectorstore.retrieval.dense._PAUSE", 0.2)
    folder, port = tmp_path / "chroma", free_port()
    folder.mkdir()
    process = start(folder, port)
    with on_server(tmp_path / "home", ChromaAddress(f"http://127.0.0.1:{port}")) as store, caplog.at_level("WARNING"):
        fill(store, range(5))
        assert finds(store, range(5))
        stop(process)

        fill(store, range(5, 8))
        assert finds(store, range(8))
        assert "cannot be reached" in store.status().disagreement or "passages wait" in store.status().disagreement
        with pytest.raises(IndexUnavailableError, match=rf"vector index: http://127.0.0.1:{port}: .*reached"):
            store.repair()
        assert "searching exactly instead" in caplog.text

        process = start(folder, port)
        fill(store, range(8, 10))
        assert store.status().consistent
        assert finds(store, range(10))
        stop(process)


def test_a_server_that_is_away_is_not_asked_at_every_search(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, then a while without asking: questions do not wait for it one by one."""
    folder, port = tmp_path / "chroma", free_port()
    folder.mkdir()
    process = start(folder, port)
    with on_server(tmp_path / "home", ChromaAddress(f"http://127.0.0.1:{port}")) as store:
        fill(store, range(5))
        stop(process)
        with caplog.at_level(logging.WARNING):
            assert finds(store, range(5))
    assert caplog.text.count("searching exactly instead") == 1


def test_a_store_moves_to_a_server_and_back(tmp_path: Path, server: ChromaAddress) -> None:
    """Nothing but the setting changes: the next write, or a repair, builds the index where it now belongs."""
    with on_server(tmp_path, None) as store:
        fill(store, range(5))
    with on_server(tmp_path, server) as store:
        fill(store, range(5, 6))
        assert store.status().consistent
        assert str(server.url) == store.status().indexes
        assert finds(store, range(6))
    with on_server(tmp_path, None) as store:
        assert finds(store, range(6))
        store.repair()
        assert store.status().consistent
        assert finds(store, range(6))


def test_two_stores_on_one_server_leave_each_other_alone(tmp_path: Path, server: ChromaAddress) -> None:
    """Each clears away its own collections only, even where both stores hold the same releases."""
    with on_server(tmp_path / "one", server) as one, on_server(tmp_path / "other", server) as other:
        for _ in range(3):
            for store in (one, other):
                fill(store, range(4))
                with store.writing():
                    store.remove("r3")
        assert one.status().consistent
        assert other.status().consistent
        assert finds(one, range(3))


def test_a_writer_that_died_within_a_collection_is_followed_by_one_that_mends_it(
    tmp_path: Path, server: ChromaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was put in place before the catalogue said so is not found twice, and not missed."""
    with on_server(tmp_path, server) as store:
        fill(store, range(5))
        monkeypatch.setattr(store.backends.catalogue, "set_meta", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill(store, range(5, 9))
        monkeypatch.undo()
        assert finds(store, range(9))
        hits = store.search("", EMBEDDER.embed_question(text_of(6)), limit=20)
        assert len({hit.passage.id for hit in hits}) == len(hits) == 9

        fill(store, range(9, 10))
        assert store.status().consistent


def _interrupt(**_: object) -> None:
    raise KeyboardInterrupt("stop")


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Stands before a server, and lets nobody in; keeps what it was told."""

    told: list[str | None]

    def do_GET(self) -> None:
        self.told.append(self.headers.get("Authorization"))
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str | None]]]:
    handler = type("Proxy", (_Proxy,), {"told": []})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}", handler.told
        serving.shutdown()


def test_a_proxy_is_shown_the_token_and_its_refusal_is_told(proxy: tuple[str, list[str | None]]) -> None:
    """The token is in no error and in no representation."""
    url, told = proxy
    address = ChromaAddress(url, "hush")

    with pytest.raises(
        IndexUnavailableError, match=f"vector index: {url}: lets nobody in .401.; put its token into"
    ) as exc:
        ChromaServer(address, "one").open("communique-one-1")

    assert told == ["Bearer hush"]
    assert "hush" not in f"{exc.value} {address}"


def test_an_address_where_nobody_listens_is_told() -> None:
    with pytest.raises(IndexUnavailableError, match=r"vector index: http://127.0.0.1:\d+: cannot be reached"):
        ChromaServer(ChromaAddress(f"http://127.0.0.1:{free_port()}"), "one").open("communique-one-1")


def connections(address: ChromaAddress) -> int:
    """How many this process has to a server."""
    port = urlsplit(address.url).port
    return sum(bool(one.raddr) and one.raddr.port == port for one in psutil.Process().net_connections("tcp"))


def test_a_store_that_is_closed_closes_its_connections(tmp_path: Path, server: ChromaAddress) -> None:
    """The server is not left with those of stores that are gone."""
    before = connections(server)
    store = on_server(tmp_path / "home", server)
    fill(store, range(3))
    assert finds(store, range(3))
    assert connections(server) > before

    store.close()

    assert connections(server) == before


def test_an_index_that_is_kept_elsewhere_is_none_of_these(tmp_path: Path, server: ChromaAddress) -> None:
    """Whether the store has moved to a server, or back into folders."""
    with on_server(tmp_path / "folders", None) as in_folders, on_server(tmp_path / "served", server) as on_one:
        for store in (in_folders, on_one):
            fill(store, range(3))
        folders, served = in_folders.backends, on_one.backends

        assert published(folders.catalogue, folders.indexes).name
        assert published(folders.catalogue, served.indexes).name is None
        assert published(served.catalogue, folders.indexes).name is None
