"""The jobs on aiokafka alone: `getmany`, commit by hand once a second, poison to a dead letter topic."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

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

    async def handle(self, records: Sequence[Any]) -> None:
        """Feed the detectors."""
        decode, observe = self._decode, self._detectors.observe
        events = [decode(record.value) for record in records]
        for event in events:
            observe(event)
        self._progress.all(events)


class EffectWork:
    """Decode, score, one transaction per batch; poison goes to the dead letters before the commit."""

    def __init__(self, spec: Spec, connection: Any, producer: AIOKafkaProducer) -> None:
        self._spec = spec
        self._connection = connection
        self._producer = producer
        self._scores = Scores()
        self._progress = Progress(spec)

    async def handle(self, records: Sequence[Any]) -> None:
        """Apply the batch's effects."""
        events = []
        for record in records:
            try:
                events.append(decode_support(record.value))
            except UNDECODABLE:
                await self._producer.send_and_wait(self._spec.dead_letters, record.value, record.key)
        if events:
            rows = parameters(events, self._scores.of(events))
            await self._connection.execute(STATEMENTS[self._spec.idiom], rows)
        self._progress.all(events)


async def consume(spec: Spec, work: Any) -> None:
    """Read, work, and commit finished records once a second."""
    consumer = AIOKafkaConsumer(
        spec.topic,
        bootstrap_servers=spec.bootstrap,
        group_id=spec.group,
        group_instance_id=f"{spec.group}-0",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=int(SESSION_SECONDS * 1_000),
    )
    await consumer.start()
    usage = spec.job == "usage"
    size, wait_ms = (FETCH_RECORDS, 50) if usage else (BATCH_RECORDS, int(BATCH_SECONDS * 1_000))
    committed, dirty = time.monotonic(), False
    while True:
        fetched = await consumer.getmany(timeout_ms=wait_ms, max_records=size)
        for records in fetched.values():
            await work.handle(records)
            dirty = True
        if dirty and time.monotonic() - committed >= COMMIT_SECONDS:
            await consumer.commit()
            committed, dirty = time.monotonic(), False


async def main(spec: Spec) -> None:
    """Run the spec's job until killed."""
    if spec.job == "usage":
        await consume(spec, UsageWork(spec))
    producer = AIOKafkaProducer(bootstrap_servers=spec.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    connection = await psycopg.AsyncConnection.connect(plain_url(spec.database), autocommit=True)
    await consume(spec, EffectWork(spec, connection, producer))


if __name__ == "__main__":
    asyncio.run(main(load_spec()))
