"""The lean part of the rows about bad, doubled, late and foreign inputs: all on one lab, one after the other.

Row 11 (poison among good records) is `test_poison_broker.py`; its latencies need the full row.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from detectors.usage import UsagePolicy
from schemas import UsageEvent
from streams.kafka.topics import USAGE_EVENTS
from streams.usage.handler import handle
from streams.usage.states import PartitionDetectors
from tests.faults.lab import Lab
from tests.faults.rows import Plan, Tally
from tests.faults.rows.row_12_flood import flood_one_partition
from tests.faults.rows.row_13_dead_letter_topic import break_the_topic, taking_nothing
from tests.faults.rows.row_14_redrive import redrive_all_letters_twice
from tests.faults.rows.row_16_out_of_order import BOUND, TOO_LATE
from tests.faults.rows.row_23_versions import change_versions_of_states, change_versions_of_tickets
from tests.faults.stories import message, moved, shuffled, usage_story

PLAN = Plan(quick=True, inputs=400)
LATE = 20
LEFT_BEHIND = "SELECT partition, account_id, state FROM detector_states ORDER BY 1, 2"
ANOMALIES = "SELECT anomaly_id FROM anomalies ORDER BY 1"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(partitions=3, seed=1, on_the_clock=False) as started:
        started.start_relay()
        yield started


def test_a_flood_of_poison_pauses_its_partition_alone_until_a_person_resumes_it(lab: Lab) -> None:
    flood_one_partition(lab, PLAN, Tally())


def test_letters_that_are_sent_again_twice_have_one_effect(lab: Lab) -> None:
    redrive_all_letters_twice(lab, PLAN, Tally())


def test_letters_wait_in_the_outbox_while_their_topic_takes_no_records(lab: Lab) -> None:
    break_the_topic(lab, lab.workers[0], PLAN, Tally(), (taking_nothing,))


def test_versions_change_back_and_forth_without_a_lost_record(lab: Lab) -> None:
    change_versions_of_tickets(lab, PLAN, Tally())


def test_the_next_versions_states_are_set_aside_and_built_again(lab: Lab) -> None:
    change_versions_of_states(lab, Plan(quick=True, inputs=2_000), Tally())


def test_disorder_duplicates_and_replays_of_usage_give_the_results_of_one_sorted_pass(lab: Lab) -> None:
    story = usage_story(2, falling=1)
    late = [
        moved(event, f"late-{place}", event.occurred_at - TOO_LATE)
        for place, event in enumerate(story[-LATE:])
    ]
    messages = [message(event) for event in shuffled(story, within=BOUND, seed=1)]
    chance = Random(1)
    again = chance.sample(messages, len(messages) // 10)
    worker = lab.start_worker("usage")
    before, known = lab.rows(LEFT_BEHIND), lab.rows(ANOMALIES)
    lab.send(USAGE_EVENTS, messages)
    lab.inputs.usage.good += len(story)
    lab.wait_drained("usage")
    states, anomalies = lab.rows(LEFT_BEHIND), lab.rows(ANOMALIES)
    wanted = _found_by_one_sorted_pass(before, states, story)
    assert wanted
    assert {row[0] for row in anomalies} - {row[0] for row in known} == wanted
    for more in (again, [message(event) for event in late], messages, messages):
        lab.send(USAGE_EVENTS, more)
        lab.inputs.usage.duplicates += len(more)
    lab.wait_drained("usage")
    assert (lab.rows(LEFT_BEHIND), lab.rows(ANOMALIES)) == (states, anomalies)
    assert lab.number("SELECT sum(late) FROM partition_progress WHERE consumer_group = 'usage'") >= LATE
    lab.wait_published()
    lab.check("usage").demand()
    assert worker.terminate()[0] == 0


def _found_by_one_sorted_pass(
    before: Sequence[Any], after: Sequence[Any], story: Sequence[UsageEvent]
) -> set[str]:
    """Return the ids of the anomalies of a sorted pass that begins with the states of `before`.

    The rows before this one leave accounts and a learned budget in the partitions; both decide with the
    story's events what is found. `after` tells which account belongs to which partition.
    """
    found: set[str] = set()
    for number in {row[0] for row in after}:
        partition = PartitionDetectors()
        assert not partition.load((account, bytes(state)) for at, account, state in before if at == number)
        accounts = {account for at, account, _ in after if at == number}
        events = [event for event in story if event.account_id in accounts]
        found |= {anomaly.anomaly_id for anomaly in handle(partition, events, UsagePolicy())[1]}
    return found


def test_the_bound_of_the_shuffle_is_the_lateness_that_the_detector_allows() -> None:
    assert BOUND == timedelta(minutes=UsagePolicy().lateness_minutes)
