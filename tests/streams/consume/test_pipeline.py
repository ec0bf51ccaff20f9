"""The pipeline from chunks to rows: every record gets one fate; a chunk is acknowledged after its last."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import progress
from streams.consume import PipelineOptions
from streams.process.clock import utc_now
from tests.streams.support.cluster import wait_until
from tests.streams.support.rig import GROUP, TOPIC, CountedChunk, Doubling, Rig, Summing, chunk, value

PLACE = progress.Place(GROUP, TOPIC, 0)


def progress_rows(rig: Rig) -> list[tuple[int, ...]]:
    """(partition, next offset, effects, duplicates, late, dead letters) of every partition."""
    columns = "partition, next_offset, effects, duplicates, late, dead_letters"
    return rig.rows(f"SELECT {columns} FROM partition_progress ORDER BY partition")


def test_every_number_is_doubled_in_order_and_every_chunk_acknowledged_once(engine: Engine) -> None:
    rig = Rig(engine)
    chunks = [chunk(range(30, 40)), chunk(range(10), partition=1), chunk([50, 51], start=10)]
    rig.play(*chunks)
    in_order = [number for (number,) in rig.rows("SELECT number FROM doubled ORDER BY ctid")]
    assert [n for n in in_order if n >= 30] == [*range(30, 40), 50, 51]
    assert [n for n in in_order if n < 30] == list(range(10))
    assert [sent.acks for sent in chunks] == [1, 1, 1]
    assert progress_rows(rig) == [(0, 12, 12, 0, 0, 0), (1, 10, 10, 0, 0, 0)]
    assert rig.count("rapport_records_total", consumer_group=GROUP, topic=TOPIC, fate="effect") == 22


def test_a_batch_is_full_at_its_size_and_its_chunk_acknowledged_after_the_last_piece(
    engine: Engine,
) -> None:
    sent = chunk(range(20, 30))
    acks_before_commit = []

    class Watching(Doubling):
        def committed(self, effects, extra):  # type: ignore[no-untyped-def]
            super().committed(effects, extra)
            acks_before_commit.append(sent.acks)

    rig = Rig(engine, Watching(), PipelineOptions(max_records=4, max_wait_seconds=5.0))
    extra = chunk([40, 41], start=10)
    rig.play(sent, extra)
    assert rig.handler.batches == [[20, 21, 22, 23], [24, 25, 26, 27], [28, 29, 40, 41]]
    assert acks_before_commit == [0, 0, 0]
    assert (sent.acks, extra.acks) == (1, 1)


def test_a_batch_that_does_not_fill_is_handled_at_its_deadline(engine: Engine) -> None:
    rig = Rig(engine, options=PipelineOptions(max_records=1_000_000, max_wait_seconds=0.05))
    first, second = chunk([1, 2]), chunk([3], start=2)
    rig.play(first, second)
    assert rig.handler.batches == [[1, 2, 3]]
    later = chunk([4], start=3)
    rig.play(later)
    assert rig.handler.batches == [[1, 2, 3], [4]]


def test_records_that_have_a_fate_already_are_skipped_after_a_restart(engine: Engine) -> None:
    Rig(engine).play(chunk(range(20, 30)))
    again = chunk(range(25, 35), start=5)
    rig = Rig(engine)
    rig.play(again)
    assert rig.handler.batches == [list(range(30, 35))]
    assert rig.doubled() == list(range(20, 35))
    assert again.acks == 1
    assert progress_rows(rig) == [(0, 15, 15, 0, 0, 0)]


def test_a_duplicate_has_no_second_effect_within_a_batch_and_across(engine: Engine) -> None:
    rig = Rig(engine)
    rig.play(chunk([1, 2, 1]))
    rig.play(chunk([2, 3, 3], start=3), chunk([3], partition=1))
    assert rig.doubled() == [1, 2, 3]
    totals = [sum(column) for column in zip(*progress_rows(rig), strict=True)][2:]
    assert totals == [3, 4, 0, 0]


def test_the_same_id_with_other_content_is_a_dead_letter(engine: Engine) -> None:
    rig = Rig(engine)
    rig.play(chunk([value(1, "same"), value(2, "same"), value(1, "same")]))
    rig.play(chunk([value(3, "same")], start=3))
    assert rig.doubled() == [1]
    assert rig.letters() == [(1, "id_conflict"), (3, "id_conflict")]
    assert progress_rows(rig) == [(0, 4, 1, 1, 0, 2)]


@pytest.mark.parametrize("culprit", [13, 17], ids=["in run", "in write"])
def test_one_record_that_breaks_the_handler_is_buried_alone(engine: Engine, culprit: int) -> None:
    rig = Rig(engine)
    sent = chunk([20, 21, culprit, 22])
    rig.play(sent)
    assert rig.doubled() == [20, 21, 22]
    assert rig.letters() == [(2, "handler_error")]
    assert progress_rows(rig) == [(0, 4, 3, 0, 0, 1)]
    assert sent.acks == 1
    ((error, attempts, letter_value),) = rig.rows("SELECT error, attempts, value FROM dead_letters")
    assert "customer" not in error
    assert (attempts, bytes(letter_value)) == (2, value(culprit))


def test_bad_records_get_their_letters_and_the_good_ones_their_effects(engine: Engine) -> None:
    rig = Rig(engine, options=PipelineOptions(max_records=1_000, max_record_bytes=100))
    rig.play(chunk([1, b"{", None, b"", b"x" * 101, 19, -1, -2, 2]))
    assert rig.doubled() == [1, 2]
    assert rig.letters() == [
        (1, "broken_json"),
        (2, "empty_value"),
        (3, "empty_value"),
        (4, "too_large"),
        (5, "handler_error"),
        (7, "invalid_record"),
    ]
    assert progress_rows(rig) == [(0, 9, 2, 0, 1, 6)]
    assert "customer" not in str(rig.rows("SELECT error FROM dead_letters"))
    outgoing = rig.rows("SELECT topic, count(*) FROM outbox GROUP BY topic")
    assert outgoing == [("rapport.dead-letters", 6)]


def test_a_chunk_of_only_bad_records_is_acknowledged(engine: Engine) -> None:
    rig, sent = Rig(engine), chunk([b"{", b"{"])
    rig.play(sent)
    assert sent.acks == 1
    assert len(rig.letters()) == 2


def test_a_bug_is_logged_without_the_record(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        Rig(engine).play(chunk([13]))
    assert [record.message for record in caplog.records] == ["batch failed in run", "record failed alone"]


def test_memory_equals_sql_after_a_batch_was_redone(engine: Engine) -> None:
    rig = Rig(engine, Summing(), PipelineOptions(max_records=3, max_wait_seconds=0.01))
    rig.play(chunk([1, 2, 3, 4, 13, 5, 6, 7, 8]), chunk([10, 13, 20, 30], partition=1))
    rig.play(chunk([9], start=9))
    assert dict(rig.rows("SELECT partition, total FROM sums")) == {0: 45, 1: 60}
    assert rig.handler.sums[0] == 45
    assert rig.letters() == [(1, "handler_error"), (4, "handler_error")]


def test_an_overlapping_batch_is_run_again_when_the_one_before_it_failed_in_write(
    engine: Engine,
) -> None:
    failures = iter([True])

    def stumble(_session: Session, totals: list[int]) -> None:
        if totals == [6] and next(failures, False):
            raise RuntimeError("once")

    rig = Rig(engine, Summing(before_write=stumble), PipelineOptions(max_records=3, max_wait_seconds=0.01))
    rig.play(*[chunk([n, n, n], start=3 * (n - 2)) for n in range(2, 8)])
    assert rig.rows("SELECT total FROM sums") == [(81,)]
    assert rig.letters() == []
    assert progress_rows(rig) == [(0, 18, 18, 0, 0, 0)]


def test_a_stalled_owner_overwrites_nothing_of_a_newer_owner(engine: Engine) -> None:
    rig, other = Rig(engine), Rig(engine)
    numbers = [20, 21, 22]

    class Slow(Doubling):
        def compute(self, work):  # type: ignore[no-untyped-def]
            if not self.batches:
                other.play(chunk(numbers))
            return super().compute(work)

    rig.handler = Slow()
    sent = chunk(numbers)
    rig.play(sent)
    assert rig.doubled() == numbers
    assert rig.count("rapport_fenced_writes_total", consumer_group=GROUP) == 1
    assert progress_rows(rig) == [(0, 3, 3, 0, 0, 0)]
    assert sent.acks == 1


def test_a_fenced_owner_of_the_current_generation_claims_again_and_goes_on(engine: Engine) -> None:
    rig = Rig(engine)

    class Robbed(Doubling):
        def compute(self, work):  # type: ignore[no-untyped-def]
            if not self.batches:
                with Session(engine) as session, session.begin():
                    progress.claim(session, PLACE, first_offset=0, owner="other", now=utc_now())
            return super().compute(work)

    rig.handler = Robbed()
    rig.play(chunk([20, 21]))
    assert rig.doubled() == [20, 21]
    assert rig.rows("SELECT epoch, owner FROM partition_progress") == [(3, "local")]


def test_a_fenced_owner_of_a_past_generation_writes_nothing(engine: Engine) -> None:
    rig = Rig(engine)

    class Moved(Doubling):
        def compute(self, work):  # type: ignore[no-untyped-def]
            with Session(engine) as session, session.begin():
                progress.claim(session, PLACE, first_offset=0, owner="other", now=utc_now())
            rig.generation = 2
            return super().compute(work)

    rig.handler = Moved()
    rig.play(chunk([20, 21]))
    assert rig.doubled() == []
    assert rig.rows("SELECT next_offset, owner FROM partition_progress") == [(0, "other")]


def test_a_chunk_of_another_generation_is_left_to_its_owner(engine: Engine) -> None:
    rig = Rig(engine, generation=2)
    rig.play(chunk([20, 21], generation=1), chunk([30, 31], generation=2, partition=1))
    assert rig.doubled() == [30, 31]
    assert progress_rows(rig) == [(1, 2, 2, 0, 0, 0)]


def test_each_generation_claims_a_partition_again_and_loads_its_state(engine: Engine) -> None:
    rig = Rig(engine, Summing(), PipelineOptions(max_records=2, max_wait_seconds=0.01))
    rig.play(chunk([1, 2]))
    rig.generation = 2
    rig.play(chunk([1, 2, 3], generation=2))
    assert rig.handler.restored == [0, 0]
    assert rig.rows("SELECT total FROM sums") == [(6,)]
    assert rig.rows("SELECT epoch FROM partition_progress") == [(2,)]


def test_the_lag_of_a_lost_partition_is_no_longer_published(engine: Engine) -> None:
    rig = Rig(engine, Summing())
    labels = {"consumer_group": "summing", "topic": TOPIC, "partition": "0"}

    sent = chunk([1, 2])

    def lose() -> None:
        wait_until(lambda: sent.acks == 1)
        assert rig.pipeline is not None
        rig.pipeline.observe_lag({0: 50})
        assert rig.count("rapport_lag_records", **labels) > 0
        rig.pipeline.observe_lag({})
        assert rig.metrics.registry.get_sample_value("rapport_lag_records", labels) is None
        assert rig.pipeline.steps.lost == {0}

    rig.play(sent, meanwhile=lose)


SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=8)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=SIZES, max_records=st.integers(1, 9), poison=st.sets(st.integers(0, 55), max_size=3))
def test_each_record_gets_exactly_one_fate_however_the_chunks_are_cut(
    engine: Engine, sizes: list[int], max_records: int, poison: set[int]
) -> None:
    handler = Summing(group=f"summing-{id(sizes)}-{max_records}-{sorted(poison)}")
    rig = Rig(engine, handler, PipelineOptions(max_records=max_records, max_wait_seconds=0.001))
    with engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE sums, dead_letters, partition_progress")
    chunks: list[CountedChunk] = []
    offset, total = 0, 0
    for size in sizes:
        numbers = [13 if place in poison else 100 + place for place in range(offset, offset + size)]
        total += sum(number for number in numbers if number != 13)
        chunks.append(chunk(numbers, start=offset))
        offset += size
    rig.play(*chunks)
    buried = sorted(place for place in poison if place < offset)
    assert rig.letters() == [(place, "handler_error") for place in buried]
    assert progress_rows(rig) == [(0, offset, offset - len(buried), 0, 0, len(buried))]
    assert sum(total for (total,) in rig.rows("SELECT total FROM sums")) == total
    assert [sent.acks for sent in chunks] == [1] * len(chunks)
