"""A partition pauses by its share of failures in a window of records, or by failures in a row."""

from hypothesis import given
from hypothesis import strategies as st

from streams.consume.pauses import MAX_HOLES, FailurePolicy, PartitionFailures

POLICY = FailurePolicy(window_records=20, max_ratio=0.5, max_in_a_row=3)


def first_pause(bad: list[bool], *, start: int = 0) -> int | None:
    """The place of the record that makes the partition pause."""
    failures = PartitionFailures(POLICY, start)
    for place, is_bad in enumerate(bad):
        if is_bad and failures.dead_letter(start + place) is not None:
            return place
    return None


def expected_pause(bad: list[bool]) -> int | None:
    for place in range(POLICY.window_records - 1, len(bad)):
        window = bad[place - POLICY.window_records + 1 : place + 1]
        if bad[place] and sum(window) > POLICY.window_records * POLICY.max_ratio:
            return place
    return None


@given(bad=st.lists(st.booleans(), max_size=80), start=st.integers(0, 10**9))
def test_a_partition_pauses_exactly_at_too_many_failures_in_its_window(bad: list[bool], start: int) -> None:
    assert first_pause(bad, start=start) == expected_pause(bad)


@given(bad=st.lists(st.booleans(), min_size=1, max_size=60), data=st.data())
def test_records_that_are_redone_are_counted_once(bad: list[bool], data: st.DataObject) -> None:
    failures = PartitionFailures(POLICY, 0)
    offsets = [place for place, is_bad in enumerate(bad) if is_bad]
    again = data.draw(st.integers(0, len(offsets)))
    for offset in offsets[:again]:
        failures.dead_letter(offset)
    for offset in offsets[:again]:
        assert failures.dead_letter(offset) is None or offset not in failures.places
    assert failures.places == sorted(set(failures.places))
    assert len(failures.places) <= POLICY.window_records


def test_fewer_records_than_the_window_never_pause_a_partition() -> None:
    assert first_pause([True] * 19) is None
    assert first_pause([True] * 20) == 19


def test_failures_of_our_own_code_are_counted_in_a_row() -> None:
    failures = PartitionFailures(POLICY, 0)
    told = [failures.failed_alone(), failures.failed_alone()]
    failures.came_through()
    told += [failures.failed_alone(), failures.failed_alone()]
    assert told == [None] * 4
    assert failures.failed_alone() == "our code failed on 3 records in a row"


@given(
    records=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=80),
    start=st.integers(0, 10**9),
    again=st.booleans(),
)
def test_offsets_without_a_record_do_not_count_as_good_records(
    records: list[tuple[bool, int]], start: int, *, again: bool
) -> None:
    failures = PartitionFailures(POLICY, start)
    offset, paused = start, None
    for place, (is_bad, holes) in enumerate(records):
        reason = failures.dead_letter(offset) if is_bad and paused is None else None
        paused = place if reason is not None else paused
        offset += 1 + holes
        for _ in range(1 + again):
            if holes:
                failures.hole(offset, holes)
    assert paused == expected_pause([is_bad for is_bad, _ in records])


def test_only_the_newest_holes_are_remembered() -> None:
    failures = PartitionFailures(POLICY, 0)
    for record in range(3 * MAX_HOLES):
        failures.hole(2 * record + 2, 1)
    assert len(failures._hole_ends) <= MAX_HOLES
    last = 6 * MAX_HOLES
    reasons = [failures.dead_letter(last + 2 * place) for place in range(1)]
    assert (reasons, failures.places) == ([None], [3 * MAX_HOLES])
