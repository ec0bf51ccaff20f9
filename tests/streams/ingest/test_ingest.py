"""Files of users: the rows that are read, the rows that are refused, and the spool."""

import contextlib
import gzip
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Ticket, UsageEvent
from streams.ingest import (
    KINDS,
    TICKET_KIND,
    USAGE_KIND,
    IngestError,
    Instants,
    RecordKind,
    RejectedRow,
    SourceFile,
    Spool,
    line_ranges,
    parse_columns,
    parse_start,
    parse_zone,
    read_into,
)
from streams.ingest.spool import EncodedRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


def source(
    path: Path, kind: RecordKind, *options: str, start: str | None = None, zone: str = "UTC"
) -> SourceFile:
    columns = [option for option in options if not option.startswith("set:")]
    constants = [option.removeprefix("set:") for option in options if option.startswith("set:")]
    where = parse_zone(zone)
    instants = Instants(start=parse_start(start, where), zone=where)
    return SourceFile(path, parse_columns(kind.fields, columns, constants), instants)


def read(kind: RecordKind, source: SourceFile) -> tuple[list[EncodedRecord], list[RejectedRow]]:
    wrong: list[RejectedRow] = []
    with Spool() as spool:
        count = read_into(spool, kind, source, progress=lambda _: None, wrong=wrong.append)
        assert count.refused == len(wrong)
        assert count.rows == len(spool) + count.refused
        return list(spool.records(by_time=False)), wrong


def tickets(records: list[EncodedRecord]) -> list[Ticket]:
    return [Ticket.model_validate_json(record.value) for record in records]


def usage(records: list[EncodedRecord]) -> list[UsageEvent]:
    return [msgspec.json.decode(record.value, type=UsageEvent) for record in records]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_text(text: str) -> Path:
        path = tmp_path / f"{uuid.uuid4().hex}.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def test_a_csv_of_tickets_with_quoted_line_breaks_becomes_tickets(write: Callable[[str], Path]) -> None:
    path = write(
        "account_id,body,occurred_at,channel\r\n"
        'acme,"one\ntwo, ""three""",2026-01-02T03:04:05+01:00,chat\r\n'
        "beta,hello,2026-01-02 03:04:05,\r\n"
    )
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    first, second = tickets(records)
    assert not wrong
    assert (first.body, first.channel) == ('one\ntwo, "three"', "chat")
    assert first.occurred_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (second.channel, second.occurred_at) == ("web", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert [record.line for record in records] == [2, 4]
    assert [record.key for record in records] == [b"acme", b"beta"]


def test_json_lines_are_read_like_csv_and_a_gzip_file_like_a_plain_one(tmp_path: Path) -> None:
    rows = [{"account_id": 7, "body": "hi", "occurred_at": 1767225600}, {"account_id": "b", "body": "yo"}]
    path = tmp_path / "tickets.jsonl.gz"
    path.write_bytes(gzip.compress("\n\n".join(json.dumps(row) for row in rows).encode()))
    records, _ = read(TICKET_KIND, source(path, TICKET_KIND, start="2026-01-01"))
    first, second = tickets(records)
    assert (first.account_id, first.occurred_at) == ("7", START)
    assert second.occurred_at == START + timedelta(seconds=3)


def test_columns_are_mapped_joined_and_set(write: Callable[[str], Path]) -> None:
    path = write("cohort,account_id,day,event,count\nA-13,7,-10,forum,14\nA-13,8,0.5,quiz,1\n")
    mapping = ("account_id=cohort+account_id", "kind=event", "occurred_at=day", "quantity=count")
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND, *mapping, start="2013-10-01"))
    first, second = usage(records)
    assert not wrong
    assert (first.account_id, first.kind, first.quantity) == ("A-13/7", "forum", 14.0)
    assert first.occurred_at == datetime(2013, 9, 21, tzinfo=UTC)
    assert second.occurred_at == datetime(2013, 10, 1, 12, tzinfo=UTC)


def test_a_constant_replaces_a_column_that_the_file_does_not_have(write: Callable[[str], Path]) -> None:
    path = write("text\nwhere is my card?\n")
    options = ("body=text", "set:account_id=acme", "set:channel=forum")
    records, _ = read(TICKET_KIND, source(path, TICKET_KIND, *options, start="2026-01-01"))
    ticket = tickets(records)[0]
    assert (ticket.account_id, ticket.channel, ticket.body) == ("acme", "forum", "where is my card?")
    assert ticket.ticket_id == ticket.event_id


def test_times_without_a_zone_are_in_the_named_zone(write: Callable[[str], Path]) -> None:
    path = write("account_id,body,occurred_at\na,b,2026-07-01 12:00\n")
    records, _ = read(TICKET_KIND, source(path, TICKET_KIND, zone="Europe/Berlin"))
    assert tickets(records)[0].occurred_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_the_same_file_gives_the_same_ids_and_a_mended_row_changes_only_its_own_id(
    write: Callable[[str], Path],
) -> None:
    rows = ["account_id,kind,occurred_at", "a,x,2026-01-01", "a,x,2026-01-01", "b,x,2026-01-01"]
    first, again = (read(USAGE_KIND, source(write("\n".join(rows)), USAGE_KIND))[0] for _ in range(2))
    mended = read(
        USAGE_KIND, source(write("\n".join([*rows[:3], "c,x,2026-01-01", "d,x,2026-01-02"])), USAGE_KIND)
    )
    ids = [event.event_id for event in usage(first)]
    assert ids == [event.event_id for event in usage(again)]
    assert len(set(ids)) == 3
    assert [event.event_id for event in usage(mended[0])][:2] == ids[:2]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",x,2026-01-01,1", "account_id: missing"),
        ("a,,2026-01-01,1", "kind: missing"),
        ("a,x,,1", "occurred_at: missing"),
        ("a,x,yesterday,1", "occurred_at: not a time in ISO 8601, unix seconds or day number"),
        ("a,x,17,1", "occurred_at: a day number needs --start"),
        ("a,x,1e400,1", "occurred_at: not a time in ISO 8601, unix seconds or day number"),
        ("a,x,2026-01-01,many", "quantity: Expected `float`, got `str`"),
        ("a,x,2026-01-01,-1", "quantity: Expected `float` >= 0.0"),
        ("a,x\u202ey,2026-01-01,1", "kind: characters that cannot be shown"),
        ("a,x,2026-01-01", "3 fields where the header has 4"),
        ("a,x,2026-01-01,1,2", "5 fields where the header has 4"),
    ],
)
def test_a_wrong_usage_row_is_named_by_line_and_reason_and_the_others_are_read(
    write: Callable[[str], Path], row: str, reason: str
) -> None:
    good = "a,x,2026-01-01,1"
    path = write(f"account_id,kind,occurred_at,quantity\n{good}\n{row}\n{good}\n")
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
    assert [record.line for record in records] == [2, 4]
    assert [row.line for row in wrong] == [3]
    assert wrong[0].reason.startswith(reason)


def test_a_wrong_ticket_is_named_by_field_without_its_text(write: Callable[[str], Path]) -> None:
    path = write("account_id,body,occurred_at,channel\na,secret,2026-01-01,carrier pigeon\n")
    _, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert wrong[0].reason == "channel: not one of email, web, chat, forum; see --map channel:WORD=chat"
    assert "pigeon" not in wrong[0].reason


def test_bytes_that_are_not_utf8_and_lines_that_are_not_json_are_wrong_rows(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"account_id,kind,occurred_at\nM\xfcller,x,2026-01-01\na,x,2026-01-01\n")
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
    assert len(records) == 1
    assert wrong[0].reason.startswith("not UTF-8; name the encoding of the file with --encoding")
    path.write_bytes(b'{"account_id":"a","kind":"x","occurred_at":"2026-01-01"}\n[1]\n{"a":"\xfc"}\n{\n')
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
    assert (len(records), [row.line for row in wrong]) == (1, [2, 3, 4])


@settings(deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_to_the_end_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for header in (b"", b"account_id,kind,occurred_at\n", b"{}\n", b"\x1f\x8b"):
        path.write_bytes(header + data)
        with contextlib.suppress(IngestError):
            records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
            assert all(
                line >= 1 for line in [record.line for record in records] + [row.line for row in wrong]
            )


@pytest.mark.parametrize("options", [("body=text",), ("account_id=nope",), ("set:body=x", "subject=nope")])
def test_a_column_that_the_file_lacks_is_refused_with_the_columns_it_has(
    write: Callable[[str], Path], options: tuple[str, ...]
) -> None:
    path = write("account_id,body,occurred_at\na,b,2026-01-01\n")
    with pytest.raises(IngestError, match=r"no column .* \(columns: account_id, body, occurred_at\)"):
        read(TICKET_KIND, source(path, TICKET_KIND, *options))


def test_a_file_without_times_needs_a_start(write: Callable[[str], Path]) -> None:
    with pytest.raises(IngestError, match="--start DATE"):
        read(TICKET_KIND, source(write("account_id,body\na,b\n"), TICKET_KIND))


@pytest.mark.parametrize("option", ["nonsense", "body", "color=red"])
def test_an_option_that_names_no_field_is_refused(option: str) -> None:
    with pytest.raises(IngestError, match="FIELD one of event_id"):
        parse_columns(TICKET_KIND.fields, [option], [])


def test_a_damaged_gzip_file_and_a_missing_file_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv.gz"
    with pytest.raises(IngestError, match="cannot be read: No such file"):
        read(USAGE_KIND, source(path, USAGE_KIND))
    text = b"account_id,kind,occurred_at\n" + b"a,x,2026-01-01\n" * 5_000
    path.write_bytes(gzip.compress(text)[:-20])
    with pytest.raises(IngestError, match="damaged gzip"):
        read(USAGE_KIND, source(path, USAGE_KIND))


@settings(deadline=None)
@given(times=st.lists(st.integers(0, 20), max_size=50))
def test_the_spool_gives_back_everything_in_either_order(times: list[int]) -> None:
    records = [
        EncodedRecord(line, float(at), f"k{at}".encode(), b"v" * line) for line, at in enumerate(times)
    ]
    with Spool() as spool:
        for record in records:
            spool.add(record)
        assert list(spool.records(by_time=False)) == records
        assert list(spool.records(by_time=True)) == sorted(records, key=lambda record: record.at)
        assert spool.in_time_order == (times == sorted(times))


@settings(deadline=None)
@given(lines=st.sets(st.integers(1, 60)))
def test_line_ranges_name_each_line_once(lines: set[int]) -> None:
    named: list[int] = []
    for part in filter(None, line_ranges(lines).split(", ")):
        first, _, last = part.partition("-")
        named += range(int(first), int(last or first) + 1)
    assert named == sorted(lines)


def test_each_kind_knows_its_topic() -> None:
    assert {name: kind.topic for name, kind in KINDS.items()} == {
        "tickets": "support.tickets",
        "usage": "product.usage-events",
    }
