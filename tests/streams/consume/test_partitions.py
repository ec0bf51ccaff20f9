"""A batch is decoded into the records that this worker owns now and that have no fate yet."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.consume.batches import halves
from streams.consume.holes import EmptyRanges
from streams.consume.partitions import OwnedPartition, OwnedPartitions
from streams.consume.pauses import FailurePolicy, Pauses
from streams.kafka.records import Chunk
from tests.streams.support.rig import CountedChunk, Doubling, chunk, chunk_of, value


def cut(whole: CountedChunk, *places: int) -> list[Chunk]:
    """Cut a chunk at places in its records."""
    parts: list[Chunk] = []
    rest: Chunk = whole
    for before, place in pairwise([0, *places]):
        first, rest = rest.cut(place - before)
        parts.append(first)
    return [*parts, rest]


class Owned(OwnedPartitions):
    """Owned partitions of a small handler, and the ranges that the broker is known to have empty."""

    def __init__(self, *owned: OwnedPartition, max_record_bytes: int = 1_000) -> None:
        self.handler, self.empty = Doubling(), EmptyRanges()
        super().__init__(self.handler, Pauses(FailurePolicy()), self.empty, max_record_bytes=max_record_bytes)
        for partition in owned:
            self.open(partition)


def test_records_are_decoded_per_partition_in_offset_order() -> None:
    both = Owned(OwnedPartition(0, 1, 5, 0), OwnedPartition(1, 1, 6, 10))
    first, other = chunk([1, 2, 3]), chunk([7, 8], start=10, partition=1)
    works = both.decode([*cut(first, 2), *cut(other)], generation=1)
    assert [[item.number for item in work.items] for work in works] == [[1, 2, 3], [7, 8]]
    assert [(work.owned.epoch, work.owned.next_offset) for work in works] == [(5, 0), (6, 10)]
    assert [both.next_offsets()[number] for number in (0, 1)] == [3, 12]


def test_the_next_batch_starts_where_this_one_ends() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 0))
    owned.decode(cut(chunk([1, 2])), generation=1)
    (work,) = owned.decode(cut(chunk([2, 3], start=1)), generation=1)
    assert [item.number for item in work.items] == [3]
    assert work.owned.next_offset == 2


def test_chunks_of_another_generation_or_partition_are_left_out() -> None:
    owned = Owned(OwnedPartition(0, 2, 1, 0))
    batch = cut(chunk([1], generation=1)) + cut(chunk([2], partition=3, generation=2))
    assert owned.decode(batch, generation=2) == []


def test_every_bad_record_has_its_reason_and_keeps_its_place() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 0), max_record_bytes=30)
    (work,) = owned.decode(cut(chunk([b"{", None, b"", b"x" * 31, 19, 4])), generation=1)
    assert [(record.offset, failed.reason) for record, failed in work.failures] == [
        (0, "broken_json"),
        (1, "empty_value"),
        (2, "empty_value"),
        (3, "too_large"),
        (4, "handler_error"),
    ]
    assert not any("customer" in failed.error for _, failed in work.failures)
    assert [(record.offset, item.number) for record, item in work.decoded] == [(5, 4)]


def test_a_value_at_the_limit_of_size_is_read() -> None:
    limit = len(value(5))
    (work,) = Owned(OwnedPartition(0, 1, 1, 0), max_record_bytes=limit).decode(cut(chunk([5])), generation=1)
    assert not work.failures


def test_a_partition_is_claimed_when_it_is_new_or_its_generation_is() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 0), OwnedPartition(1, 2, 1, 0))
    batch = [
        *cut(chunk([1], start=40, generation=2)),
        *cut(chunk([2], start=41, generation=2)),
        *cut(chunk([3], partition=1, generation=2)),
        *cut(chunk([4], start=7, partition=2, generation=2)),
        *cut(chunk([5], partition=3, generation=1)),
    ]
    assert owned.missing(batch, generation=2) == {0: 40, 2: 7}


def test_a_forgotten_partition_frees_its_state_and_is_claimed_again() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 0))
    owned.forget([0, 0, 9])
    assert owned.handler.forgotten == [0]
    assert owned.numbers() == []
    assert owned.missing(cut(chunk([1])), generation=1) == {0: 0}


@given(
    next_offset=st.integers(0, 30),
    starts=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 8)), max_size=6),
)
def test_no_record_is_decoded_twice_nor_below_the_next_offset(
    next_offset: int, starts: list[tuple[int, int]]
) -> None:
    owned = Owned(OwnedPartition(0, 1, 1, next_offset))
    batch = [part for start, size in starts for part in cut(chunk(range(100, 100 + size), start=start))]
    offsets = [record.offset for work in owned.decode(batch, generation=1) for record in work.records]
    assert offsets == sorted(set(offsets))
    assert all(offset >= next_offset for offset in offsets)


def run(start: int, count: int, previous_end: int | None = None) -> list[Chunk]:
    """A batch of one chunk of `count` records."""
    owned = chunk(list(range(100, 100 + count)), start=start)
    owned.previous_end = previous_end
    return [owned]


def test_records_after_a_hole_are_left_out_until_the_hole_is_known_to_be_empty() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 10))
    batch = run(14, 3)
    assert owned.first_holes(batch, generation=1) == {0: (10, 14)}
    assert owned.decode(batch, generation=1) == []
    owned.empty.add(0, 10, 14)
    assert owned.first_holes(batch, generation=1) == {}
    (work,) = owned.decode(batch, generation=1)
    assert (work.owned.next_offset, [record.offset for record in work.records]) == (10, [14, 15, 16])


def test_a_hole_in_the_middle_of_a_batch_is_found_too() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 0))
    batch = run(0, 2) + run(5, 2)
    assert owned.first_holes(batch, generation=1) == {0: (2, 5)}
    (work,) = owned.decode(batch, generation=1)
    assert [record.offset for record in work.records] == [0, 1]


def test_offsets_the_client_passed_over_are_no_hole() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 10))
    assert owned.first_holes(run(14, 3, previous_end=10), generation=1) == {}
    assert owned.first_holes(run(14, 3, previous_end=11), generation=1) == {0: (10, 14)}
    (work,) = owned.decode(run(14, 3, previous_end=9), generation=1)
    assert len(work.records) == 3


def empty_chunk(previous_end: int | None, end: int, partition: int = 0) -> Chunk:
    """A chunk without a record."""
    return Chunk(partition, 1, (), end, previous_end)


def test_offsets_without_a_record_are_counted_before_between_and_after_records() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 10))
    records = [record for record in chunk(range(100, 110), start=14).records if record.offset not in {16, 17}]
    batch = [chunk_of(records, previous_end=10, end=30)]
    (work,) = owned.decode(batch, generation=1)
    assert (work.holes, work.next_offset, len(work.records)) == (4 + 2 + 6, 30, 8)


def test_an_empty_chunk_moves_a_partition_by_holes_alone() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 10))
    (work,) = owned.decode([empty_chunk(10, 13), empty_chunk(13, 14)], generation=1)
    assert (work.records, work.holes, work.owned.next_offset, work.next_offset) == ([], 4, 10, 14)
    assert owned.decode([empty_chunk(10, 14), empty_chunk(None, 12)], generation=1) == []


def test_an_empty_chunk_without_a_known_previous_end_is_a_hole_to_ask_about() -> None:
    owned = Owned(OwnedPartition(0, 1, 1, 10))
    assert owned.first_holes([empty_chunk(None, 14)], generation=1) == {0: (10, 14)}
    assert owned.first_holes([empty_chunk(12, 14)], generation=1) == {0: (10, 14)}
    assert owned.decode([empty_chunk(12, 14)], generation=1) == []
    owned.empty.add(0, 10, 14)
    (work,) = owned.decode([empty_chunk(12, 14)], generation=1)
    assert (work.holes, work.next_offset) == (4, 14)


def test_a_partition_with_only_an_empty_chunk_is_claimed_where_the_chunk_begins() -> None:
    owned = Owned()
    assert owned.missing([empty_chunk(5, 9, partition=3), empty_chunk(None, 9)], generation=1) == {3: 5, 0: 9}


@given(
    gaps=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    behind=st.integers(0, 3),
    cuts=st.lists(st.integers(0, 12), max_size=3),
    before=st.integers(0, 5),
)
def test_records_and_holes_together_are_all_offsets_however_a_chunk_is_cut_or_redelivered(
    gaps: list[int], behind: int, cuts: list[int], before: int
) -> None:
    whole = chunk(range(100, 100 + sum(gaps) + len(gaps)), start=5)
    places = [sum(gaps[: place + 1]) + place for place in range(len(gaps))]
    records = [whole.records[place] for place in places]
    end = records[-1].offset + 1 + behind
    rest: Chunk = chunk_of(records, previous_end=5, end=end)
    parts = []
    for place in sorted(cuts):
        first, rest = rest.cut(min(place, len(rest.records)))
        parts.append(first)
    owned = Owned(OwnedPartition(0, 1, 1, 5 + before))
    works = [work for part in [*parts, rest, rest] for work in owned.decode([part], generation=1)]
    counted = sum(work.holes + len(work.records) for work in works)
    assert counted == max(0, end - 5 - before)
    assert [work.owned.next_offset for work in works[1:]] == [work.next_offset for work in works[:-1]]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=5))
def test_halves_of_a_batch_keep_every_record_and_every_offset_without_a_record(
    parts: list[tuple[int, int]],
) -> None:
    at, batch = 0, []
    for count, behind in parts:
        records = chunk(range(100, 100 + count), start=at).records if count else ()
        batch.append(chunk_of(records, previous_end=at, end=at + count + behind))
        at += count + behind
    made = Owned(OwnedPartition(0, 1, 1, 0))
    works = [work for half in halves(batch) for work in made.decode(half, generation=1)]
    assert sum(work.holes for work in works) == sum(behind for _, behind in parts)
    assert sum(len(work.records) for work in works) == sum(count for count, _ in parts)


def test_holes_of_other_owners_are_ignored() -> None:
    owned = Owned(OwnedPartition(0, 2, 1, 0))
    assert owned.first_holes(run(5, 1), generation=2) == {}
    assert owned.first_holes(cut(chunk([1], start=5, partition=3, generation=2)), generation=2) == {}


@given(st.integers(1, 9), st.integers(0, 9), st.none() | st.integers(0, 3))
def test_each_part_of_a_cut_chunk_has_the_end_of_the_part_before(
    count: int, place: int, previous_end: int | None
) -> None:
    (whole,) = run(7, count, previous_end)
    first, rest = whole.cut(place)
    assert [*first.records, *rest.records] == whole.records
    assert first.previous_end == previous_end
    assert rest.previous_end == (first.records[-1].offset + 1 if first.records else previous_end)
    assert (first.acknowledge, rest.acknowledge) == (None, whole.acknowledge)
