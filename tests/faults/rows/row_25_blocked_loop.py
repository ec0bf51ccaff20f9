"""Row 25: the event loop of a worker is blocked for 30 s; metrics answer, and the group keeps the member."""

import time

from streams.kafka.topics import USAGE_EVENTS
from tests.faults.lab import Lab, Worker
from tests.faults.outage import start_variant, wait_every_partition
from tests.faults.outage_worker import BLOCKED, FREED
from tests.faults.rows import Plan, Row, Tally

ANSWER_SECONDS = 1.0
EARLY_SECONDS = 1.5
"""Allowance for the last progress before the block: a batch waits up to a second for more records."""

LATE_SECONDS = 2.0


def block_the_loop(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        block_the_loop_in(lab, plan, tally)


def block_the_loop_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a lab that other rows may have used; the block is longer than the session timeout."""
    stall, blocked = float(plan.pick(15, 4)), float(plan.pick(30, 8))
    arguments = ("--block-seconds", str(blocked), "--block-at", "4")
    for _ in range(plan.repeats_or(2, 1)):
        worker = start_variant(lab, "usage", *arguments, stall_seconds=stall)
        sender = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=500)
        lab.wait_for(lambda at=worker: BLOCKED in at.log(), 60, "the loop to be blocked")  # type: ignore[misc]
        generations = worker.generations()
        slowest, unwell = _watch_blocked(worker, stall)
        mark, freed = lab.audit.mark(), time.monotonic()
        lab.wait_until(lambda at=worker: at.health().alive, 5, "the worker to be alive again")  # type: ignore[misc]
        wait_every_partition(lab, ["usage"], mark, 30)
        tally.recovered.append(time.monotonic() - freed)
        sender.stop()
        lab.wait_drained("usage")
        assert worker.generations() == generations, (
            f"generations {worker.generations()}, before {generations}"
        )
        assert worker.terminate()[0] == 0
        tally.repeats += 1
        tally.notes.append(
            f"answers in {slowest:.2f} s at most, not alive after {unwell:.1f} s of {blocked:.0f} s"
        )
        tally.take(lab.check("usage"))


def _watch_blocked(worker: Worker, stall_seconds: float) -> tuple[float, float]:
    """Ask a blocked worker until it continues; return its slowest answer and when it stopped being alive."""
    began, slowest, unwell = time.monotonic(), 0.0, None
    while FREED not in worker.log():
        asked = time.monotonic()
        worker.metric("rapport_records_total")
        is_alive = worker.health().alive
        slowest = max(slowest, (time.monotonic() - asked) / 2)
        if not is_alive and unwell is None:
            unwell = asked - began
        time.sleep(0.1)
    assert slowest <= ANSWER_SECONDS, f"/metrics took {slowest:.1f} s"
    assert unwell is not None, "liveness never failed"
    early, late = stall_seconds - EARLY_SECONDS, stall_seconds + LATE_SECONDS
    assert early <= unwell <= late, f"not alive after {unwell:.1f} s; the threshold is {stall_seconds:.0f} s"
    return slowest, unwell


ROWS_HERE = (Row(25, "event loop blocked 30 s", block_the_loop),)
