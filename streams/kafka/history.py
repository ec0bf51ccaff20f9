"""Read the records of a partition again: to rebuild lost state, and to find skipped records.

Records of a transaction are read once it is committed, as the workers read them.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.kafka import record_batches
from streams.kafka.brokers import Broker
from streams.kafka.records import RawRecord
from streams.process.errors import Unavailable

POLL_MILLISECONDS: Final = 1_000
POLL_RECORDS: Final = 5_000
SILENT_POLLS: Final = 10
"""After so many polls without progress the broker counts as away."""

History = Callable[[int, int], Iterable[RawRecord]]
"""(partition, end offset) -> the records below it that the broker still has, in order."""

HasRecords = Callable[[int, int, int], bool]
"""(partition, begin, end) -> whether the broker has a record from `begin` to below `end`."""


def history_of(broker: Broker, topic: str) -> History:
    """Return a function that reads a topic's partitions again, in no consumer group and without a commit.

    It must not be called where an event loop runs: it reads in a loop of its own. Reading raises
    Unavailable if the broker is away.
    """
    return lambda partition, end: records_between(broker, TopicPartition(topic, partition), 0, end)


def has_records_of(broker: Broker, topic: str) -> HasRecords:
    """Return a function that tells whether a partition has a record in a range, as `history_of` reads."""

    def has_records(partition: int, begin: int, end: int) -> bool:
        with closing(records_between(broker, TopicPartition(topic, partition), begin, end)) as records:
            return next(records, None) is not None

    return has_records


def records_between(
    broker: Broker, place: TopicPartition, begin: int, end: int
) -> Generator[RawRecord, None, None]:
    """Yield the records of a partition from `begin` to below `end`, in order; limits as for `history_of`."""
    if begin >= end:
        return
    with asyncio.Runner() as runner:
        consumer = runner.run(_connected(broker))
        try:
            runner.run(_go_to(consumer, {place: begin}))
            yield from _read(runner, consumer, place, end)
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error
        finally:
            runner.run(consumer.stop())


class Span(NamedTuple):
    """Offsets of a partition from `begin` to below `end`."""

    topic: str
    partition: int
    begin: int
    end: int


def empty_spans(broker: Broker, spans: Iterable[Span]) -> set[Span]:
    """Return the spans in which the broker has no readable record; limits as for `history_of`."""
    rest, empty = set(spans), set[Span]()
    if not rest:
        return empty
    with asyncio.Runner() as runner:
        consumer = runner.run(_connected(broker))
        try:
            while rest:
                # A client has one position in a partition, so spans of the same partition take turns.
                some = {TopicPartition(span.topic, span.partition): span for span in rest}
                empty |= runner.run(_without_records(consumer, some))
                rest -= set(some.values())
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error
        finally:
            runner.run(consumer.stop())
    return empty


async def _without_records(consumer: Any, spans: Mapping[TopicPartition, Span]) -> set[Span]:
    await _go_to(consumer, {place: span.begin for place, span in spans.items()})
    undecided, empty, silent = dict(spans), set[Span](), 0
    positions: dict[TopicPartition, int] = {}
    while undecided and silent < SILENT_POLLS:
        found = await consumer.getmany(*undecided, timeout_ms=POLL_MILLISECONDS)
        before, positions = positions, {place: await consumer.position(place) for place in undecided}
        silent = 0 if positions != before else silent + 1
        for place, position in positions.items():
            first = found[place][0].offset if found.get(place) else position
            if first >= spans[place].end:
                empty.add(spans[place])
            if found.get(place) or first >= spans[place].end:
                del undecided[place]
    if undecided:
        raise Unavailable("the broker sends nothing", dependency="broker")
    return empty


async def _connected(broker: Broker) -> Any:
    record_batches.install()
    consumer = AIOKafkaConsumer(
        **broker.client_settings(),
        enable_auto_commit=False,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    try:
        await consumer.start()
    except KafkaError as error:
        await consumer.stop()
        raise Unavailable(type(error).__name__, dependency="broker") from error
    return consumer


async def _go_to(consumer: Any, places: Mapping[TopicPartition, int]) -> None:
    """Read partitions from the given offsets on; if an offset is deleted, from the oldest record there is."""
    consumer.assign(list(places))
    for place, offset in places.items():
        consumer.seek(place, offset)


def _read(runner: Any, consumer: Any, place: TopicPartition, end: int) -> Iterator[RawRecord]:
    end = min(end, runner.run(consumer.end_offsets([place]))[place])
    silent, position = 0, runner.run(consumer.position(place))
    while position < end:
        batch = consumer.getmany(place, timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS)
        records = runner.run(batch).get(place, [])
        before, position = position, runner.run(consumer.position(place))
        # The client passes over offsets without a record, such as an aborted transaction, in silence.
        silent = 0 if position > before else silent + 1
        if silent >= SILENT_POLLS:
            raise Unavailable("the broker sends nothing", dependency="broker")
        for record in records:
            if record.offset >= end:
                return
            yield record
