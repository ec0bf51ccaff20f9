"""Row 18: a worker is frozen for 90 s with a current batch, and continues after others own its partitions.

It also freezes inside each kind of transaction: its locks must be free by the time the group has given its
partitions away.
"""

import time
from collections.abc import Iterable, Sequence
from random import Random

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.failpoints import FREEZES
from tests.faults.lab import Lab, Sender, Worker
from tests.faults.rows import Plan, Row, Tally

TAKEOVER_SLACK_SECONDS = 10.0
"""Others continue the partitions of a frozen worker within the session timeout plus these seconds."""

TOPICS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}
RATES = {"sentiment": 300.0, "usage": 3_000.0}


def freeze_and_continue(plan: Plan, tally: Tally) -> None:
    with Lab(brokers=plan.pick(3, 1), seed=plan.seed) as lab:
        play(lab, plan, tally)
        for point in FREEZES:
            freeze_inside(point, lab, tally)


def play(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Stop and continue a worker of each group under load (quick: of usage, for 9 s)."""
    chance, relay = Random(plan.seed), lab.start_relay()
    kinds = ("usage",) if plan.quick else ("usage", "sentiment")
    groups = {kind: [lab.start_worker(kind) for _ in range(plan.pick(3, 2))] for kind in kinds}
    workers = [relay, *(worker for members in groups.values() for worker in members)]
    lab.wait_ready(*workers)
    for _ in range(plan.repeats_or(2, 1)):
        senders = _load(lab, kinds)
        time.sleep(chance.uniform(1.0, 3.0))
        tally.recovered.append(_freeze_the_first_of_each(lab, groups, seconds=plan.pick(90, 9)))
        _finish(lab, senders, kinds)
        tally.repeats += 1
        tally.take(lab.check(*kinds))
    refused = sum(worker.metric("rapport_fenced_writes_total") for worker in workers)
    again = sum(worker.log().count("records were left out") for worker in workers)
    tally.notes.append(f"{refused:.0f} writes refused, {again} holes read again")
    for worker in workers:
        assert worker.terminate()[0] == 0, f"{worker.name} did not end with 0"


def _load(lab: Lab, kinds: Sequence[str]) -> list[Sender]:
    endless = {"sentiment": lab.inputs.endless_tickets(), "usage": lab.inputs.endless_usage()}
    return [lab.paced(TOPICS[kind], endless[kind], rate=RATES[kind]) for kind in kinds]


def _freeze_the_first_of_each(lab: Lab, groups: dict[str, list[Worker]], *, seconds: float) -> float:
    """Stop a worker of each group and continue it; return the seconds until others moved all partitions."""
    victims = [members[0] for members in groups.values()]
    for victim in victims:
        victim.stop_process()
    stopped = time.monotonic()
    came_on = _taken_over(lab, groups)
    time.sleep(max(0.0, seconds - (time.monotonic() - stopped)))
    for victim in victims:
        victim.cont()
    return came_on


def _taken_over(lab: Lab, kinds: Iterable[str]) -> float:
    """Wait until every partition of each group has made progress; return the seconds."""
    mark, everything = lab.audit.mark(), set(range(lab.partitions))

    def others_took_over() -> bool:
        return all(lab.audit.moved(kind, after=mark) == everything for kind in kinds)

    limit = lab.session_timeout_seconds + TAKEOVER_SLACK_SECONDS
    return lab.wait_until(others_took_over, limit, "others to take the partitions over")


def freeze_inside(point: str, lab: Lab, tally: Tally) -> None:
    """Let a worker join another of the usage group under load, freeze inside a transaction, then continue."""
    steady, relay = lab.start_worker("usage"), lab.start_relay()
    lab.wait_ready(steady, relay)
    senders = _load(lab, ("usage",))
    mark = lab.audit.mark()
    lab.wait_for(lambda: len(lab.audit.moved("usage", after=mark)) == lab.partitions, 60, "some load")
    victim = lab.start_worker("usage", failpoint=point)
    lab.wait_for(victim.is_stopped, 90, f"the worker to {point}")
    tally.recovered.append(_taken_over(lab, ("usage",)))
    victim.cont()
    _finish(lab, senders, ("usage",))
    tally.repeats += 1
    tally.take(lab.check("usage"))
    for worker in (steady, victim, relay):
        assert worker.terminate()[0] == 0, f"{worker.name} did not end with 0"


def _finish(lab: Lab, senders: list[Sender], kinds: Sequence[str]) -> None:
    time.sleep(3)  # the continued worker takes part again, under load
    for sender in senders:
        sender.stop()
    for kind in kinds:
        lab.wait_drained(kind)
    lab.wait_published()


ROWS_HERE = (Row(18, "SIGSTOP of a worker for 90 s, then SIGCONT", freeze_and_continue),)
