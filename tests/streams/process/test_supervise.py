"""The supervisor restarts small real processes, stops them in order, and leaves none running."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.process.ports import free_port
from streams.process.supervise import SupervisedProcess, Supervisor, stop_on_signals
from tests.streams.support.cluster import ROOT, wait_until

# Replaces `rapport`: the supervisor runs `python -m streams`, which is found in the current folder.
CHILD = """
import os, signal, sys, time
kind = sys.argv[1]
print("started", os.environ["RAPPORT_METRICS_PORT"], os.environ["COLOUR"], flush=True)
def stop(number, frame):
    print("stopped", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if kind == "deaf" else stop)
print("ready", os.getsid(0) == os.getpid(), flush=True)
while kind != "dies":
    time.sleep(0.05)
sys.exit(3)
"""


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    package = tmp_path / "streams"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(CHILD)
    monkeypatch.chdir(tmp_path)
    logs = tmp_path / "logs"
    supervisor = Supervisor(environment={"COLOUR": "blue"}, log_folder=logs, grace_seconds=20.0)
    yield supervisor
    for child in supervisor.children:
        if child.process is not None and child.process.poll() is None:
            child.process.kill()
            child.process.wait()


def log(name: str) -> list[str]:
    path = Path("logs") / f"{name}.log"
    return path.read_text().splitlines() if path.exists() else []


def pid_of(child: SupervisedProcess) -> int:
    assert child.process is not None
    return child.process.pid


def test_processes_start_with_their_environment_port_log_and_session(supervisor: Supervisor) -> None:
    supervisor.add("desk", ["serves"])
    supervisor.add("relay", ["serves"])
    supervisor.start()
    for child in supervisor.children:
        wait_until(lambda child=child: len(log(child.name)) == 2)  # type: ignore[misc]
        assert log(child.name) == [f"started {child.metrics_port} blue", "ready True"]
    assert supervisor.children[0].metrics_port != supervisor.children[1].metrics_port
    assert supervisor.targets()[1]["labels"] == {"process": "relay"}
    assert (Path("logs") / "prometheus-targets.json").exists()
    supervisor.stop()


def test_a_process_that_dies_is_started_again_after_a_pause_and_the_others_stay(
    supervisor: Supervisor,
) -> None:
    supervisor.add("steady", ["serves"])
    supervisor.add("victim", ["serves"])
    supervisor.start()
    steady, victim = supervisor.children
    wait_until(lambda: len(log("victim")) == 2)
    before, steady_pid = pid_of(victim), pid_of(steady)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: victim.process is not None and victim.process.poll() is not None)
    supervisor.check()
    assert victim.process is None
    assert victim.not_before > time.monotonic()

    def back() -> bool:
        supervisor.check()
        return victim.process is not None

    wait_until(back)
    assert (victim.restarts, steady.restarts) == (1, 0)
    assert pid_of(victim) != before
    assert pid_of(steady) == steady_pid
    supervisor.stop()


def test_a_process_that_dies_again_and_again_is_started_less_and_less_often(supervisor: Supervisor) -> None:
    supervisor.add("victim", ["dies"])
    supervisor.start()
    (victim,) = supervisor.children
    pauses = []
    for _ in range(3):
        wait_until(lambda: victim.process is not None and victim.process.poll() is not None)
        supervisor.check()
        pauses.append(victim.not_before - time.monotonic())
        victim.not_before = 0.0
        supervisor.check()
    assert victim.backoff.attempts == 3
    assert pauses[2] > pauses[0]


def test_stopping_sends_sigterm_first_and_kills_only_processes_that_ignore_it(supervisor: Supervisor) -> None:
    supervisor._grace_seconds = 2.0
    for name, kind in (("first", "serves"), ("deaf", "deaf"), ("last", "serves")):
        supervisor.add(name, [kind])
    supervisor.start()
    wait_until(lambda: all(len(log(child.name)) == 2 for child in supervisor.children))
    processes = [child.process for child in supervisor.children]
    supervisor.stop()
    assert supervisor.stopping.is_set()
    codes = [process.returncode for process in processes if process is not None]
    assert codes == [0, -signal.SIGKILL, 0]
    assert log("first")[-1] == log("last")[-1] == "stopped"


def test_watching_ends_when_told_to_stop(supervisor: Supervisor) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    stop_on_signals(supervisor.stopping)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        supervisor.watch()
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert supervisor.stopping.is_set()


def test_a_free_port_can_be_bound() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass


PARENT = """
import os, sys, time
from pathlib import Path
from streams.process.ports import free_port
from streams.process.supervise import Supervisor
url = "postgresql+psycopg://u@127.0.0.1:1/x"
environment = {"RAPPORT_PARENT_PID": str(os.getpid()), "RAPPORT_DATABASE_URL": url}
environment |= {"RAPPORT_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
supervisor = Supervisor(environment=environment, log_folder=Path(sys.argv[1]), grace_seconds=5)
supervisor.add("relay", ["relay"])
supervisor.start()
print(supervisor.children[0].process.pid, flush=True)
supervisor.watch()
"""


def test_processes_end_by_themselves_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        wait_until(lambda: '"waiting"' in (tmp_path / "relay.log").read_text())
        parent.kill()
    try:
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    finally:
        if child.is_running():
            child.kill()
