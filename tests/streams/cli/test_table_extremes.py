"""The tables of the commands, published records, and log lines, with values at their limits."""

import json
import logging
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from schemas import ChurnAlert, Draft
from schemas.base import Record
from schemas.tables import DeadLetterRow, PartitionProgress
from streams.cli.ledger import ledger_table
from streams.cli.letter_views import letters_table
from streams.cli.partitions import _summary, partitions_table
from streams.kafka.topics import TOPICS
from streams.operate.ledger import Balance, TopicLedger
from streams.process.logs import JsonFormatter
from tests.extremes import EARLIEST, LATEST, records, texts

NAMES = texts(1, 40)
TOPIC_NAMES = [spec.name for spec in TOPICS]
NUMBERS = st.sampled_from([0, 1, 2**62])
MOMENTS = st.sampled_from([EARLIEST, datetime(2026, 1, 1, tzinfo=UTC), LATEST])


def printed(table: Table, *, width: int = 400) -> str:
    out = StringIO()
    Console(file=out, width=width).print(table)
    return out.getvalue()


@given(st.lists(st.integers(0, 999_999), min_size=7, max_size=7))
def test_the_ledger_shows_every_count_whole_in_a_terminal_of_80_columns(counts: list[int]) -> None:
    balance = Balance(*counts)
    ledger = {name: TopicLedger(balance, {"sentiment": balance}) for name in TOPIC_NAMES}
    shown = printed(ledger_table(ledger), width=80)
    whole = [line.split()[-7:] for line in shown.splitlines() if "sentiment" in line]
    assert whole == [[f"{count:,}" for count in counts]] * len(TOPIC_NAMES)


@given(st.lists(st.integers(0, 2**62), min_size=7, max_size=7), st.integers(40, 120))
def test_the_ledger_drops_no_digit_however_narrow_the_terminal_is(counts: list[int], width: int) -> None:
    balance = Balance(*counts)
    shown = printed(ledger_table({"t": TopicLedger(balance, {"g": balance})}), width=width)
    digits = sum(character.isdigit() for character in shown)
    assert "…" not in shown
    assert digits == sum(len(str(count)) for count in counts)


@settings(max_examples=30)
@given(texts(), st.none() | texts(), st.none() | MOMENTS, NUMBERS)
def test_partitions_print_with_any_owner_and_reason(
    owner: str, reason: str | None, paused_at: datetime | None, number: int
) -> None:
    row = PartitionProgress(
        consumer_group="g",
        topic="t",
        partition=0,
        epoch=0,
        owner=owner,
        next_offset=number,
        updated_at=EARLIEST,
    )
    row.paused_at, row.paused_reason = paused_at, reason
    summary = _summary(row)
    assert "next offset" in printed(partitions_table([summary]))
    assert json.loads(json.dumps(summary)) == summary


@settings(max_examples=30)
@given(NAMES, NAMES, MOMENTS, NUMBERS)
def test_dead_letters_print_with_any_content(group: str, topic: str, at: datetime, offset: int) -> None:
    row = DeadLetterRow(
        letter_id="id",
        consumer_group=group,
        topic=topic,
        partition=0,
        record_offset=offset,
        timestamp_ms=-1,
        headers=[],
        reason="broken_json",
        error="",
        attempts=1,
        build="b",
        created_at=at,
    )
    assert str(offset) in printed(letters_table([row]))


@given(NAMES, NUMBERS)
def test_the_ledger_prints_any_topic_name(name: str, number: int) -> None:
    balance = Balance(number, effects=number)
    assert f"{number:,}" in printed(ledger_table({name: TopicLedger(balance, {name: balance})}))


def test_brackets_are_printed_as_they_are_and_style_nothing() -> None:
    row = PartitionProgress(
        consumer_group="g", topic="t", partition=0, owner="[red]pod[/red]", updated_at=EARLIEST
    )
    row.paused_reason = "ValueError [/nope]"
    shown = printed(partitions_table([_summary(row)]))
    assert "[red]pod[/red]" in shown
    assert "ValueError [/nope]" in shown


@pytest.mark.parametrize("kind", [Draft, ChurnAlert])
def test_a_published_record_is_json_and_reads_back_equal(kind: type[Record]) -> None:
    @settings(max_examples=40)
    @given(records(kind))
    def leaves(record: Record) -> None:
        written = record.to_bytes()
        assert kind.model_validate_json(written) == record
        assert json.loads(written.decode()) == record.to_json()

    leaves()


@given(texts(), MOMENTS, st.none() | st.floats())
def test_a_log_line_is_one_line_of_json_with_any_fields(
    text: str, moment: datetime, number: float | None
) -> None:
    record = logging.LogRecord("streams.x", logging.ERROR, "p.py", 1, "event %s", (text,), None)
    vars(record).update(field=text, at=moment, number=number, odd=object())
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["field"] == text


def test_a_terminal_of_80_columns_shows_the_numbers_of_the_ledger_whole() -> None:
    balance = Balance(2_016_950, 1_016_950, 1_234, 3_456, 7_890, 0, 5_678)
    shown = printed(
        ledger_table({"product.usage-events": TopicLedger(balance, {"sentiment": balance})}), width=80
    )
    for word in ("letters", "dropped", "flight", "holes", *(f"{n:,}" for n in balance.as_dict().values())):
        assert word in shown
    assert "…" not in shown
