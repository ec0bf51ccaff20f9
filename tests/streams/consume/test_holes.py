"""Records that were left out, by whomever, are read again before what lies behind them."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from streams.consume import Group
from streams.transport import Run
from tests.streams.consume.rig import FakeChunk, Rig, chunk


@dataclass
class Broker:
    """What a partition holds on the broker, and where somebody sought to."""

    offsets: set[int]
    sought: list[tuple[int, int]] = field(default_factory=list)

    def holds(self, _partition: int, begin: int, end: int) -> bool:
        return any(begin <= offset < end for offset in self.offsets)

    async def seek(self, partition: int, offset: int) -> None:
        self.sought.append((partition, offset))

    def rig(self, engine: Engine) -> Rig:
        return Rig(engine, group=lambda one: Group(lambda: 1, holds=self.holds, seek=self.seek))


def numbers(start: int, count: int) -> FakeChunk:
    return chunk(list(range(100 + start, 100 + start + count)), start=start)


def begun_at(origin: int, one: FakeChunk) -> FakeChunk:
    one.value = Run(one.value, None, origin)
    return one


def test_records_left_out_after_a_restart_are_read_again_first(engine: Engine) -> None:
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


def test_offsets_without_records_hold_nothing_up(engine: Engine) -> None:
    broker = Broker({0, 1, 7, 8})
    rig = broker.rig(engine)
    rig.play(numbers(0, 2), numbers(7, 2))
    assert (broker.sought, rig.doubled()) == ([], [100, 101, 107, 108])
