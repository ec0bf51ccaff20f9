"""Row 16: events up to ten minutes out of order give the results of sorted events; later ones are `late`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schemas import UsageEvent
from streams.kafka.topics import USAGE_EVENTS
from tests.faults.lab import Lab
from tests.faults.rows import Plan, Row, Tally
from tests.faults.stories import message, moved, shuffled, usage_story

BOUND = timedelta(minutes=10)
TOO_LATE = timedelta(hours=5)
LATE = 200


@dataclass(frozen=True)
class Seen:
    """The results of one pass over the events."""

    anomalies: list[Any]
    states: list[Any]


def out_of_order(plan: Plan, tally: Tally) -> None:
    story = usage_story(plan.pick(12, 4), falling=3)
    in_order = _seen(plan, tally, story, stragglers=())
    assert len(in_order.anomalies) >= 3, "the story has no anomalies to compare"
    for repeat in range(plan.repeats_or(3, 1)):
        events = shuffled(story, within=BOUND, seed=plan.seed + repeat)
        assert events != story
        mixed = _seen(plan, tally, events, stragglers=_stragglers(story))
        assert mixed.anomalies == in_order.anomalies, "anomalies differ from those of sorted events"
        assert mixed.states == in_order.states, "windows differ from those of sorted events"
        tally.repeats += 1
    tally.notes.append(f"{len(in_order.anomalies)} anomalies, {LATE} records too late")


def _stragglers(story: Sequence[UsageEvent]) -> list[UsageEvent]:
    """Return copies of the newest events, dated hours before them."""
    newest = story[-LATE:]
    return [moved(event, f"late-{place}", event.occurred_at - TOO_LATE) for place, event in enumerate(newest)]


def _seen(
    plan: Plan, tally: Tally, events: Sequence[UsageEvent], *, stragglers: Sequence[UsageEvent]
) -> Seen:
    with Lab(partitions=3, seed=plan.seed) as lab:
        relay, worker = lab.start_relay(), lab.start_worker("usage")
        lab.wait_ready(relay, worker)
        lab.send(USAGE_EVENTS, [message(event) for event in events])
        lab.inputs.usage.good += len(events)
        lab.wait_drained("usage")
        lab.send(USAGE_EVENTS, [message(event) for event in stragglers])
        lab.inputs.usage.duplicates += len(stragglers)
        lab.wait_drained("usage")
        lab.wait_published()
        tally.take(lab.check("usage"))
        late = lab.number("SELECT sum(late) FROM partition_progress")
        assert late == len(stragglers), f"{late} records counted late, not {len(stragglers)}"
        labels = {"fate": "late"}
        lab.wait_until(lambda: worker.metric("rapport_records_total", **labels) == late, 10, "the metric")
        tally.next_lab()
        return Seen(
            lab.rows("SELECT anomaly_id, record FROM anomalies ORDER BY 1"),
            lab.rows("SELECT partition, account_id, state FROM detector_states ORDER BY 1, 2"),
        )


ROWS_HERE = (Row(16, "out of order by 10 minutes, and later", out_of_order),)
