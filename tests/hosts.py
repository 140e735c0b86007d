"""Hosts of their own on this machine: network namespaces, each with an address, joined by a bridge."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = "hosts of their own take root, and `ip` of iproute2"


@dataclass(frozen=True, slots=True)
class Host:
    """One host. `on` stands before a command that is to run there; `address` is what others see it by."""

    name: str
    address: str

    @property
    def on(self) -> tuple[str, ...]:
        return "ip", "netns", "exec", self.name


@dataclass(frozen=True, slots=True)
class Network:
    """Hosts that reach each other, and this process, which listens at `gateway`."""

    cidr: str
    gateway: str
    hosts: tuple[Host, ...]


def may_be_made() -> bool:
    """Whether hosts can be made here."""
    if os.geteuid() or not shutil.which("ip"):
        return False
    tried = f"cq{os.getpid()}try"
    made = subprocess.run(["ip", "netns", "add", tried], check=False, capture_output=True).returncode == 0
    if made:
        _ip("netns", "del", tried)
    return made


@contextlib.contextmanager
def network(count: int) -> Iterator[Network]:
    """So many hosts, gone afterwards; their addresses are of those that are set aside for tests (RFC 2544)."""
    name, part = f"cq{os.getpid()}", f"198.18.{os.getpid() % 250}"
    made = Network(
        f"{part}.0/24", f"{part}.1", tuple(Host(f"{name}h{n}", f"{part}.{n + 1}") for n in range(1, count + 1))
    )
    with contextlib.ExitStack() as undo:
        _ip("link", "add", name, "type", "bridge")
        undo.callback(_ip, "link", "del", name)
        _ip("addr", "add", f"{made.gateway}/24", "dev", name)
        _ip("link", "set", name, "up")
        for host in made.hosts:
            _ip("netns", "add", host.name)
            undo.callback(_ip, "netns", "del", host.name)
            _ip("link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.name, "master", name, "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", host.name, "link", "set", device, "up")
        yield made


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
