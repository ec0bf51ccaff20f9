"""Row 13: the topic of the dead letters takes no records; everything else goes on, and nothing is lost."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from streams.kafka.brokers import create_topics, held_offsets
from streams.kafka.topics import DEAD_LETTERS, SIGNALS, TICKETS
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally

Fault = Callable[[Lab], AbstractContextManager[None]]

POISON = 0.01
OTHERS_GO_ON_SECONDS = 20.0
DRAINED_SECONDS = 60.0
AGE_SECONDS = 4.0
WAITING = "SELECT count(*) FROM outbox WHERE topic = :topic AND sent_at IS NULL"


def unwritable(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=3, seed=plan.seed) as lab:
        relay = lab.start_relay()
        # The missing topic comes first: creating it again loses its records, so none may be published yet.
        faults = (missing, *[taking_nothing] * plan.repeats_or(3, 1))
        break_the_topic(lab, relay, plan, tally, faults)


def break_the_topic(lab: Lab, relay: Worker, plan: Plan, tally: Tally, faults: Sequence[Fault]) -> None:
    """Apply the faults of the topic one after the other."""
    worker = lab.start_worker("sentiment")
    lab.wait_ready(relay, worker)
    for fault in faults:
        with fault(lab):
            _demand_others_go_on(lab, relay, worker, plan)
        tally.recovered.append(lab.wait_published(DRAINED_SECONDS))
        tally.repeats += 1
        tally.take(lab.check("sentiment"))
    lab.wait_until(lambda: relay.ready().ready, 15, "the relay to be ready again")
    assert worker.terminate()[0] == 0


def _demand_others_go_on(lab: Lab, relay: Worker, worker: Worker, plan: Plan) -> None:
    letters = lab.inputs.tickets.poison
    lab.send(TICKETS, lab.inputs.more_tickets(plan.inputs_or(20_000, 2_000), poison=POISON))
    lab.wait_drained("sentiment")
    new = lab.inputs.tickets.poison - letters
    # Every dead letter is stored in the transaction that moved the offset over its record.
    assert lab.number("SELECT count(*) FROM dead_letters") == lab.inputs.tickets.poison
    assert lab.number(WAITING, topic=DEAD_LETTERS) == new, "a letter left the outbox unpublished"
    lab.wait_until(
        lambda: lab.number(WAITING, topic=SIGNALS) == 0, OTHERS_GO_ON_SECONDS, "signals to be published"
    )
    lab.wait_until(
        lambda: relay.metric("rapport_outbox_oldest_age_seconds") > AGE_SECONDS, 30, "the age that pages"
    )
    assert relay.is_running()
    assert relay.health().alive
    assert worker.is_running()
    assert len(set(worker.generations())) == 1, "the worker joined again"


@contextmanager
def missing(lab: Lab) -> Iterator[None]:
    """Delete the topic: a broker answers that the topic may still appear."""
    with _admin(lab) as admin:
        admin.delete_topics([DEAD_LETTERS])
    lab.wait_for(lambda: not held_offsets(lab.broker, [DEAD_LETTERS]), 10, "the topic to be gone")
    yield
    create_topics(lab.broker, partitions=lab.partitions, replication=1)


@contextmanager
def taking_nothing(lab: Lab) -> Iterator[None]:
    """Limit the topic to records smaller than any letter: a broker answers that it never takes them.

    min.insync.replicas has no effect on one broker: it counts no more replicas than exist (KIP-966).
    """
    _limit(lab, "100")
    yield
    _limit(lab, "1048588")


def _limit(lab: Lab, max_message_bytes: str) -> None:
    configs = {"max.message.bytes": max_message_bytes}
    with _admin(lab) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, DEAD_LETTERS, configs=configs)])


@contextmanager
def _admin(lab: Lab) -> Iterator[Any]:
    admin = KafkaAdminClient(**lab.broker.client_settings())
    try:
        yield admin
    finally:
        admin.close()


ROWS_HERE = (Row(13, "topic of dead letters unwritable", unwritable),)
