"""Records that were skipped, for any reason, are read again before the records after them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.store import progress
from streams.consume.steps import Steps
from streams.kafka.link import ConsumerLink, ReadPosition
from streams.process.clock import utc_now
from tests.streams.support.rig import GROUP, TOPIC, CountedChunk, Rig, chunk, chunk_of

PLACE = progress.Place(GROUP, TOPIC, 0)


@dataclass
class Broker:
    """The offsets of a partition on the broker, the seeks and the questions that it got."""

    offsets: set[int]
    sought: list[tuple[int, int]] = field(default_factory=list)
    reads: dict[int, ReadPosition] = field(default_factory=dict)
    asked: list[tuple[int, int, int]] = field(default_factory=list)

    def has_records(self, partition: int, begin: int, end: int) -> bool:
        self.asked.append((partition, begin, end))
        return any(begin <= offset < end for offset in self.offsets)

    async def seek(self, partition: int, offset: int) -> None:
        self.sought.append((partition, offset))

    def rig(self, engine: Engine) -> Rig:
        return Rig(engine, link=lambda rig: self.link())

    def link(self) -> ConsumerLink:
        return ConsumerLink(
            lambda: 1, has_records=self.has_records, seek=self.seek, read_positions=lambda: self.reads
        )


def numbers(start: int, count: int) -> CountedChunk:
    return chunk(list(range(100 + start, 100 + start + count)), start=start)


def begun_at(origin: int, arrived: CountedChunk) -> CountedChunk:
    arrived.first_read_offset = origin
    return arrived


def test_records_skipped_after_a_restart_are_read_again_first(engine: Engine) -> None:
    broker = Broker(set(range(20)))
    broker.rig(engine).play(numbers(0, 5))
    later = broker.rig(engine)
    later.play(numbers(9, 4))
    assert (broker.sought, later.doubled()) == ([(0, 5)], list(range(100, 105)))
    later.play(numbers(5, 4), numbers(9, 4))
    assert later.doubled() == list(range(100, 113))


def test_a_chunk_dropped_between_two_others_is_read_again(engine: Engine) -> None:
    broker = Broker(set(range(20)))
    rig = broker.rig(engine)
    rig.play(numbers(0, 5), numbers(8, 2), numbers(5, 5), numbers(10, 3))
    assert set(broker.sought) == {(0, 5)}
    assert rig.doubled() == list(range(100, 113))


def test_a_chunk_dropped_before_the_first_claim_ever_is_read_again(engine: Engine) -> None:
    broker = Broker(set(range(20)))
    rig = broker.rig(engine)
    rig.play(begun_at(0, numbers(6, 3)), begun_at(0, numbers(0, 9)))
    assert (broker.sought, rig.doubled()) == ([(0, 0)], list(range(100, 109)))


def test_a_group_that_begins_in_the_middle_begins_there(engine: Engine) -> None:
    broker = Broker(set(range(20)))
    rig = broker.rig(engine)
    rig.play(begun_at(6, numbers(6, 3)))
    assert (broker.sought, rig.rows("SELECT first_offset FROM partition_progress")) == ([], [(6,)])


def test_offsets_without_records_delay_nothing(engine: Engine) -> None:
    broker = Broker({0, 1, 7, 8})
    rig = broker.rig(engine)
    rig.play(numbers(0, 2), numbers(7, 2))
    assert (broker.sought, rig.doubled()) == ([], [100, 101, 107, 108])


def played(engine: Engine, broker: Broker, arrived: CountedChunk, *, reads: dict[int, ReadPosition]) -> Rig:
    """Play a chunk; afterwards the client is at the positions `reads`."""
    rig = broker.rig(engine)
    rig.play(arrived)
    broker.reads = reads
    return rig


def rest(rig: Rig, *, turns: int = 10) -> None:
    """Let the pipeline of the last `play` rest for so many turns."""

    async def look(steps: Steps) -> None:
        for _ in range(turns):
            await steps.look_at_resting_partitions()

    assert rig.pipeline is not None
    asyncio.run(look(rig.pipeline.steps))


def test_a_chunk_dropped_at_the_end_of_a_partition_is_read_again(engine: Engine) -> None:
    broker = Broker(set(range(9)))
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 9)})
    rest(rig, turns=5)
    assert broker.sought == []
    rest(rig, turns=1)
    assert broker.sought == [(0, 5)]


def test_a_partition_read_to_its_end_is_left_alone(engine: Engine) -> None:
    broker = Broker(set(range(9)))
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 5), 1: ReadPosition(7, 7)})
    rest(rig)
    assert broker.sought == []


def test_a_partition_whose_first_records_never_came_is_read_from_its_beginning(engine: Engine) -> None:
    broker = Broker(set(range(9)))
    rig = played(engine, broker, chunk([1], partition=1), reads={0: ReadPosition(3, 9)})
    rest(rig, turns=6)
    assert broker.sought == [(0, 3)]


PROGRESS = "SELECT partition, first_offset, next_offset, effects, holes FROM partition_progress ORDER BY 1"


def test_the_end_of_a_transaction_is_asked_for_once_and_passed_over(engine: Engine) -> None:
    broker = Broker(set(range(5)))
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 6)})
    rest(rig, turns=30)
    assert (broker.sought, broker.asked) == ([], [(0, 5, 6)])
    assert rig.rows(PROGRESS) == [(0, 0, 6, 5, 1)]


def test_a_partition_that_never_had_a_record_is_passed_over_as_well(engine: Engine) -> None:
    broker = Broker(set())
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 5), 3: ReadPosition(7, 9)})
    rest(rig)
    assert rig.rows(PROGRESS) == [(0, 0, 5, 5, 0), (3, 7, 9, 0, 2)]


def test_nothing_is_passed_over_for_an_owner_that_lost_the_partition_meanwhile(engine: Engine) -> None:
    broker = Broker(set(range(5)))
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 9)})
    assert rig.pipeline is not None
    transactions: Any = rig.pipeline.transactions
    write = transactions.write

    def robbed(*arguments: Any) -> Any:
        with Session(engine) as session, session.begin():
            progress.claim(session, PLACE, first_offset=0, owner="other", now=utc_now())
        transactions.write = write
        return write(*arguments)

    transactions.write = robbed
    rest(rig, turns=6)
    assert rig.rows(PROGRESS) == [(0, 0, 5, 5, 0)]
    rest(rig, turns=5)
    assert rig.rows(PROGRESS) == [(0, 0, 9, 5, 4)]


def read_over(start: int, count: int, end: int, follows: int | None = None) -> CountedChunk:
    """A chunk whose client read on to `end` and met no other record."""
    records = numbers(start, count).records if count else ()
    return chunk_of(records, previous_end=follows, first_read_offset=0, end=end)


def test_offsets_that_the_client_passed_are_holes_before_between_and_after_records(engine: Engine) -> None:
    broker = Broker(set())
    rig = broker.rig(engine)
    rig.play(read_over(2, 3, 7), read_over(9, 2, 11, follows=7), read_over(11, 0, 15, follows=11))
    assert (broker.asked, rig.rows(PROGRESS)) == ([(0, 0, 2)], [(0, 0, 15, 5, 10)])


def test_a_record_that_fails_alone_among_empty_chunks_is_a_dead_letter_and_the_rest_goes_on(
    engine: Engine,
) -> None:
    rig = Broker(set()).rig(engine)
    bad = chunk([13], start=0, partition=1)
    bad.previous_end, bad.first_read_offset, bad.end = 0, 0, 3
    rig.play(read_over(0, 0, 4, follows=0), bad)
    assert rig.letters() == [(0, "handler_error")]
    assert rig.rows(f"{PROGRESS}, 2")[-1] == (1, 0, 3, 0, 2)
    rig.play(read_over(4, 0, 6, follows=4))
    assert rig.rows(PROGRESS)[0] == (0, 0, 6, 0, 6)


def test_memory_is_dropped_after_the_database_was_restored_from_a_backup(engine: Engine) -> None:
    broker = Broker(set(range(9)))
    rig = played(engine, broker, numbers(0, 9), reads={0: ReadPosition(0, 9)})
    with engine.begin() as connection:
        connection.execute(text("UPDATE partition_progress SET next_offset = 4"))
    rest(rig, turns=6)
    assert (broker.sought, rig.handler.forgotten) == ([(0, 4)], [0])


def test_a_paused_partition_waits_for_a_person(engine: Engine) -> None:
    broker = Broker(set(range(9)))
    rig = played(engine, broker, numbers(0, 5), reads={0: ReadPosition(0, 9)})
    assert rig.pipeline is not None
    rig.pipeline.pauses.hold(0, "a person is to look")
    rest(rig)
    assert broker.sought == []
