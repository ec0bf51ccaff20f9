"""All poison among good records, on the real broker, through worker processes: nothing is lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from schemas import Sentiment
from streams.kafka.topics import SIGNALS, TICKETS, USAGE_EVENTS
from streams.operate.ledger import ledger
from streams.process.version import build_id
from tests.faults.inputs import Message
from tests.faults.inputs import ticket as good_ticket
from tests.faults.inputs import usage as good_usage
from tests.faults.lab import Lab
from tests.faults.poison import Poison, signal_poisons, ticket_poisons, usage_poisons
from tests.faults.poison_sending import Placed, PoisonSender, letters_of, wrong_letters
from tests.streams.support.samples import WHEN

GOOD_PER_POISON = 4


@dataclass(frozen=True)
class Part:
    """One group, its topic and its poison."""

    kind: str
    topic: str
    poisons: Sequence[Poison]


PARTS = (
    Part("sentiment", TICKETS, ticket_poisons()),
    Part("usage", USAGE_EVENTS, usage_poisons()),
    Part("churn", SIGNALS, signal_poisons()),
)


def good_mood(number: int) -> Message:
    account_id = f"a{number % 40}"
    sentiment = Sentiment(
        event_id=f"m{number}",
        ticket_id=f"t{number}",
        account_id=account_id,
        label="neutral",
        probabilities=(0.0, 1.0, 0.0),
        score=0.0,
        model="test",
        occurred_at=WHEN,
        scored_at=WHEN,
    )
    return account_id.encode(), sentiment.to_bytes()


GOOD = {"sentiment": good_ticket, "usage": good_usage, "churn": good_mood}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(partitions=2, on_the_clock=False) as started:
        yield started


def send_all(lab: Lab, part: Part) -> tuple[int, list[Placed]]:
    """Send every poison with good records around it; return the number of records and the placed poison."""
    sender, good = PoisonSender(lab.broker, part.topic), iter(range(1_000_000))
    for poison in part.poisons:
        sender.send_good(GOOD[part.kind](next(good)) for _ in range(GOOD_PER_POISON))
        sender.send(poison)
    return sender.finish()


def is_ours(event: dict[str, object]) -> bool:
    """Tell whether a log line is an error of the service, not a client's line about a starting broker."""
    return event.get("level") in {"error", "critical"} and str(event.get("logger")).startswith("streams")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.kind)
def test_each_poison_has_its_fate_each_good_record_its_effect_and_the_worker_stays_up(
    lab: Lab, part: Part
) -> None:
    worker = lab.start_worker(part.kind)
    sent, placed = send_all(lab, part)
    lab.wait_drained(part.kind, seconds=60)
    letters = letters_of(lab.engine, part.kind)
    assert wrong_letters(placed, letters, build_id()) == []
    bad = [record.poison for record in placed if record.poison.is_dead_letter]
    balance = ledger(lab.engine, lab.broker)[part.topic].groups[part.kind]
    dropped = sum(poison.fate in {"duplicate", "late"} for poison in part.poisons)
    assert (balance.inputs, balance.gap, balance.in_flight) == (sent, 0, 0)
    assert (balance.dead_letters, balance.dropped) == (len(bad), dropped)
    assert balance.effects == sent - len(bad) - dropped
    assert worker.is_running()
    assert worker.ready().ready
    assert "Traceback" not in worker.log()
    assert [event for event in worker.events() if is_ours(event)] == []
    assert worker.terminate()[0] == 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_records_in_any_of_kafkas_codecs_are_read(lab: Lab, codec: str) -> None:
    """Producers or the topic choose the codec; a worker without it never makes progress."""
    admin = KafkaAdminClient(**lab.broker.client_settings())
    configs = {"compression.type": codec}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TICKETS, configs=configs)])
    admin.close()
    # Own ids, because another test has sent the first ids.
    first = 100_000 + 1_000 * ("gzip", "snappy", "lz4", "zstd").index(codec)
    lab.send(TICKETS, [good_ticket(first + number) for number in range(50)])
    worker = lab.start_worker("sentiment")
    lab.wait_drained("sentiment", seconds=30)
    assert worker.terminate()[0] == 0
