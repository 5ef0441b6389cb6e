"""The keeper in this process: what it writes down and when it stops."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import keeper, processes
from local_cloud.keeper import Keeper
from local_cloud.supervisor import Places
from tests.local_cloud.toys import a_program

SLEEPS = "import time; time.sleep(99)"
ENDS = "raise SystemExit(3)"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(state_dir=tmp_path)
    places.run.mkdir()
    return places


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for each in (reader, writer):
        try:
            os.close(each)
        except OSError:
            continue


def noted(places: Places) -> dict[str, int]:
    snapshot = keeper.read_snapshot(places.run)
    return snapshot.ended if snapshot else {}


def test_a_closed_pipe_ends_the_watch(
    places: Places, pipe: tuple[int, int]
) -> None:
    kept = Keeper(run=places.run)
    kept.start([a_program(places, SLEEPS)])
    os.close(pipe[1])

    with os.fdopen(pipe[0], "rb", buffering=0, closefd=False) as orders:
        kept.watch(orders)
    kept.stop()

    assert kept.children["toy"].poll() is not None
    assert not places.run.exists()


def test_after_detach_a_closed_pipe_means_nothing(
    places: Places, pipe: tuple[int, int]
) -> None:
    kept = Keeper(run=places.run)
    kept.start([a_program(places, ENDS, name="ends")])
    os.write(pipe[1], b"detach\n")
    os.close(pipe[1])
    with os.fdopen(pipe[0], "rb", buffering=0, closefd=False) as orders:
        watch = threading.Thread(target=kept.watch, args=(orders,))
        watch.start()

        processes.wait_until(lambda: noted(places) == {"ends": 3}, 10)

        assert watch.is_alive()
        snapshot = keeper.read_snapshot(places.run)
        kept.asked_to_end = True
        watch.join(10)
    assert snapshot
    assert snapshot.ended == {"ends": 3}
    assert snapshot.keeper.pid == os.getpid()


def test_the_program_starts_what_it_is_told_and_leaves_nothing(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    orders = tmp_path / "orders"
    program = a_program(places, SLEEPS)
    wanted = {
        name: getattr(program, name) for name in program.__dataclass_fields__
    }
    orders.write_text(json.dumps([wanted]) + "\n")
    reader, writer = os.pipe()
    os.write(writer, orders.read_bytes())
    os.close(writer)

    with os.fdopen(reader, "rb", buffering=0) as given:
        keeper.main(places.run, given)

    assert set(handlers) == {signal.SIGTERM, signal.SIGINT}
    assert not places.run.exists()
