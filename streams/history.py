"""Read again what a partition still holds: to make lost state anew, and to find what was left out."""

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams import record_batches
from streams.consume import RawRecord, Unavailable
from streams.kafka import Broker

POLL_MILLISECONDS: Final = 1_000
POLL_RECORDS: Final = 5_000
SILENT_POLLS: Final = 10
"""After so many polls without a record the broker counts as away."""

History = Callable[[int, int], Iterable[RawRecord]]
"""(partition, end offset) -> the records below it that the broker still has, in order."""

Holds = Callable[[int, int, int], bool]
"""(partition, begin, end) -> whether the broker has a record from `begin` to below `end`."""


def history_of(broker: Broker, topic: str) -> History:
    """Return how to read a topic's partitions again, in no group and without committing anything.

    Not to be called where an event loop runs: it reads on one of its own. Reading raises Unavailable
    where the broker is away.
    """
    return lambda partition, end: records_between(broker, TopicPartition(topic, partition), 0, end)


def holds_of(broker: Broker, topic: str) -> Holds:
    """Return how to ask whether a topic's partition has a record in a range; as for `history_of`."""

    def holds(partition: int, begin: int, end: int) -> bool:
        with closing(records_between(broker, TopicPartition(topic, partition), begin, end)) as records:
            return next(records, None) is not None

    return holds


def records_between(
    broker: Broker, place: TopicPartition, begin: int, end: int
) -> Generator[RawRecord, None, None]:
    """Yield the records of a partition from an offset to below another, in order; as for `history_of`."""
    if begin >= end:
        return
    with asyncio.Runner() as runner:
        consumer = runner.run(_connected(broker, place, begin))
        try:
            yield from _read(runner, consumer, place, end)
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error
        finally:
            runner.run(consumer.stop())


async def _connected(broker: Broker, place: TopicPartition, begin: int) -> Any:
    record_batches.install()
    consumer = AIOKafkaConsumer(
        **broker.client_settings(), enable_auto_commit=False, group_id=None, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        consumer.assign([place])
        if begin:
            # Where retention has taken it, the consumer goes on at the oldest record there is.
            consumer.seek(place, begin)
        else:
            await consumer.seek_to_beginning(place)
    except KafkaError as error:
        await consumer.stop()
        raise Unavailable(type(error).__name__, dependency="broker") from error
    return consumer


def _read(runner: Any, consumer: Any, place: TopicPartition, end: int) -> Iterator[RawRecord]:
    end = min(end, runner.run(consumer.end_offsets([place]))[place])
    silent = 0
    while runner.run(consumer.position(place)) < end:
        batch = consumer.getmany(place, timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS)
        records = runner.run(batch).get(place, [])
        silent = 0 if records else silent + 1
        if silent >= SILENT_POLLS:
            raise Unavailable("the broker sends nothing", dependency="broker")
        for record in records:
            if record.offset >= end:
                return
            yield record
