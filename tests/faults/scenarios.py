"""Short scenarios, each for one rule of the service: clean with the rule, not clean without it."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kafka import TopicPartition

from streams.kafka.brokers import held_offsets
from streams.kafka.topics import TICKETS
from tests.faults.brokers import admin_of
from tests.faults.checks import Checked
from tests.faults.failpoints import FREEZE
from tests.faults.lab import Lab, Worker
from tests.faults.outcome import Noticed
from tests.patience import Patience
from tests.streams.support.cluster import set_offsets

STALL_SECONDS = 30.0
WATCH_SECONDS = 15.0


@dataclass(frozen=True)
class Scenario:
    """One scenario: `work` plays it, with a rule switched off or not, and returns the result of the checks.

    With one partition, the current batch of a worker is of the partition that another worker claims.
    """

    title: str
    mutation: str
    work: Callable[[Lab, str | None], Checked]
    partitions: int = 6

    def compare(self) -> Noticed:
        """Play it with the rule and without it, each time in a new lab."""
        return Noticed(self.mutation, self.title, self._play(None), self._play(self.mutation))

    def _play(self, mutation: str | None) -> Checked:
        with Lab(partitions=self.partitions) as lab:
            return self.work(lab, mutation)


def killed_while_the_database_is_frozen(lab: Lab, mutation: str | None) -> Checked:
    """Kill a worker that has a batch whose transaction cannot end (rows 1 and 5)."""
    worker = lab.start_worker("sentiment", mutation=mutation)
    lab.send(TICKETS, lab.inputs.more_tickets(300))
    lab.wait_drained("sentiment")
    lab.postgres.freeze()
    try:
        lab.send(TICKETS, lab.inputs.more_tickets(100))
        lab.pause(3)
        worker.kill()
    finally:
        lab.postgres.thaw()
    overtaken = _demand_offsets_behind(lab, "sentiment")
    return overtaken + _finished(lab, "sentiment", lab.start_worker("sentiment"))


def continued_after_another_claimed(lab: Lab, mutation: str | None) -> Checked:
    """Stop a worker with a current batch, let another claim its partitions, continue the first (row 18)."""
    first = lab.start_worker("sentiment", mutation=mutation, failpoint=f"{FREEZE}:3")
    sender = lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=300)
    lab.wait_for(first.is_stopped, 60, "the first worker to stop itself")
    second = lab.start_worker("sentiment", failpoint=f"{FREEZE}:1")
    lab.wait_for(second.is_stopped, 60, "the second worker to claim and stop itself")
    first.cont()
    lab.wait_for(lambda: _has_tried_to_write(lab, first), 60, "the first worker to write")
    second.cont()
    sender.stop()
    return _finished(lab, "sentiment", first, second)


def _has_tried_to_write(lab: Lab, worker: Worker) -> bool:
    """Tell whether a worker has tried to write to a partition of another worker, refused or not."""
    if lab.audit.zombies():
        return True
    with suppress(OSError):  # it has just continued and may not answer yet
        return worker.metric("rapport_fenced_writes_total") > 0
    return False


def rebalanced_while_the_database_is_frozen(lab: Lab, mutation: str | None) -> Checked:
    """Kill a member while chunks of the other wait; kill that too once an offset overtakes fates (row 17)."""
    first, second = (lab.start_worker("sentiment", mutation=mutation) for _ in range(2))
    lab.wait_ready(first, second)
    lab.send(TICKETS, lab.inputs.more_tickets(300))
    lab.wait_drained("sentiment")
    lab.postgres.freeze()
    try:
        lab.send(TICKETS, lab.inputs.more_tickets(16_000))
        lab.pause(2)
        joined = len(first.generations())
        second.kill()
        lab.wait_for(lambda: len(first.generations()) > joined, 60, "the first worker to join again")
        lab.pause(2)
    finally:
        lab.postgres.thaw()
    patience = Patience(WATCH_SECONDS)
    while not (patience.is_over() or _offsets_ahead(lab, "sentiment")):
        time.sleep(0.02)
    first.kill()
    overtaken = _demand_offsets_behind(lab, "sentiment")
    return overtaken + _finished(lab, "sentiment", lab.start_worker("sentiment"))


def sent_twice(lab: Lab, mutation: str | None) -> Checked:
    """Send one in ten records a second time, as a producer may (row 15)."""
    worker = lab.start_worker("sentiment", mutation=mutation)
    lab.send(TICKETS, lab.inputs.more_tickets(1_000, duplicates=0.1))
    return _finished(lab, "sentiment", worker)


def offsets_set_to_the_end(lab: Lab, mutation: str | None) -> Checked:
    """Move the group's offsets to the end while no worker runs and records still wait."""
    worker = lab.start_worker("sentiment")
    lab.send(TICKETS, lab.inputs.more_tickets(300))
    lab.wait_drained("sentiment")
    worker.terminate()
    lab.send(TICKETS, lab.inputs.more_tickets(100))
    ends = {TopicPartition(*place): held.end for place, held in held_offsets(lab.broker, [TICKETS]).items()}
    set_offsets(lab.broker, "sentiment", ends)
    return _finished(lab, "sentiment", lab.start_worker("sentiment", mutation=mutation))


def _demand_offsets_behind(lab: Lab, kind: str) -> Checked:
    """Demand the commit rule itself: breaking it loses nothing, because the database is the truth."""
    overtaken = _offsets_ahead(lab, kind)
    return Checked(remarks=("the group's offset overtook the fates",) if overtaken else ())


def _offsets_ahead(lab: Lab, kind: str) -> bool:
    """Tell whether Kafka holds an offset beyond the last record with a fate."""
    with admin_of(lab.brokers.bootstrap_servers) as admin:
        offsets = admin.list_group_offsets(f"rapport-{kind}")
    committed = {
        place.partition: found.offset for found_all in offsets.values() for place, found in found_all.items()
    }
    query = "SELECT partition, next_offset FROM partition_progress WHERE consumer_group = :kind"
    done = dict(lab.rows(query, kind=kind))
    return any(offset > done.get(partition, 0) for partition, offset in committed.items())


def _finished(lab: Lab, kind: str, *workers: Worker) -> Checked:
    relay = lab.start_relay()
    lab.wait_ready(relay)
    # A worker without a partition is never ready.
    lab.wait_for(lambda: any(worker.ready().ready for worker in workers), 60, "a worker to be ready")
    with suppress(AssertionError):  # without progress the check counts the lost records
        lab.wait_drained(kind, stall_seconds=STALL_SECONDS)
    lab.wait_published()
    checked = lab.check(kind)
    for worker in (*workers, relay):
        worker.terminate()
    return checked


SCENARIOS = (
    Scenario(
        "kill -9 while the database is frozen", "ack-before-commit", killed_while_the_database_is_frozen
    ),
    Scenario(
        "SIGCONT after another worker claimed", "ignore-epoch", continued_after_another_claimed, partitions=1
    ),
    Scenario(
        "a rebalance while the database is frozen",
        "faust-commit-rule",
        rebalanced_while_the_database_is_frozen,
    ),
    Scenario("duplicates from the producer", "no-dedupe-row", sent_twice),
    Scenario("offsets moved to the end", "trust-the-groups-offset", offsets_set_to_the_end),
)
