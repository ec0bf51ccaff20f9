"""Row 1: SIGKILL of one of three workers in the middle of a batch."""

import time
from random import Random

from streams.kafka.app import COMMIT_INTERVAL_SECONDS
from streams.kafka.brokers import end_offsets
from streams.kafka.chunks import MAX_CHUNK_RECORDS
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally

RECOVERY_SLACK_SECONDS = 15.0
DUPLICATES, POISON = 0.01, 0.001
BATCH_RECORDS = 5_000
KINDS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}


def kill_one_of_three(plan: Plan, tally: Tally) -> None:
    with Lab(brokers=plan.pick(3, 1), seed=plan.seed) as lab:
        play(lab, plan, tally)


def play(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Kill one worker per repeat, of the two groups in turn (quick: of usage, once)."""
    chance, most = Random(plan.seed), 0.0
    relay, kinds = lab.start_relay(), ("usage",) if plan.quick else ("usage", "sentiment")
    groups = {kind: [_worker(lab, kind) for _ in range(plan.pick(3, 2))] for kind in kinds}
    everyone = [relay, *(worker for workers in groups.values() for worker in workers)]
    lab.wait_ready(*everyone)
    for repeat in range(plan.repeats_or(20, 1)):
        kind = kinds[repeat % len(kinds)]
        most = max(most, _repeat(lab, kind, groups[kind], plan=plan, chance=chance, tally=tally))
        lab.wait_published()
        tally.repeats += 1
        tally.take(lab.check(*kinds))
    tally.notes.append(f"at most {most:.0f} records redelivered")
    for worker in (relay, *(worker for workers in groups.values() for worker in workers)):
        assert worker.terminate()[0] == 0, f"{worker.name} did not end with 0"


def _repeat(lab: Lab, kind: str, workers: list[Worker], *, plan: Plan, chance: Random, tally: Tally) -> float:
    """Kill a worker under load, let the group finish; return the number of redelivered records."""
    before = {worker.name: _redelivered(worker) for worker in workers}
    began = time.monotonic()
    _load(lab, kind, plan)
    _kill_and_restart(lab, kind, workers, chance=chance, tally=tally)
    lab.wait_drained(kind)
    rate = lab.senders[-1].sent / (time.monotonic() - began)
    lab.wait_ready(*workers)
    again = sum(_redelivered(worker) - before.get(worker.name, 0.0) for worker in workers)
    _demand_few(again, rate, len(workers), lab.partitions)
    return again


def _worker(lab: Lab, kind: str) -> Worker:
    return lab.start_worker(kind, usage_snapshot_records=BATCH_RECORDS, usage_snapshot_seconds=0.2)


def _redelivered(worker: Worker) -> float:
    return worker.metric("rapport_redelivered_records_total")


def _demand_few(again: float, rate: float, workers: int, partitions: int) -> None:
    """Demand that only the records of one commit interval and the records in flight were redelivered."""
    in_flight = workers * BATCH_RECORDS + partitions * MAX_CHUNK_RECORDS
    bound = rate * COMMIT_INTERVAL_SECONDS + in_flight
    assert again <= bound, f"{again:.0f} records redelivered, more than {bound:.0f}"


def _load(lab: Lab, kind: str, plan: Plan) -> None:
    """Send a backlog that keeps all workers busy for seconds."""
    if kind == "usage":
        count = plan.inputs_or(190_000, 20_000)
        messages = lab.inputs.more_usage(count, duplicates=DUPLICATES, poison=POISON)
    else:
        count = plan.inputs_or(190_000, 20_000) // 20
        messages = lab.inputs.more_tickets(count, duplicates=DUPLICATES, poison=POISON)
    lab.paced(KINDS[kind], messages, rate=1e9)


def _kill_and_restart(lab: Lab, kind: str, workers: list[Worker], *, chance: Random, tally: Tally) -> None:
    sender = lab.senders[-1]
    lab.wait_for(lambda: sender.sent > 0, 30, "the first record")
    time.sleep(chance.uniform(0.0, 3.0))
    victim = chance.randrange(len(workers))
    workers[victim].kill()
    mark, everything = lab.audit.mark(), set(range(lab.partitions))
    workers[victim] = _worker(lab, kind)

    def all_come_on() -> bool:
        moved = lab.audit.moved(kind, after=mark)
        return moved == everything or (not sender.is_sending() and _with_backlog(lab, kind) <= moved)

    limit = lab.session_timeout_seconds + RECOVERY_SLACK_SECONDS
    tally.recovered.append(lab.wait_until(all_come_on, limit, "progress of every partition"))
    sender.join()


def _with_backlog(lab: Lab, kind: str) -> set[int]:
    """Return the partitions with records left."""
    ends = {number: end for (_, number), end in end_offsets(lab.broker, [KINDS[kind]]).items()}
    query = "SELECT partition, next_offset FROM partition_progress WHERE consumer_group = :kind"
    done = dict(lab.rows(query, kind=kind))
    return {number for number, end in ends.items() if done.get(number, 0) < end}


ROWS_HERE = (Row(1, "kill -9 one of 3 workers mid-batch", kill_one_of_three),)
