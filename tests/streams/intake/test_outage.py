"""The intake while its broker is away: refusals within seconds, no false success, automatic recovery."""

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest

from streams.embedded import EmbeddedKafka
from streams.intake import BrokerLink, Limits
from streams.kafka.brokers import Broker
from streams.kafka.topics import USAGE_EVENTS
from tests.sockets import LEFT_OPEN, sweep
from tests.streams.support.cluster import wait_until
from tests.streams.support.intake_service import JSON, Running, Service, Topic, dumps, running, usage

pytestmark = LEFT_OPEN

PATH = "/v1/usage-events"
ACK_SECONDS = 1.5


@pytest.fixture(scope="module")
def link(kafka: EmbeddedKafka) -> Iterator[Running]:
    with running(Broker(kafka.start()), ack_seconds=ACK_SECONDS) as found:
        yield found
    sweep()


def accepted_ids(service: Service, ids: list[str]) -> set[str]:
    """Send each event in its own request, all at once; return the ids that were answered with success."""
    answers = service.post_all([(PATH, dumps(usage(event_id=event_id)), JSON) for event_id in ids])
    assert {answer.status_code for answer in answers} <= {200, 503}
    return {event_id for event_id, answer in zip(ids, answers, strict=True) if answer.status_code == 200}


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_a_broker_that_is_away_means_503_within_seconds_and_its_return_is_noticed(
    kafka: EmbeddedKafka, link: Running, how: str
) -> None:
    service = link.service()
    assert kafka.pid is not None
    claimed = accepted_ids(service, [f"{how}-before-{n}" for n in range(50)])
    assert len(claimed) == 50
    os.kill(kafka.pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)

    started = time.monotonic()
    answer = service.post(PATH, dumps([usage(event_id=f"{how}-0"), usage(event_id=f"{how}-1")]))
    assert time.monotonic() - started < ACK_SECONDS + 1
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (answer.json()["error"], answer.json()["unacknowledged"]) == ("not_acknowledged", [0, 1])
    health = link.link.checks().health()
    assert (health.alive, health.ready) == (True, False)
    assert service.counted(USAGE_EVENTS, "unacknowledged") == 2
    claimed |= accepted_ids(service, [f"{how}-away-{n}" for n in range(50)])
    assert len(claimed) == 50

    if how == "killed":
        wait_until(lambda: not kafka.is_running())
        kafka.start()
    else:
        os.kill(kafka.pid, signal.SIGCONT)
    wait_until(lambda: link.link.checks().health().ready)
    claimed |= accepted_ids(service, [f"{how}-after-{n}" for n in range(50)])
    assert len(claimed) == 100
    topic = Topic(kafka.start(), USAGE_EVENTS, from_start=True)
    found = {json.loads(record.value)["event_id"] for record in topic.new()}
    assert claimed <= found
    topic.close()


def test_the_memory_of_an_outage_is_bounded_and_released(kafka: EmbeddedKafka, link: Running) -> None:
    service = link.service(limits=Limits(1_000_000, 1_000_000))
    assert kafka.pid is not None
    os.kill(kafka.pid, signal.SIGSTOP)
    body = dumps([usage(note="x" * 2_000) for _ in range(100)])
    errors: list[str] = []
    for _ in range(3):
        answers = service.post_all([(PATH, body, JSON)] * 3)
        errors += [answer.json()["error"] for answer in answers]
    in_flight = service.metrics.registry.get_sample_value("rapport_intake_in_flight_bytes") or 0.0
    os.kill(kafka.pid, signal.SIGCONT)
    assert errors.count("not_acknowledged") == 3
    assert set(errors[3:]) == {"broker_away"}
    assert 600_000 < in_flight <= 1_000_000
    registry = service.metrics.registry
    wait_until(lambda: registry.get_sample_value("rapport_intake_in_flight_bytes") == 0.0)
    assert service.post(PATH, body).status_code == 200


def test_a_producer_that_stops_delivering_is_replaced_and_releases_its_memory(
    kafka: EmbeddedKafka, link: Running
) -> None:
    service = link.service()
    wait_until(lambda: link.link.checks().health().ready)
    value = service.metrics.registry.get_sample_value
    assert kafka.pid is not None
    os.kill(kafka.pid, signal.SIGSTOP)
    assert service.post(PATH, dumps(usage())).status_code == 503
    assert value("rapport_intake_in_flight_bytes") != 0
    former = link.link._producer
    link.loop.call_soon_threadsafe(link.link._broken.set)
    wait_until(lambda: value("rapport_intake_in_flight_bytes") == 0)
    os.kill(kafka.pid, signal.SIGCONT)
    wait_until(lambda: link.link.checks().health().ready)
    assert link.link._producer is not former
    assert service.post(PATH, dumps(usage())).status_code == 200


def test_before_the_first_connection_requests_are_refused_at_once(link: Running) -> None:
    unserved = Running(BrokerLink(Broker("127.0.0.1:1"), {USAGE_EVENTS: 8}, ack_seconds=5.0), link.loop)
    service = unserved.service()
    started = time.monotonic()
    answer = service.post(PATH, dumps(usage()))
    assert (answer.status_code, answer.json()["unacknowledged"]) == (503, [0])
    assert time.monotonic() - started < 1.0
    assert unserved.link.checks().health().reason == "waiting for the broker"


def test_a_topic_with_another_number_of_partitions_is_refused_in_one_sentence(
    kafka: EmbeddedKafka, link: Running
) -> None:
    for name, said in (
        (USAGE_EVENTS, "has 8 partitions, but RAPPORT_TOPIC_PARTITIONS says 3"),
        ("no", "create"),
    ):
        other = Running(BrokerLink(Broker(kafka.start()), {name: 3}, ack_seconds=5.0), link.loop)
        other.service().run(other.link.serve())
        assert other.link.refusal is not None
        assert said in other.link.refusal
