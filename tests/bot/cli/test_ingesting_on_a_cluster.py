"""`communique ingest --ray` on two nodes that are started, and killed, as those of an operator are."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.optional import needs
from tests.ray_cluster import Node, contents, ray_cluster, ray_head, start_communique, wait_until_stored
from tests.vectorstore.embedders.tiny_model import make_tiny_model

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Cli

RELEASES = 300
SOME = 60  # releases after which something happens: some batches are kept, most are not yet sent


def finish(home: Path, *words: str | Path, **more: str) -> tuple[int, str, str]:
    """A command's exit code, stdout and stderr; `more` adds to its environment."""
    process = start_communique(home, *words, **more)
    try:
        out, err = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        Node(process).kill()  # all of it: what is left would be counted by the tests after this
        raise AssertionError(f"it did not end: {process.communicate()}") from None
    return process.returncode, out, err


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases of some six passages, no two alike."""
    file = tmp_path_factory.mktemp("archive") / "some.jsonl"
    file.write_text("".join(json.dumps(a_line(number)) + "\n" for number in range(RELEASES)))
    return file


def a_line(number: int) -> dict[str, Any]:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    sentences = [
        f"Paragraph {at} says that the ministers of {digest[at : at + 6]} met in Brussels." for at in range(45)
    ]
    body = [" ".join(sentences[at : at + 8]) for at in range(0, 45, 8)]
    return {"id": str(number), "title": f"Meeting {number}", "body": body, "language": "en"}


@pytest.fixture(scope="module")
def alone(archive: Path) -> Path:
    """The home of a store that one process made."""
    home = archive.parent / "alone"
    assert finish(home, "ingest", archive)[0] == 0
    return home


def consistent(home: Path) -> bool:
    return bool(json.loads(finish(home, "status", "--json")[1])["consistent"])


@pytest.mark.long
def test_a_node_killed_in_the_middle_costs_no_release(archive: Path, alone: Path, tmp_path: Path) -> None:
    """The store is the one that a single process makes, bit for bit, and stdout holds the report alone."""
    home = tmp_path / "home"
    with ray_cluster() as cluster:
        process = start_communique(home, "ingest", archive, "--ray", cluster.address, "--json")
        wait_until_stored(home, SOME, process)
        cluster.two.kill()
        out, err = process.communicate(timeout=200)

    report = json.loads(out)
    assert (process.returncode, report["new"], report["failed"]) == (0, RELEASES, [])
    assert err.splitlines() == [
        f"WARNING vectorstore.embedders.cluster: cluster: {cluster.address}: node two is lost; the others do its work"
    ]
    assert contents(home) == contents(alone)
    assert consistent(home)


@pytest.mark.long
def test_interrupted_it_lets_the_workers_go_and_leaves_the_store_whole(
    archive: Path, alone: Path, tmp_path: Path
) -> None:
    """Ctrl-C: what was kept is told, no worker is left on the nodes, and the next run, here, does the rest."""
    home = tmp_path / "home"
    with ray_cluster() as cluster:
        process = start_communique(home, "ingest", archive, "--ray", cluster.address)
        wait_until_stored(home, SOME, process)
        had = len(cluster.one.workers() + cluster.two.workers())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        until = time.monotonic() + 20
        while time.monotonic() < until and cluster.one.workers() + cluster.two.workers():
            time.sleep(0.1)
        left = cluster.one.workers() + cluster.two.workers()

    assert (process.returncode, had, left) == (1, 2, [])
    assert err.startswith("stopped; what was written is kept")
    assert consistent(home)
    kept = len({release for release, *_ in contents(home)})
    report = json.loads(finish(home, "ingest", archive, "--json")[1])
    assert (report["unchanged"], report["new"]) == (kept, RELEASES - kept)
    assert contents(home) == contents(alone)


@pytest.mark.long
def test_a_cluster_that_is_lost_is_told_and_the_next_run_goes_on(archive: Path, alone: Path, tmp_path: Path) -> None:
    """Both nodes are killed: one sentence, exit code 1, nothing on stdout, and nothing lost."""
    home = tmp_path / "home"
    with ray_cluster() as cluster:
        process = start_communique(home, "ingest", archive, "--ray", cluster.address)
        wait_until_stored(home, SOME, process)
        cluster.two.kill()
        cluster.one.kill()
        out, err = process.communicate(timeout=120)

    assert (process.returncode, out) == (1, "")
    assert f"communique: cluster: {cluster.address}: the connection is lost" in err
    assert "Traceback" not in err
    assert finish(home, "ingest", archive)[0] == 0
    assert contents(home) == contents(alone)
    assert consistent(home)


@pytest.mark.long
def test_a_node_with_another_version_is_named(archive: Path, tmp_path: Path) -> None:
    """Before anything is embedded, with the command that mends it."""
    other = tmp_path / "other" / "communique-9.9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: communique\nVersion: 9.9.9\n")

    with ray_cluster(PYTHONPATH=str(other.parent)) as cluster:
        code, out, err = finish(tmp_path / "home", "ingest", archive, "--ray", cluster.address)

    assert (code, out) == (1, "")
    assert "node two: has communique 9.9.9, this machine" in err
    assert "pip install '.[ray]' in the folder of the same source" in err


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model."""
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def few(archive: Path, tiny: Path) -> Path:
    """The home of a store with forty releases, embedded by that model in one process."""
    home = tiny.parent / "few"
    if not home.is_dir():
        assert finish(home, "ingest", archive, "--limit", "40", COMMUNIQUE_EMBEDDER__MODEL=str(tiny))[0] == 0
    return home


def same_vectors(home: Path, other: Path) -> bool:
    """As near as the arithmetic of a model goes, which depends on the processors that it is given."""
    found, wanted = contents(home), contents(other)
    ours, theirs = (np.stack([np.frombuffer(row[3], np.float16) for row in rows]) for rows in (found, wanted))
    return [row[:3] for row in found] == [row[:3] for row in wanted] and np.allclose(ours, theirs, atol=2e-3)


@pytest.mark.long
def test_a_model_of_sentence_transformers_is_spread_over_this_machine(
    archive: Path, tiny: Path, few: Path, tmp_path: Path
) -> None:
    """By a cluster that is made for the run, and leaves nothing behind, not even a token in the person's home."""
    needs("ray")
    words = ("ingest", archive, "--limit", "40", "--json", "--ray", "local")
    person = {"HOME": str(tmp_path), "RAY_AUTH_MODE": ""}
    code, out, err = finish(tmp_path / "home", *words, COMMUNIQUE_EMBEDDER__MODEL=str(tiny), **person)

    assert (code, err) == (0, "")
    assert json.loads(out)["new"] == 40
    assert same_vectors(tmp_path / "home", few)
    assert not (tmp_path / ".ray").exists()


@pytest.mark.long
def test_the_cluster_that_runs_here_is_found(archive: Path, tiny: Path, few: Path, tmp_path: Path) -> None:
    """By the address that Ray itself goes by."""
    words = ("ingest", archive, "--limit", "40", "--json", "--ray", "auto")
    with ray_cluster() as cluster:
        code, out, err = finish(
            tmp_path / "home", *words, COMMUNIQUE_EMBEDDER__MODEL=str(tiny), RAY_ADDRESS=cluster.address
        )

    assert (code, err) == (0, "")
    assert json.loads(out)["new"] == 40
    assert same_vectors(tmp_path / "home", few)


@pytest.mark.long
def test_a_node_that_joins_later_takes_its_share(archive: Path, tmp_path: Path) -> None:
    """Whoever ingests does nothing for it."""
    many = tmp_path / "many.jsonl"
    many.write_text("".join(json.dumps(a_line(number)) + "\n" for number in range(20 * RELEASES)))
    with ray_head() as cluster:
        process = start_communique(tmp_path / "home", "ingest", many, "--json", "--ray", cluster.address)
        wait_until_stored(tmp_path / "home", SOME, process)
        late = cluster.join()
        joined = False
        while process.poll() is None and not joined:
            joined = bool(late.workers())
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=200)

    assert joined
    assert finish(tmp_path / "home", "status", "--repair")[0] == 0  # so many wait for an index when it is stopped
    assert consistent(tmp_path / "home")


@pytest.mark.long
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="to hide a folder from one node takes root"
)
def test_a_node_without_the_models_folder_is_named(archive: Path, tiny: Path, tmp_path: Path) -> None:
    """Before anything is embedded, with what mends it."""
    hidden = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs none "{tiny.parent}" && exec "$0" "$@"')
    with ray_cluster(hidden) as cluster:
        code, out, err = finish(
            tmp_path / "home", "ingest", archive, "--ray", cluster.address, COMMUNIQUE_EMBEDDER__MODEL=str(tiny)
        )

    assert (code, out) == (1, "")
    assert f"node two: there is no folder {tiny}; copy the model to every node" in err


@pytest.mark.parametrize("address", ["ray://10.0.0.5:10001", "10.0.0.5"])
def test_an_impossible_address_is_misuse(cli: Cli, address: str) -> None:
    """Exit code 2, with the forms that there are."""
    result = cli.run("ingest", ".", "--ray", address)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "HOST:6379, auto or local" in result.stderr


def test_a_dry_run_needs_no_cluster(cli: Cli) -> None:
    """It embeds nothing."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    assert cli.json("ingest", "releases", "--dry-run", "--ray", "127.0.0.1:1")["new"] == 1


def test_a_dead_address_is_one_sentence(cli: Cli) -> None:
    """Exit code 1, and nothing on stdout."""
    needs("ray")
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    result = cli.run("ingest", "releases", "--ray", "127.0.0.1:1")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("communique: cluster: 127.0.0.1:1: cannot be reached")
