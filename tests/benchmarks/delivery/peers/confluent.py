"""The jobs on confluent-kafka alone: `consume`, commit by hand once a second, poison to a topic."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from confluent_kafka import Consumer, Producer

from tests.benchmarks.delivery.effects import STATEMENTS, parameters, plain_url
from tests.benchmarks.delivery.job import (
    BATCH_RECORDS,
    BATCH_SECONDS,
    COMMIT_SECONDS,
    FETCH_RECORDS,
    SESSION_SECONDS,
    UNDECODABLE,
    Detectors,
    Scores,
    Spec,
    decode_support,
    load_spec,
    usage_decoder,
)
from tests.benchmarks.delivery.progress import Progress


class UsageWork:
    """Decode and detect; nothing to write."""

    def __init__(self, spec: Spec) -> None:
        self._decode = usage_decoder()
        self._detectors = Detectors()
        self._progress = Progress(spec)

    def handle(self, messages: Sequence[Any]) -> None:
        """Feed the detectors."""
        decode, observe = self._decode, self._detectors.observe
        events = [decode(message.value()) for message in messages]
        for event in events:
            observe(event)
        self._progress.all(events)


class EffectWork:
    """Decode, score, one transaction per batch; poison goes to the dead letters before the commit."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._connection = psycopg.connect(plain_url(spec.database), autocommit=True)
        self._producer = Producer({"bootstrap.servers": spec.bootstrap, "enable.idempotence": True})
        self._scores = Scores()
        self._progress = Progress(spec)

    def handle(self, messages: Sequence[Any]) -> None:
        """Apply the batch's effects."""
        events = []
        for message in messages:
            try:
                events.append(decode_support(message.value()))
            except UNDECODABLE:
                self._producer.produce(self._spec.dead_letters, message.value(), message.key())
        self._producer.flush()
        if events:
            rows = parameters(events, self._scores.of(events))
            self._connection.execute(STATEMENTS[self._spec.idiom], rows)
        self._progress.all(events)


def consume(spec: Spec, work: Any) -> None:
    """Read, work, and commit finished records once a second."""
    consumer = Consumer(
        {
            "bootstrap.servers": spec.bootstrap,
            "group.id": spec.group,
            "group.instance.id": f"{spec.group}-0",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": int(SESSION_SECONDS * 1_000),
        }
    )
    consumer.subscribe([spec.topic])
    size = FETCH_RECORDS if spec.job == "usage" else BATCH_RECORDS
    committed, dirty = time.monotonic(), False
    while True:
        fetched = consumer.consume(size, BATCH_SECONDS)
        messages = [message for message in fetched if message.error() is None]
        if messages:
            work.handle(messages)
            dirty = True
        if dirty and time.monotonic() - committed >= COMMIT_SECONDS:
            consumer.commit(asynchronous=False)
            committed, dirty = time.monotonic(), False


def main(spec: Spec) -> None:
    """Run the spec's job until killed."""
    consume(spec, UsageWork(spec) if spec.job == "usage" else EffectWork(spec))


if __name__ == "__main__":
    main(load_spec())
