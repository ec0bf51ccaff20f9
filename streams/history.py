"""Read again what a partition still holds, from its beginning up to an offset: to make lost state anew."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.consume import RawRecord, Unavailable
from streams.kafka import Broker

POLL_MILLISECONDS: Final = 1_000
POLL_RECORDS: Final = 5_000
SILENT_POLLS: Final = 10
"""After so many polls without a record the broker counts as away."""

History = Callable[[int, int], Iterable[RawRecord]]
"""(partition, end offset) -> the records below it that the broker still has, in order."""


def history_of(broker: Broker, topic: str) -> History:
    """Return how to read a topic's partitions again, in no group and without committing anything.

    Reading raises Unavailable where the broker is away.
    """

    def read(partition: int, end: int) -> Iterator[RawRecord]:
        try:
            consumer = KafkaConsumer(**broker.client_settings(), enable_auto_commit=False, group_id=None)
            try:
                yield from _read(consumer, TopicPartition(topic, partition), end)
            finally:
                consumer.close()
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error

    return read


def _read(consumer: Any, place: TopicPartition, end: int) -> Iterator[RawRecord]:
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end = min(end, int(consumer.end_offsets([place])[place]))
    silent = 0
    while consumer.position(place) < end:
        records = consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS).get(place, [])
        silent = 0 if records else silent + 1
        if silent >= SILENT_POLLS:
            raise Unavailable("the broker sends nothing", dependency="broker")
        for record in records:
            if record.offset >= end:
                return
            yield record
