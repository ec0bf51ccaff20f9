"""Row 12: a bad deploy sends only poison to one partition."""

import time

from streams.kafka.brokers import end_offsets, reliable_producer
from streams.kafka.topics import TICKETS
from tests.faults.inputs import Message, spoiled, ticket
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally

FLOODED = 0
FLOOD = 300
PAUSE_SECONDS = 30.0


def flood(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=3, seed=plan.seed) as lab:
        lab.start_relay()
        flood_one_partition(lab, plan, tally)


def flood_one_partition(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Flood a partition, check, restart the worker, resume; the lab has a relay and three partitions."""
    worker = lab.start_worker("sentiment")
    lab.wait_ready(*lab.workers)
    lab.send(TICKETS, lab.inputs.more_tickets(plan.pick(3_000, 600)))
    lab.wait_drained("sentiment")
    for _ in range(plan.repeats_or(3, 1)):
        _flood(lab)
        began = time.monotonic()
        lab.wait_until(lambda: _paused(lab) == {FLOODED}, PAUSE_SECONDS, "the partition to pause")
        _demand_one_stands_and_others_go_on(lab, worker, plan)
        worker = worker if plan.quick else _restart(lab, worker)
        _resume(lab, worker)
        tally.recovered.append(time.monotonic() - began)
        tally.repeats += 1
    lab.wait_published()
    tally.take(lab.check("sentiment"))
    assert worker.terminate()[0] == 0


def _flood(lab: Lab) -> None:
    """Send poison to one partition, and good records of the same producer after it."""
    poison = [spoiled(ticket(number), number % 3) for number in range(FLOOD)]
    _send_to(lab, FLOODED, poison)
    lab.inputs.tickets.poison += FLOOD
    _send_to(lab, FLOODED, lab.inputs.more_tickets(FLOOD))


def _send_to(lab: Lab, partition: int, messages: list[Message]) -> None:
    producer = reliable_producer(lab.broker)
    answers = [producer.send(TICKETS, key=key, value=value, partition=partition) for key, value in messages]
    producer.flush()
    for answer in answers:
        answer.get(30)
    producer.close()


def _paused(lab: Lab) -> set[int]:
    rows = lab.rows("SELECT partition FROM partition_progress WHERE paused_at IS NOT NULL")
    return {row[0] for row in rows}


def _demand_one_stands_and_others_go_on(lab: Lab, worker: Worker, plan: Plan) -> None:
    page = {"topic": TICKETS, "partition": str(FLOODED)}
    lab.wait_until(lambda: worker.metric("rapport_partition_paused", **page) == 1, 10, "the page")
    position = _position(lab)
    others = lab.inputs.more_tickets(plan.pick(1_500, 300))
    mark = lab.audit.mark()
    for partition in (1, 2):
        _send_to(lab, partition, others[partition - 1 :: 2])
    rest = "SELECT sum(next_offset) FROM partition_progress WHERE partition <> :flooded"
    ends = _ends_of_others(lab)
    lab.wait_until(lambda: lab.number(rest, flooded=FLOODED) >= ends, 30, "the other partitions to go on")
    assert lab.audit.moved("sentiment", after=mark) == {1, 2}
    assert _position(lab) == position, "the paused partition moved"
    assert worker.is_running()
    assert worker.health().alive
    assert len(set(worker.generations())) == 1, "the worker joined again"


def _ends_of_others(lab: Lab) -> int:
    return sum(end for (_, number), end in end_offsets(lab.broker, [TICKETS]).items() if number != FLOODED)


def _position(lab: Lab) -> int:
    return lab.number("SELECT next_offset FROM partition_progress WHERE partition = :number", number=FLOODED)


def _restart(lab: Lab, worker: Worker) -> Worker:
    """Restart the worker: the next worker keeps the pause, and does not fail because of it."""
    position = _position(lab)
    code, _ = worker.terminate()
    assert code == 0, f"SIGTERM with a paused partition ended with {code}"
    after = lab.start_worker("sentiment")
    lab.wait_ready(after)
    page = {"topic": TICKETS, "partition": str(FLOODED)}
    lab.wait_until(lambda: after.metric("rapport_partition_paused", **page) == 1, 20, "the page again")
    assert (_paused(lab), _position(lab)) == ({FLOODED}, position)
    return after


def _resume(lab: Lab, worker: Worker) -> None:
    arguments = ("sentiment", "--topic", TICKETS, "--partition", str(FLOODED), "--comment", "rolled back")
    done = lab.command("partitions", "resume", *arguments)
    assert done.returncode == 0, done.stderr
    lab.wait_drained("sentiment", seconds=30)
    assert _paused(lab) == set(), "the partition paused again on good records"
    assert worker.metric("rapport_partition_paused", topic=TICKETS, partition=str(FLOODED)) == 0


ROWS_HERE = (Row(12, "poison flood, 100 % on one partition", flood),)
