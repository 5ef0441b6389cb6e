"""Nothing is left behind, however the command or the keeper ends."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from local_cloud import keeper, processes, supervisor
from local_cloud.keeper import Snapshot
from local_cloud.supervisor import CloudFailed, Places, Running
from tests.local_cloud.toys import BROKEN, STUBBORN, a_program, serve


@contextmanager
def a_command(
    home: Path, *more: str
) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    """Run a command that brings a toy up; answer it and the address."""
    command = subprocess.Popen(
        [sys.executable, "-m", "tests.local_cloud.toys", str(home), *more],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert command.stdout
    try:
        yield command, command.stdout.readline().strip()
    finally:
        command.kill()
        command.communicate()
        supervisor.stop(Places(state_dir=home))


def grandchild(url: str) -> int:
    """Answer the process that the toy started itself."""
    with urllib.request.urlopen(  # nosec B310  # loopback
        url, timeout=5
    ) as answer:
        return int(answer.read())


def everyone(home: Path, url: str) -> list[int]:
    snapshot = snapshot_of(home)
    leaders = [each.pid for each in snapshot.programs]
    return [snapshot.keeper.pid, *leaders, grandchild(url)]


def snapshot_of(home: Path) -> Snapshot:
    snapshot = keeper.read_snapshot(Places(state_dir=home).run)
    assert snapshot
    return snapshot


def all_gone(pids: list[int]) -> bool:
    return processes.wait_until(
        lambda: all(processes.start_time(pid) is None for pid in pids), 15
    )


def test_stop_ends_programs_and_what_they_started(tmp_path: Path) -> None:
    running, url = serve(tmp_path)
    pids = everyone(tmp_path, url)

    running.stop()

    assert all_gone(pids)
    assert not Places(state_dir=tmp_path).run.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_command_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    with a_command(tmp_path) as (command, url):
        pids = everyone(tmp_path, url)

        command.send_signal(number)

        assert all_gone(pids)
        assert not Places(state_dir=tmp_path).run.exists()


def test_an_interrupted_command_leaves_nothing(tmp_path: Path) -> None:
    with a_command(tmp_path) as (command, url):
        pids = everyone(tmp_path, url)

        os.killpg(command.pid, signal.SIGINT)

        assert all_gone(pids)


def test_a_detached_cloud_outlives_its_command(tmp_path: Path) -> None:
    with a_command(tmp_path, "detach") as (command, url):
        pids = everyone(tmp_path, url)

        assert command.wait(10) == 0

        assert supervisor.answers(url)
        assert supervisor.is_running(Places(state_dir=tmp_path))
        assert supervisor.stop(Places(state_dir=tmp_path))
        assert all_gone(pids)


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent"
)
def test_a_killed_keeper_takes_its_programs_along(tmp_path: Path) -> None:
    serve(tmp_path)
    snapshot = snapshot_of(tmp_path)

    os.kill(snapshot.keeper.pid, signal.SIGKILL)

    assert all_gone([each.pid for each in snapshot.programs])
    supervisor.stop(Places(state_dir=tmp_path))


def test_what_a_killed_keeper_left_is_ended_by_the_next_stop(
    tmp_path: Path,
) -> None:
    _, url = serve(tmp_path)
    left = grandchild(url)
    snapshot = snapshot_of(tmp_path)
    os.kill(snapshot.keeper.pid, signal.SIGKILL)
    all_gone([each.pid for each in snapshot.programs])

    assert supervisor.stop(Places(state_dir=tmp_path))

    assert all_gone([left])


def test_a_program_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    places = Places(state_dir=tmp_path)
    running = Running.start(places, [a_program(places, BROKEN)])

    with pytest.raises(CloudFailed, match="the port is on fire"):
        running.wait_for({"toy": "http://127.0.0.1:9"})

    assert snapshot_of(tmp_path).ended == {"toy": 1}
    running.stop()


def test_a_program_that_cannot_start_ends_the_keeper_with_its_reason(
    tmp_path: Path,
) -> None:
    places = Places(state_dir=tmp_path)
    program = replace(a_program(places, BROKEN), argv=["/none"])
    running = Running.start(places, [program])

    with pytest.raises(CloudFailed):
        running.wait_for({"toy": "http://127.0.0.1:9"})

    assert "/none" in supervisor.log_end(places.logs / "keeper.log")
    with pytest.raises(CloudFailed, match="keeper has ended"):
        running.detach()


def test_a_program_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    program = a_program(Places(state_dir=tmp_path), STUBBORN)
    Path(program.cwd).mkdir()
    child = processes.start(program)
    processes.wait_until(lambda: Path(program.cwd, "deaf").exists(), 10)

    processes.end_group(child.pid, patience=0.2)

    assert processes.start_time(child.pid) is None


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs a process table"
)
def test_an_ended_member_that_nobody_took_in_is_not_waited_for() -> None:
    sleep = ["/bin/sleep", "600"]
    leader = subprocess.Popen(sleep, process_group=0)
    member = subprocess.Popen(sleep, process_group=leader.pid)
    begun = time.monotonic()

    processes.end_group(leader.pid, patience=20)

    assert time.monotonic() - begun < 10
    assert processes.start_time(member.pid) is None
    assert member.wait() == -signal.SIGTERM


def test_a_process_of_another_time_is_never_taken_for_ours() -> None:
    mine = processes.identify("me", os.getpid())
    other = processes.Identity(name="me", pid=mine.pid, started="1")

    assert processes.is_alive(mine)
    assert not processes.is_alive(other)


def test_stopping_nothing_is_no_error(tmp_path: Path) -> None:
    assert not supervisor.stop(Places(state_dir=tmp_path))


def test_free_ports_differ() -> None:
    ports = supervisor.free_ports(5)

    assert len(set(ports)) == 5


def test_a_log_that_was_never_written_is_said_to_be_none(
    tmp_path: Path,
) -> None:
    assert supervisor.log_end(tmp_path / "none.log") == "(no log)"
