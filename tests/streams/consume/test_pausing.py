"""Partitions pause if too many records fail, and batches are taken apart to find the record at fault."""

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.store import progress
from streams.consume import FailurePolicy, PipelineOptions
from streams.process.clock import utc_now
from tests.streams.consume.test_pipeline import PLACE, progress_rows
from tests.streams.support.cluster import wait_until
from tests.streams.support.rig import GROUP, TOPIC, CountedChunk, Doubling, Rig, chunk, chunk_of


def test_a_partition_whose_records_fail_in_a_row_is_paused_and_loses_nothing(
    engine: Engine,
) -> None:
    options = PipelineOptions(max_records=6, max_wait_seconds=0.01, failures=FailurePolicy(max_in_a_row=3))
    rig = Rig(engine, options=options)
    poisoned, behind = chunk([13] * 5 + [20]), chunk([21, 22, 23, 24, 25, 26], start=6)
    fine = chunk([30, 31, 32], partition=1)
    unread = chunk([27], start=12)

    def later_ones_are_done() -> None:
        wait_until(lambda: fine.acks == 1)

    with pytest.raises(AssertionError, match="not acknowledged"):
        rig.play(poisoned, behind, fine, unread, meanwhile=later_ones_are_done, seconds=3.0)
    assert rig.letters() == [(0, "handler_error"), (1, "handler_error"), (2, "handler_error")]
    assert progress_rows(rig) == [(0, 3, 0, 0, 0, 3), (1, 3, 3, 0, 0, 0)]
    assert rig.doubled() == [30, 31, 32]
    assert (poisoned.acks, behind.acks, unread.acks) == (0, 0, 0)
    assert rig.fetching_paused == [0]
    labels = {"consumer_group": GROUP, "topic": TOPIC, "partition": "0"}
    assert rig.count("rapport_partition_paused", **labels) == 1
    assert rig.rows(
        "SELECT partition, paused_reason FROM partition_progress WHERE paused_at IS NOT NULL"
    ) == [(0, "our code failed on 3 records in a row")]


def resume(engine: Engine) -> list[progress.Place]:
    with Session(engine) as session, session.begin():
        return progress.resume(session, group=None, topic=None, partition=None, now=utc_now())


def failing_chunks() -> tuple[CountedChunk, CountedChunk, CountedChunk]:
    return chunk([13] * 5 + [20]), chunk([21, 22], start=6), chunk([30], partition=1)


def paused(rig: Rig) -> list[int]:
    return [n for (n,) in rig.rows("SELECT partition FROM partition_progress WHERE paused_at IS NOT NULL")]


def test_a_paused_partition_stays_paused_after_a_restart_and_continues_when_resumed(
    engine: Engine,
) -> None:
    strict, lenient = FailurePolicy(max_in_a_row=3), FailurePolicy(max_in_a_row=100)
    rig = Rig(engine, options=PipelineOptions(max_records=6, max_wait_seconds=0.01, failures=strict))
    with pytest.raises(AssertionError, match="not acknowledged"):
        rig.play(*failing_chunks(), seconds=1.0)
    restarted = Rig(engine, options=PipelineOptions(max_records=6, max_wait_seconds=0.01, failures=lenient))
    again = failing_chunks()

    def resume_when_parked() -> None:
        wait_until(lambda: again[2].acks == 1 and restarted.fetching_paused == [0])
        assert restarted.doubled() == [30]
        assert resume(engine) == [PLACE]

    restarted.play(*again, meanwhile=resume_when_parked)
    assert restarted.doubled() == [20, 21, 22, 30]
    assert restarted.letters() == [(offset, "handler_error") for offset in range(5)]
    assert progress_rows(restarted) == [(0, 8, 3, 0, 0, 5), (1, 1, 1, 0, 0, 0)]
    assert restarted.fetching_resumed == [0]
    assert paused(restarted) == []
    labels = {"consumer_group": GROUP, "topic": TOPIC, "partition": "0"}
    assert restarted.count("rapport_partition_paused", **labels) == 0


def test_a_partition_that_is_mostly_invalid_is_paused_at_the_limit_and_others_go_on(engine: Engine) -> None:
    policy = FailurePolicy(window_records=20)
    rig = Rig(engine, options=PipelineOptions(max_records=1_000, max_wait_seconds=0.01, failures=policy))
    flood, behind = chunk([b"{"] * 100), chunk([1, 2], start=100)
    fine = chunk(range(200, 260), partition=1)

    def resume_twice() -> None:
        for end in (20, 40):
            wait_until(lambda end=end: paused(rig) == [0] and len(rig.letters()) == end)  # type: ignore[misc]
            assert (flood.acks, behind.acks) == (0, 0)
            wait_until(lambda: fine.acks == 1)
            resume(engine)
        wait_until(lambda: paused(rig) == [0] and len(rig.letters()) == 60)

    with pytest.raises(AssertionError, match="not acknowledged"):
        rig.play(flood, behind, fine, meanwhile=resume_twice, seconds_after=1.0)
    assert progress_rows(rig)[1] == (1, 60, 60, 0, 0, 0)
    assert rig.doubled() == list(range(200, 260))


def test_a_partition_whose_handler_refuses_most_records_is_paused_after_the_batch(engine: Engine) -> None:
    rig = Rig(engine, options=PipelineOptions(max_records=25, failures=FailurePolicy(window_records=20)))
    with pytest.raises(AssertionError, match="not acknowledged"):
        rig.play(chunk([-2] * 100), seconds=2.0)
    assert paused(rig) == [0]
    assert len(rig.letters()) in {25, 50}


def test_half_invalid_records_do_not_pause_a_partition(engine: Engine) -> None:
    rig = Rig(engine, options=PipelineOptions(failures=FailurePolicy(window_records=20)))
    sent = chunk([b"{" if place % 2 else 100 + place for place in range(200)])
    rig.play(sent)
    assert (sent.acks, paused(rig)) == (1, [])


def test_a_batch_with_one_culprit_is_redone_in_halves(engine: Engine) -> None:
    rig = Rig(engine)
    rig.play(chunk([*range(100, 200), 13, *range(200, 500)]))
    assert rig.letters() == [(100, "handler_error")]
    assert len(rig.doubled()) == 400
    assert len(rig.handler.batches) < 25


def test_a_statement_that_takes_too_long_for_a_batch_comes_through_in_halves(engine: Engine) -> None:
    def slow_for_many(session: Session, numbers: list[int]) -> None:
        session.execute(text("SET LOCAL statement_timeout = 50"))
        if len(numbers) > 2:
            session.execute(text("SELECT pg_sleep(5)"))

    rig = Rig(engine, Doubling(before_write=slow_for_many))
    rig.play(chunk([20, 21, 22, 23]))
    assert rig.doubled() == [20, 21, 22, 23]
    assert rig.letters() == []


def test_good_records_in_between_prevent_a_pause(engine: Engine) -> None:
    rig = Rig(engine, options=PipelineOptions(failures=FailurePolicy(max_in_a_row=2)))
    rig.play(chunk([13, 20, 13, 21, 17, 22]))
    assert rig.doubled() == [20, 21, 22]
    assert rig.fetching_paused == []


def test_a_partition_of_poison_pauses_even_if_each_record_is_a_transaction(
    engine: Engine,
) -> None:
    options = PipelineOptions(
        max_records=100, max_wait_seconds=0.01, failures=FailurePolicy(window_records=10)
    )
    every_second = chunk([b"{"] * 40).records[::2]
    rig, sent = Rig(engine, options=options), chunk_of(every_second, previous_end=0, end=40)
    with pytest.raises(AssertionError, match="not acknowledged"):
        rig.play(sent, meanwhile=lambda: wait_until(lambda: paused(rig) == [0]), seconds=5.0)
    assert rig.letters() == [(offset, "broken_json") for offset in range(0, 20, 2)]
