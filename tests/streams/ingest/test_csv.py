"""CSV in practice: open quotes, encodings, delimiters. Every physical row is sent or refused."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ingest import (
    TICKET_KIND,
    IngestError,
    Instants,
    RejectedRow,
    SourceFile,
    Spool,
    parse_columns,
    read_into,
)
from streams.ingest.rows import FileLayout, FileRow, open_rows
from streams.ingest.spool import EncodedRecord
from tests.streams.ingest.test_ingest import tickets
from tests.streams.support.command_errors import call

HEADER = "account_id,occurred_at,body\n"


def read(path: Path, **options: str) -> tuple[list[EncodedRecord], list[RejectedRow]]:
    source = SourceFile(path, parse_columns(TICKET_KIND.fields, [], []), Instants(), **options)  # type: ignore[arg-type]
    wrong: list[RejectedRow] = []
    with Spool() as spool:
        count = read_into(spool, TICKET_KIND, source, progress=lambda _: None, wrong=wrong.append)
        assert count.rows == len(spool) + len(wrong)
        return list(spool.records(by_time=False)), wrong


def lines_of(numbers: int, **special: str) -> str:
    rows = [f"acme{n},2026-01-01T10:00:00Z,message {n}\n" for n in range(numbers)]
    for place, text in special.items():
        rows[int(place[1:])] = text
    return "".join(rows)


OPEN = 'acme,2026-01-01T10:00:00Z,"I cannot log in\n'


@pytest.mark.parametrize(
    "later",
    [
        {},
        {"n9": 'acme,2026-01-01T10:00:00Z,"quoted, and good"\n'},
        {"n9": 'acme,2026-01-01T10:00:00Z,"quoted\n\nover, lines"\n'},
        {"n9": 'acme,2026-01-01T10:00:00Z,a screen of 5"\n'},
        {"n9": 'acme,2026-01-01T10:00:00Z,said "no" to me\n'},
        {"n9": '"acme",2026-01-01T10:00:00Z,"with ""doubled"" quotes"\n'},
    ],
)
def test_an_open_quote_costs_its_own_line_and_no_other(tmp_path: Path, later: dict[str, str]) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(HEADER + lines_of(400, n2=OPEN, **later))
    records, wrong = read(path)
    assert [row.line for row in wrong] == [4]
    assert wrong[0].reason.startswith("a quote opens in this line and never closes")
    assert len(records) == 399
    assert max(len(ticket.body) for ticket in tickets(records)) < 40


@pytest.mark.parametrize(
    "opened",
    [
        'acme,2026-01-01T10:00:00Z,"at the end\n',
        'acme,"2026-01-01T10:00:00Z,in the middle\n',
        '"acme,2026-01-01T10:00:00Z,at the beginning\n',
    ],
)
@pytest.mark.parametrize("places", [["n0"], ["n199"], ["n3", "n7"], ["n3", "n4", "n5"]])
def test_open_quotes_in_any_column_and_in_many_lines_are_each_named(
    tmp_path: Path, opened: str, places: list[str]
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(HEADER + lines_of(200, **dict.fromkeys(places, opened)))
    records, wrong = read(path)
    assert [row.line for row in wrong] == [int(place[1:]) + 2 for place in places]
    assert len(records) == 200 - len(places)


def test_only_the_line_that_closes_a_quote_wrongly_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(HEADER + lines_of(9, n3='acme,2026-01-01T10:00:00Z,"He said "hi" to me"\n'))
    records, wrong = read(path)
    assert (len(records), [row.line for row in wrong]) == (8, [5])


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\ufdd0"), max_size=12)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_any_csv_that_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), *rows])
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_bytes(written.getvalue().encode())
    with open_rows(path) as reading:
        found = list(reading.rows)
    assert [tuple(row.cells.values()) for row in found if isinstance(row, FileRow)] == rows


QUOTED = st.text(st.sampled_from('a",\n'), max_size=60)


@settings(deadline=None)
@given(text=QUOTED)
def test_no_text_is_counted_twice_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "quotes.csv"
    path.write_text("a,b\n" + text)
    with open_rows(path) as reading:
        found = list(reading.rows)
    filled = {number for number, line in enumerate(text.split("\n"), start=2) if line}
    starts = [row.line for row in found]
    assert starts == sorted(set(starts))
    # A good row may span the lines up to the next row; a refused row is one line.
    for row, following in zip(found, starts[1:], strict=False):
        if isinstance(row, RejectedRow):
            assert not filled & set(range(row.line + 1, following))
    assert not filled or min(filled) == starts[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes((HEADER + "Müller,2026-01-01T10:00:00Z,Größe 日本\n").encode(encoding))
    records, wrong = read(path)
    assert ([ticket.body for ticket in tickets(records)], wrong) == (["Größe 日本"], [])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "iso8859-15"])
def test_bytes_that_are_not_utf8_are_refused_by_line_and_read_with_their_encoding(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes((HEADER + lines_of(3, n1="acme,2026-01-01T10:00:00Z,Rückfrage\n")).encode(encoding))
    records, wrong = read(path)
    assert (len(records), [row.line for row in wrong]) == (2, [3])
    assert "--encoding" in wrong[0].reason
    records, wrong = read(path, encoding=encoding)
    assert (tickets(records)[1].body, wrong) == ("Rückfrage", [])


@pytest.mark.parametrize(
    ("data", "encoding"), [(b"a\x81b", "cp1252"), (b"a\xff\xffb", "shift_jis"), (b"\xc3", None)]
)
def test_no_byte_becomes_a_replacement_character(tmp_path: Path, data: bytes, encoding: str | None) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes(HEADER.encode() + b"acme,2026-01-01T10:00:00Z," + data + b"\n" + lines_of(2).encode())
    options = {"encoding": encoding} if encoding is not None else {}
    records, wrong = read(path, **options)
    assert (len(records), [row.line for row in wrong]) == (2, [2])


def test_a_nul_is_refused_by_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes((HEADER + lines_of(3, n1="acme,2026-01-01T10:00:00Z,a\0b\n")).encode())
    records, wrong = read(path)
    assert (len(records), [row.line for row in wrong]) == (2, [3])
    assert wrong[0].reason.startswith("body: a NUL")


@pytest.mark.parametrize(
    ("header", "places"),
    [
        ("account_id,body,occurred_at,body", "columns 2 and 4"),
        ("account_id, account_id ,body,occurred_at", "1 and 2"),
    ],
)
def test_a_repeated_column_is_refused_with_its_places(tmp_path: Path, header: str, places: str) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(header + "\na,b,2026-01-01,d\n")
    with pytest.raises(IngestError, match=places):
        read(path)


def test_columns_that_no_field_needs_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("account_id,Comment,Comment,occurred_at,body,,\na,x,y,2026-01-01,text,,\n")
    records, wrong = read(path)
    assert ([ticket.body for ticket in tickets(records)], wrong) == (["text"], [])


@pytest.mark.parametrize("first", ["", "sep=;\r\n"])
def test_the_delimiter_is_recognised_in_the_header(tmp_path: Path, first: str) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("\ufeff" + first + 'account_id;"body";occurred_at\r\nacme;"Hallo; da, du";2026-01-01\r\n')
    records, wrong = read(path)
    assert ([ticket.body for ticket in tickets(records)], wrong) == (["Hallo; da, du"], [])


def test_a_line_without_end_is_refused_and_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.ingest.texts.MAX_LINE_CHARACTERS", 1_000)
    path = tmp_path / "tickets.csv"
    path.write_text(HEADER + lines_of(3, n1=f"acme,2026-01-01T10:00:00Z,{'x' * 5_000}\n"))
    records, wrong = read(path)
    assert (len(records), [row.line for row in wrong]) == (2, [3])


@pytest.mark.parametrize(
    ("start", "told"),
    [(b"PK\x03\x04rest", "spreadsheet"), (b"BZh9rest", "bzip2"), (b"\x28\xb5\x2f\xfdrest", "zstd")],
)
def test_a_file_with_another_compression_is_named(tmp_path: Path, start: bytes, told: str) -> None:
    path = tmp_path / "tickets.xlsx"
    path.write_bytes(start)
    with pytest.raises(IngestError, match=told), open_rows(path, FileLayout()):
        pass


def test_an_unknown_encoding_is_one_sentence(tmp_path: Path) -> None:
    for name in ("klingon", "rot13", "base64", ""):
        with pytest.raises(IngestError, match="--encoding"):
            read(tmp_path / "any.csv", encoding=name)


ESCAPES = {
    "a column": ("table.csv", "\x1b[2Jaccount_id,body\na,b\n"),
    "a word for a channel": (
        "rows.jsonl",
        '{"account_id": "a", "body": "b", "channel": "\\u001b[2J", "occurred_at": "2026-01-01"}\n',
    ),
    "a field that occurs twice": ("rows.jsonl", '{"\\u001b[2J": 1, "\\u001b[2J": 2}\n'),
}


@pytest.mark.parametrize(("name", "text"), ESCAPES.values(), ids=ESCAPES)
def test_no_escape_of_a_file_reaches_the_terminal(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    told = call("ingest", "tickets", str(tmp_path / name), "--check").stderr
    assert "\\x1b[2J" in told
    assert "\x1b[2J" not in told
