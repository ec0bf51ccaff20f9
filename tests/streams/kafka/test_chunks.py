"""Chunks and the commit rule: no commit passes an unacknowledged chunk, in any order of acknowledgements."""

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.chunks import Commits, slices


@given(chunks=st.lists(st.integers(1, 50), min_size=1, max_size=30), data=st.data())
def test_the_safe_offset_never_passes_an_unacknowledged_chunk_and_reaches_the_end(
    chunks: list[int], data: st.DataObject
) -> None:
    commits, last_offsets, at = Commits(), [], 0
    for size in chunks:
        at += size
        last_offsets.append(at - 1)
        commits.delivered("p", at - 1)
    waiting = set(last_offsets)
    for last_offset in data.draw(st.permutations(last_offsets)):
        commits.acknowledged("p", last_offset)
        waiting.discard(last_offset)
        done = [last for last in last_offsets if not waiting or last < min(waiting)]
        assert commits.safe("p") == (done[-1] + 1 if done else None)
    assert commits.safe("p") == at


def test_partitions_are_committed_apart_and_forgotten_apart() -> None:
    commits = Commits()
    for partition in ("a", "b"):
        commits.delivered(partition, 9)
    commits.acknowledged("a", 9)
    assert (commits.safe("a"), commits.safe("b")) == (10, None)
    commits.forget(["a", "never owned"])
    assert commits.safe("a") is None
    commits.delivered("a", 4)
    commits.acknowledged("a", 4)
    assert commits.safe("a") == 5


def test_an_acknowledgement_of_a_chunk_that_was_never_delivered_changes_nothing() -> None:
    commits = Commits()
    commits.delivered("p", 9)
    commits.acknowledged("p", 4)
    commits.acknowledged("q", 4)
    assert (commits.safe("p"), commits.safe("q")) == (None, None)


@given(records=st.lists(st.integers()), size=st.integers(1, 20))
def test_cutting_keeps_every_record_in_order(records: list[int], size: int) -> None:
    cut = list(slices(records, size))
    assert [record for chunk in cut for record in chunk] == records
    assert all(1 <= len(chunk) <= size for chunk in cut)
    assert all(len(chunk) == size for chunk in cut[:-1])
