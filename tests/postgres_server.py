"""A PostgreSQL server on the loopback, with its data in a temporary folder and nothing in it that must last."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chroma_server import free_port
from tests.memory import in_memory
from vectorstore.catalogue import PostgresAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = "PostgreSQL is not installed here; `make services` installs it"
_LOOPBACK = "127.0.0.1"
_SETTINGS = "-c unix_socket_directories= -c jit=on"
_CARELESS = "-c fsync=off -c full_page_writes=off -c max_wal_size=128MB"
_NUMBERS = itertools.count(1)


def binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest one; None where there is none."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return Path(found).parent if found else next(reversed(folders), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be stopped and started again at the same port; its user `news` may do all.

    `listens` are the addresses that it is reached at; this process reaches it over the loopback. One that is not
    `careful` may lose everything with the machine.
    """

    folder: Path
    port: int
    listens: str = _LOOPBACK
    careful: bool = False

    def run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs, as a user that it does not refuse: it will not be root."""
        command = [str((binaries() or Path()) / program), *words]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        with (self.folder / "output").open("ab") as output:
            subprocess.run(command, check=True, cwd=self.folder, stdout=output, stderr=output, timeout=60)

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses={self.listens} {_SETTINGS}{'' if self.careful else f' {_CARELESS}'}"
        )
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, as a lost machine does."""
        self.run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def address(self, schema: str = "public", user: str = "news") -> PostgresAddress:
        return PostgresAddress(f"postgresql://{user}@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{schema}")

    def new_store(self) -> PostgresAddress:
        """Where a store may be that nobody has used: a schema of its own."""
        import psycopg

        schema = f"newsroom{next(_NUMBERS)}"
        with psycopg.connect(self.address().url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return self.address(schema)

    def demand_password(self, user: str, password: str) -> None:
        """Ask a user for a password from now on."""
        import psycopg

        with psycopg.connect(self.address().url, autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {user} PASSWORD '{password}'")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {user} all scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")
        self.run("pg_ctl", "-D", "data", "reload")

    def admit(self, network: str) -> None:
        """Let in, from when it starts, whoever comes from a network, without a password."""
        with (self.folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write(f"host all all {network} trust\n")


@contextlib.contextmanager
def postgres_server(network: str | None = None, *, careful: bool = False) -> Iterator[Server]:
    """A running server in a folder of its own: that of pytest is closed to the user that it runs as.

    It is reached from this machine alone, or from a `network`, too. A `careful` one keeps its data on disk, as those in
    use do; others keep them in memory.
    """
    folder = Path(tempfile.mkdtemp(prefix="communique-postgres-", dir=None if careful else in_memory()))
    server = Server(folder, free_port(), "*" if network else _LOOPBACK, careful)
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        server.run("initdb", "-D", "data", "-U", "news", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N")
        if network:
            server.admit(network)
        server.start()
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):  # a test may have stopped it
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
