"""Vector indexes on a Chroma server, which several processes and hosts share: one collection for each.

A server keeps its own HNSW files whole, so a collection is brought up to date in place. Readers pass over what the
catalogue does not yet say that it holds, and a collection that was left in the middle is brought up to date again.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from vectorstore.errors import IndexUnavailableError
from vectorstore.indexes.chroma import DenseIndex, SharedCollection, fill, said_plainly

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    import httpx
    from chromadb.api.client import AdminClient, Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.fastapi import FastAPI
    from chromadb.api.models.Collection import Collection

    from vectorstore.indexes.chroma import Added

_CONFIGURATION: CreateCollectionConfiguration = {"hnsw": {"space": "cosine"}}
_PAGE = 100  # collections to list at once
_REACHED = 2.0  # seconds in which a server must take a connection
_ANSWERED = 30.0  # seconds in which it must answer; it takes in 5,461 rows in two


@dataclass(frozen=True, slots=True)
class ChromaAddress:
    """Where a Chroma server is reached, as `http://chroma:8000`.

    `token` is sent as a bearer token, for the proxy that guards a server: Chroma's own asks for none.
    """

    url: str
    token: str | None = field(default=None, repr=False)


class ChromaServer:
    """The indexes of one store on a server; `owner` tells its collections from those of other stores."""

    def __init__(self, address: ChromaAddress, owner: str) -> None:
        self._url = address.url.rstrip("/")
        self._prefix = f"communique-{owner}-"
        self._headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        self._client: Client | None = None
        self._connecting = threading.Lock()

    def __str__(self) -> str:
        return self._url

    def holds(self, name: str) -> bool:
        """Whether the name is that of a collection of this store."""
        return name.startswith(self._prefix)

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether the collection is there, and is the one that was published. Raises IndexUnavailableError."""
        from chromadb.errors import NotFoundError

        with said_plainly(self._url):
            try:
                return str(self._collection(name).id) == seal
            except NotFoundError:
                return False

    def open(self, name: str) -> DenseIndex:
        """Open a published collection. Raises IndexUnavailableError."""
        with said_plainly(self._url):
            return DenseIndex(name, self._url, self._collection(name), lambda: None)

    def share(self, name: str) -> AbstractContextManager[SharedCollection]:
        """A published collection for other tools, by the connection of the open indexes. Raises IndexUnavailableError.

        It is good for as long as they are.
        """
        with said_plainly(self._url):
            return contextlib.nullcontext(SharedCollection(self._connected(), name))

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> tuple[str, str]:
        """Bring the collection `base` up to date, or make a new one. Raises IndexUnavailableError."""
        name = base or f"{self._prefix}{uuid.uuid4().hex[:12]}"
        with said_plainly(self._url):
            client = self._connected()
            collection = client.get_or_create_collection(name, configuration=_CONFIGURATION, embedding_function=None)
            fill(client, collection, dropped, added)
            return name, str(collection.id)

    def clear(self, keep: set[str]) -> None:
        """Delete this store's collections but those to keep."""
        with said_plainly(self._url):
            client, names = self._connected(), list[str]()
            while page := client.list_collections(limit=_PAGE, offset=len(names)):
                names += [collection.name for collection in page]
            for name in names:
                if self.holds(name) and name not in keep:
                    client.delete_collection(name)

    def close(self) -> None:
        """Close the connection that the open indexes share."""
        with self._connecting:
            if self._client is not None:
                sessions = _sessions(self._client)
                self._client.close()
                for session in sessions:  # which Chroma leaves open
                    session.close()
                self._client = None

    def _collection(self, name: str) -> Collection:
        return self._connected().get_collection(name, embedding_function=None)

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        import chromadb
        import httpx
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        patience = httpx.Timeout(_ANSWERED, connect=_REACHED)
        # Chroma's own client waits for ever, from its first request on: ask first whether anybody is there.
        told = httpx.get(f"{self._url}/api/v2/heartbeat", timeout=patience, headers=self._headers)
        if told.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            mend = "put its token into COMMUNIQUE_STORE__CHROMA_TOKEN"
            raise IndexUnavailableError(self._url, f"lets nobody in ({told.status_code}); {mend}")
        if told.status_code != httpx.codes.OK:
            raise IndexUnavailableError(self._url, f"is no Chroma server: it answers {told.status_code}")
        ssl = self._url.startswith("https:")
        headers = dict(self._headers)  # Chroma adds its own
        client = cast("Client", chromadb.HttpClient(self._url, ssl=ssl, headers=headers, settings=settings))
        for session in _sessions(client):
            session.timeout = patience
        return client


def _sessions(client: Client) -> list[httpx.Client]:
    """What a client asks with; there is no setting for how long they wait, and no way to close them."""
    servers = client._server, cast("AdminClient", client._admin_client)._server  # noqa: SLF001
    return [cast("FastAPI", server)._session for server in servers]  # noqa: SLF001
