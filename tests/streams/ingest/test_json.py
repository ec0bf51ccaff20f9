"""JSON in the shapes of exports: lines, arrays, lists in objects, pretty or not, in bounded memory."""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ingest import TICKET_KIND, USAGE_KIND, IngestError, RejectedRow
from streams.ingest.rows import FileLayout, FileRow, open_rows
from tests.streams.ingest.test_ingest import read, source, tickets

ROWS = [{"account_id": "a", "body": f"text {n}", "occurred_at": "2026-01-01"} for n in range(3)]


def rows_of(path: Path, *wrappers: str) -> list[FileRow | RejectedRow]:
    with open_rows(path, FileLayout(wrappers=frozenset(wrappers))) as reading:
        return list(reading.rows)


def cells_of(rows: Sequence[FileRow | RejectedRow]) -> list[dict[str, Any]]:
    return [row.cells for row in rows if isinstance(row, FileRow)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("\n".join(map(json.dumps, ROWS)), "line"),
        ("\ufeff" + "\r\n".join(map(json.dumps, ROWS)) + "\r\n", "line"),
        (json.dumps(ROWS), "item"),
        ("  \n" + json.dumps(ROWS, indent=4), "item"),
        (json.dumps({"tickets": ROWS}), "item"),
        (json.dumps({"data": {"meta": {"count": 3}, "items": ROWS}}, indent=1), "item"),
        ("\n".join(json.dumps(row, indent=2) for row in ROWS), "item"),
        (json.dumps({"tickets": ROWS[:2]}) + json.dumps({"tickets": ROWS[2:]}), "item"),
    ],
)
def test_every_shape_holds_the_same_rows(tmp_path: Path, text: str, unit: str) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(text)
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert ([ticket.body for ticket in tickets(records)], wrong) == (["text 0", "text 1", "text 2"], [])
    with open_rows(path, FileLayout(wrappers=frozenset({"tickets", "items", "data"}))) as reading:
        assert reading.unit == unit


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5)


@settings(max_examples=40, deadline=None)
@given(rows=OBJECTS, indent=st.sampled_from([None, 0, 2, "\t"]), plain=st.booleans())
def test_any_json_that_python_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], indent: Any, plain: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(rows, indent=indent, allow_nan=False, ensure_ascii=plain), encoding="utf-8")
    assert cells_of(rows_of(path)) == rows


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_after_a_bracket_are_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    for start in (b"[{", b'{"data":[', b'{\n"a":1,', b"[[", b"[" * 5_000):
        path.write_bytes(start + data)
        try:
            rows_of(path, "data")
        except IngestError as error:
            assert "Nothing was sent" in str(error)  # noqa: PT017 - a file may be good, too


def test_only_the_broken_line_is_refused_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    good = json.dumps(ROWS[0])
    for place in range(4):
        lines = [good] * 3
        lines.insert(place, good[:-9])
        path.write_text("\n".join(lines))
        records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
        assert (len(records), [row.line for row in wrong]) == (3, [place + 1])


@pytest.mark.parametrize(
    "bad",
    [
        *('{"body": "a", "body": "b"}', '{"a": {"x": 1, "x": 2}}', '{"a": NaN}', '{"a": 1} {"a": 2}', "[1]"),
        *("NaN", "[" * 100_000, '{"a":' * 100_000, "1" * 5_000),
    ],
)
def test_a_line_that_is_no_plain_object_is_refused(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_text("\n".join([json.dumps(ROWS[0]), bad, json.dumps(ROWS[1])]))
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert (len(records), [row.line for row in wrong]) == (2, [2])


def test_items_of_a_document_are_refused_by_number_and_a_broken_document_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    items = [json.dumps(ROWS[0]), '{"body": "x", "body": "y"}', "7", json.dumps({**ROWS[1], "body": "a\0"})]
    path.write_text("[" + ",\n".join([*items, json.dumps(ROWS[2])]) + "]")
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert [record.line for record in records] == [1, 5]
    assert [(row.unit, row.line) for row in wrong] == [("item", 2), ("item", 3), ("item", 4)]
    path.write_text("[" + ",\n".join(items))
    with pytest.raises(IngestError, match=r"not JSON after item 4: .*\. Nothing was sent\."):
        read(TICKET_KIND, source(path, TICKET_KIND))


def test_bytes_that_are_not_utf8_cost_one_item(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    bad = json.dumps({**ROWS[0], "body": "M\u00fcller"}, ensure_ascii=False).encode("cp1252")
    path.write_bytes(b"[" + json.dumps(ROWS[0]).encode() + b"," + bad + b"]")
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert (len(records), wrong[0].line) == (1, 2)
    assert wrong[0].reason.startswith("not UTF-8")


def test_a_record_with_a_list_in_it_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(
        json.dumps({"account_id": "a", "kind": "x", "occurred_at": "2026-01-01", "items": [1]}, indent=1)
    )
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
    assert (len(records), wrong) == (1, [])


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_large_array_is_read_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    monkeypatch.setattr("streams.ingest.documents.CHUNK_CHARACTERS", 65_536)
    path = tmp_path / "large.json"
    array = "[" + ",".join([json.dumps({"a": "x" * 1_000})] * 6_000) + "]"
    path.write_text('{"count": 1, "data": ' + array + "}" if wrapped else array)
    size = path.stat().st_size
    del array
    tracemalloc.start()
    with open_rows(path, FileLayout(wrappers=frozenset({"data"}))) as reading:
        assert sum(1 for _ in reading.rows) == 6_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 4


def test_a_column_can_be_a_path_into_json(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    row = {
        "organization": {"name": "ACME"},
        "comments": [{"text": "hi"}],
        "via": {"channel": "native_messaging"},
        "a.b": "2026-01-01",
    }
    path.write_text(json.dumps(row))
    mapping = (
        "account_id=organization.name",
        "body=comments.0.text",
        "channel=via.channel",
        "occurred_at=a.b",
    )
    records, _ = read(TICKET_KIND, source(path, TICKET_KIND, *mapping))
    ticket = tickets(records)[0]
    assert (ticket.account_id, ticket.body, ticket.channel) == ("ACME", "hi", "chat")
