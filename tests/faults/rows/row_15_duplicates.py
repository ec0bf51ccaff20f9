"""Row 15: a tenth of the records twice, then both topics twice again: the results equal those of one pass."""

import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from detectors.usage import UsagePolicy
from schemas import UsageEvent
from streams.consume.decode import UsageDecoder
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.usage.handler import handle
from streams.usage.sealing import sealed
from streams.usage.states import PartitionDetectors
from tests.faults.checks import chunks
from tests.faults.inputs import DUPLICATE_DISTANCE, Message
from tests.faults.lab import Lab
from tests.faults.rows import Plan, Row, Tally
from tests.faults.stories import message, usage_story

DUPLICATES = 0.1
PASSES_MORE = 2
SETTLED_SECONDS = 8.0
"""Longer than the shared clock of the churn group waits for slower partitions."""

LEFT_BEHIND = {
    "sentiments": "SELECT event_id, record - 'scored_at' FROM sentiments ORDER BY 1",
    "anomalies": "SELECT anomaly_id, record FROM anomalies ORDER BY 1",
    "detector states": "SELECT partition, account_id, state FROM detector_states ORDER BY 1, 2",
    "churn alerts": "SELECT alert_id, record, state FROM churn_alerts ORDER BY 1",
    "incidents": "SELECT incident_id, record FROM incidents ORDER BY 1",
    "account health": "SELECT health_key, state FROM account_health WHERE scope = 'account' ORDER BY 1",
    "drafts": "SELECT draft_id, state, record - 'created_at' FROM drafts ORDER BY 1",
    "outbox": "SELECT topic, headers->0->>1, count(*) FROM outbox GROUP BY 1, 2 ORDER BY 1, 2",
}


def everything_again(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=3, seed=plan.seed) as lab:
        kinds = ["sentiment", "usage", "churn", *([] if plan.quick else ["drafting"])]
        workers = [lab.start_relay(), *(lab.start_worker(kind) for kind in kinds)]
        lab.wait_ready(*workers)
        tickets = lab.inputs.more_tickets(plan.inputs_or(6_000, 600), duplicates=DUPLICATES)
        usage = _usage(lab, plan)
        _send_and_settle(lab, kinds, tickets, usage)
        first = {name: lab.rows(query) for name, query in LEFT_BEHIND.items()}
        _demand_a_story(first, tally)
        _demand_as_without_duplicates(lab)
        for _ in range(PASSES_MORE):
            lab.inputs.tickets.duplicates += len(tickets)
            lab.inputs.usage.duplicates += len(usage)
            _send_and_settle(lab, kinds, tickets, usage)
            for name, query in LEFT_BEHIND.items():
                assert lab.rows(query) == first[name], f"{name} differ from those of one pass"
            tally.repeats += 1
        tally.take(lab.check(*kinds))
        assert all(worker.is_running() for worker in workers)


def _usage(lab: Lab, plan: Plan) -> list[Message]:
    """Return the story of some accounts, with every tenth event a second time, soon after the first time."""
    story = usage_story(plan.pick(12, 4), falling=3)
    messages, chance = [message(event) for event in story], Random(plan.seed)
    twice = sorted(chance.sample(range(len(messages)), int(DUPLICATES * len(messages))), reverse=True)
    for place in twice:
        later = min(len(messages), place + chance.randint(1, DUPLICATE_DISTANCE))
        messages.insert(later, messages[place])
    lab.inputs.usage.good += len(story)
    lab.inputs.usage.duplicates += len(twice)
    return messages


def _send_and_settle(lab: Lab, kinds: Sequence[str], tickets: list[Message], usage: list[Message]) -> None:
    lab.send(TICKETS, tickets)
    lab.send(USAGE_EVENTS, usage)
    for kind in ("sentiment", "usage"):
        lab.wait_drained(kind)
    lab.wait_published()
    lab.wait_drained("churn")
    _wait_settled(lab)
    lab.wait_published()
    for kind in kinds:
        lab.wait_drained(kind)
    lab.wait_published()


def _wait_settled(lab: Lab) -> None:
    """Wait until no alert was released for 8 s."""
    count, since = -1, time.monotonic()
    while time.monotonic() - since < SETTLED_SECONDS:
        if (now := lab.number("SELECT count(*) FROM churn_alerts")) != count:
            count, since = now, time.monotonic()
        time.sleep(0.2)


def _demand_a_story(first: dict[str, list[object]], tally: Tally) -> None:
    counts = {name: len(rows) for name, rows in first.items() if name not in {"detector states", "outbox"}}
    tally.notes.append(", ".join(f"{count:,} {name}" for name, count in counts.items() if count))
    assert counts["anomalies"] >= 3
    assert counts["churn alerts"] >= 2


def _demand_as_without_duplicates(lab: Lab) -> None:
    """Compare the states with those of a run over the same records, each event once."""
    decode, known = UsageDecoder(UsageEvent), set[str]()
    partitions: dict[int, PartitionDetectors] = {}
    for number, records in chunks(lab.broker, USAGE_EVENTS, Counter()):
        events = [event for record in records if (event := decode(record.value)).event_id not in known]
        fresh = list({event.event_id: event for event in events}.values())
        known |= {event.event_id for event in fresh}
        handle(partitions.setdefault(number, PartitionDetectors()), fresh, UsagePolicy())
    wanted = {
        (number, account_id): sealed(detector)
        for number, partition in partitions.items()
        for account_id, detector in partition.detectors.items()
    }
    rows = lab.rows(LEFT_BEHIND["detector states"])
    found = {(number, account_id): bytes(state) for number, account_id, state in rows if account_id}
    assert found == wanted, "states differ from those without duplicates"


ROWS_HERE = (Row(15, "10 % duplicates, then all of it twice", everything_again),)
