"""Row 23: this version and the next in one group, a rollback, and records that only the next can read."""

import json

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.inputs import Message
from tests.faults.lab import Lab, Worker
from tests.faults.next_version import NEXT
from tests.faults.process import Worker as Process
from tests.faults.rows import Plan, Row, Tally

SHARE_OF_NEXT = 5
PARKED = "SELECT count(*) FROM dead_letters WHERE reason = 'unknown_version'"


def mixed_versions(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=4, seed=plan.seed) as lab:
        relay = lab.start_relay()
        change_versions_of_tickets(lab, plan, tally)
        change_versions_of_states(lab, plan, tally)
        assert relay.is_running()


def start_next(lab: Lab, kind: str) -> Worker:
    """Start a worker of the next version."""
    title = f"next-{kind}-{len(lab.workers)}"
    worker = Process(
        title,
        ["tests.faults.next_version", kind],
        environment=lab.environment(title),
        log_path=lab.folder / f"{title}.log",
    )
    lab.workers.append(worker)
    return worker


def change_versions_of_tickets(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run this version alone, both, the next alone, and go back: each record has one effect in the end."""
    present = lab.start_worker("sentiment")
    lab.wait_ready(present)
    alone = _send(lab, plan)
    assert lab.number(PARKED) == alone, "not each record of the next version was parked"
    upgraded = start_next(lab, "sentiment")
    lab.wait_ready(upgraded)
    mixed = _send(lab, plan)
    assert alone <= lab.number(PARKED) <= alone + mixed
    _end(present, "present version, with the next running")
    _replay(lab)
    rolled_back = lab.start_worker("sentiment")
    lab.wait_ready(rolled_back)
    _end(upgraded, "next version, rolled back")
    last = rolled_back if plan.quick else _upgrade_again(lab, plan, rolled_back)
    lab.inputs.tickets.poison += lab.number(PARKED)
    tally.notes.append(f"{lab.number(PARKED):,} records parked and replayed")
    lab.wait_published()
    tally.repeats += 1
    tally.take(lab.check("sentiment"))
    _end(last, "last worker")


def _upgrade_again(lab: Lab, plan: Plan, rolled_back: Worker) -> Worker:
    """Park records next to this version, then let the next version handle them; return its worker."""
    before = lab.number(PARKED)
    again = _send(lab, plan)
    assert lab.number(PARKED) == before + again
    upgraded = start_next(lab, "sentiment")
    lab.wait_ready(upgraded)
    _end(rolled_back, "present version, upgraded again")
    _replay(lab)
    return upgraded


def _send(lab: Lab, plan: Plan) -> int:
    """Send tickets, each fifth of the next version; return their number after all have a fate."""
    messages = lab.inputs.more_tickets(plan.inputs_or(10_000, 500))
    places = range(0, len(messages), SHARE_OF_NEXT)
    for place in places:
        messages[place] = _of_next_version(messages[place])
    lab.send(TICKETS, messages)
    lab.wait_drained("sentiment")
    return len(places)


def _of_next_version(message: Message) -> Message:
    key, value = message
    fields = json.loads(value or b"") | {"schema_version": NEXT, "priority": "high"}
    return key, json.dumps(fields).encode()


def _replay(lab: Lab) -> None:
    arguments = ("--reason", "unknown_version", "--limit", "100000", "--rate", "5000", "--send")
    done = lab.command("dead-letters", "replay", *arguments, seconds=120)
    assert done.returncode == 0, done.stderr[-500:]
    lab.wait_drained("sentiment")
    assert lab.number(f"{PARKED} AND state = 'new'") == 0, (
        "a record was parked although the next version runs"
    )


def change_versions_of_states(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the next version, then this one: it sets the states aside and builds them again from the topic."""
    upgraded = start_next(lab, "usage") if plan.quick else _upgrade_states(lab, plan)
    lab.wait_ready(upgraded)
    _send_usage(lab, plan)
    _end(upgraded, "next version, rolled back")
    rolled_back = lab.start_worker("usage")
    lab.wait_ready(rolled_back)
    _send_usage(lab, plan)
    aside = lab.number("SELECT count(*) FROM corrupt_states")
    assert aside > 0, "no state of the next version was set aside"
    tally.notes.append(f"{aside:,} states set aside and rebuilt")
    lab.wait_published()
    tally.repeats += 1
    tally.take(lab.check("usage"))
    _end(rolled_back, "present version")


def _upgrade_states(lab: Lab, plan: Plan) -> Worker:
    """Let both versions work at the same time on states of this version; return the worker of the next."""
    present = lab.start_worker("usage")
    lab.wait_ready(present)
    _send_usage(lab, plan)
    upgraded = start_next(lab, "usage")
    lab.wait_ready(upgraded)
    _send_usage(lab, plan)
    _end(present, "present version, with the next running")
    return upgraded


def _send_usage(lab: Lab, plan: Plan) -> None:
    lab.send(USAGE_EVENTS, lab.inputs.more_usage(plan.inputs_or(100_000, 5_000)))
    lab.wait_drained("usage")


def _end(worker: Worker, name: str) -> None:
    code, _ = worker.terminate()
    assert code == 0, f"{name} ended with {code}"


ROWS_HERE = (Row(23, "versions N and N+1, rollback", mixed_versions),)
