"""Row 2: SIGKILL between SQL commit, outbox send and offset commit, at failpoints."""

import time
from itertools import chain
from random import Random

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.failpoints import POINTS, RELAY_POINTS, WORKER_POINTS
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally

TOPICS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}
OUTBOX_SECONDS = 10.0
RATE = 2_000.0
MOST_PASSES = {"before-sql-commit": 4, "after-sql-commit": 4, "before-offset-commit": 2}
KILLED = -9


def kill_at_every_failpoint(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        if plan.quick:
            play_in_a_chain(lab, plan, tally)
        else:
            _play(lab, plan, tally)


def _play(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Kill at one failpoint per repeat, the groups in turn, and check after each."""
    chance, relay = Random(plan.seed), lab.start_relay()
    for repeat in range(plan.repeats_or(20, len(POINTS))):
        point, count = POINTS[repeat % len(POINTS)], plan.inputs_or(4_000, 2_000)
        kind = ("sentiment", "usage")[(repeat // len(POINTS)) % 2]
        if point in RELAY_POINTS:
            assert relay.terminate()[0] == 0
            relay = _kill_relay(lab, f"{point}:{chance.randint(1, 4)}", count=count, tally=tally)
        else:
            arm = f"{point}:{chance.randint(1, MOST_PASSES[point])}"
            _kill_worker(lab, kind, arm, count=count, tally=tally)
        tally.repeats += 1
        tally.take(lab.check(*TOPICS))
    assert relay.terminate()[0] == 0


def play_in_a_chain(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Kill at every failpoint once: each successor is armed with the next failpoint. Check at the end."""
    chance = Random(plan.seed)
    sender = lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=600)
    for point in WORKER_POINTS:
        arm = f"{point}:{chance.randint(1, MOST_PASSES[point])}"
        _wait_killed(lab, _worker(lab, "sentiment", arm), arm)
    last = _worker(lab, "sentiment", None)
    for point in RELAY_POINTS:
        arm = f"{point}:{chance.randint(1, 4)}"
        _wait_killed(lab, lab.start_relay(failpoint=arm), arm)
    sender.stop()
    lab.wait_drained("sentiment")
    relay = lab.start_relay()
    lab.wait_for(relay.handles_sigterm, 60, "the relay's start")
    tally.recovered.append(lab.wait_published(OUTBOX_SECONDS))
    tally.repeats += len(POINTS)
    tally.take(lab.check("sentiment"))
    assert [last.terminate()[0], relay.terminate()[0]] == [0, 0]


def _kill_worker(lab: Lab, kind: str, failpoint: str, *, count: int, tally: Tally) -> None:
    """Kill a worker at a failpoint under load, start it again and let it finish."""
    victim, messages = _worker(lab, kind, failpoint), _messages(lab, kind, count)
    # More messages follow until the kill: messages that wait before the worker starts are all one batch.
    more = lab.inputs.endless_usage() if kind == "usage" else lab.inputs.endless_tickets()
    sender = lab.paced(TOPICS[kind], chain(messages, more), rate=RATE)
    _wait_killed(lab, victim, failpoint)
    restarted = time.monotonic()
    again = _worker(lab, kind, None)
    lab.wait_for(lambda: sender.sent >= len(messages), 60, "all of the batch to be sent")
    sender.stop()
    lab.wait_drained(kind)
    lab.wait_published(OUTBOX_SECONDS)
    tally.recovered.append(time.monotonic() - restarted)
    assert again.terminate()[0] == 0


def _kill_relay(lab: Lab, failpoint: str, *, count: int, tally: Tally) -> Worker:
    """Kill the relay at a failpoint while rows wait; return its successor after it has published them."""
    worker = _worker(lab, "sentiment", None)
    lab.send(TICKETS, _messages(lab, "sentiment", count))
    lab.wait_drained("sentiment")
    assert worker.terminate()[0] == 0
    _wait_killed(lab, lab.start_relay(failpoint=failpoint), failpoint)
    relay, restarted = lab.start_relay(), time.monotonic()
    lab.wait_published(OUTBOX_SECONDS)
    tally.recovered.append(time.monotonic() - restarted)
    return relay


def _worker(lab: Lab, kind: str, failpoint: str | None) -> Worker:
    # A static member joins again without waiting for the session of the killed worker.
    return lab.start_worker(kind, name=f"{kind}-0", failpoint=failpoint, usage_snapshot_seconds=0.2)


def _wait_killed(lab: Lab, victim: Worker, failpoint: str) -> None:
    lab.wait_for(lambda: not victim.is_running(), 60, f"{victim.name} to reach {failpoint}")
    assert victim.process.returncode == KILLED, f"{victim.name} ended with {victim.process.returncode}"


def _messages(lab: Lab, kind: str, count: int) -> list[tuple[bytes | None, bytes | None]]:
    make = lab.inputs.more_usage if kind == "usage" else lab.inputs.more_tickets
    return make(count, duplicates=0.01, poison=0.001)


ROWS_HERE = (Row(2, "kill -9 between SQL commit, outbox send, offset commit", kill_at_every_failpoint),)
