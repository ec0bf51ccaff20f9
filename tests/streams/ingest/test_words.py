"""Times, channels and kinds in the forms of other products."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ingest import (
    TICKET_KIND,
    USAGE_KIND,
    IngestError,
    Instants,
    Present,
    RejectedRow,
    SourceFile,
    Spool,
    parse_columns,
    parse_delimiter,
    parse_formats,
    parse_zone,
    read_into,
)
from tests.streams.ingest.test_ingest import read, source, tickets, usage

TEN = datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T10:00:00Z",
        " 2026-01-01T10:00:00Z ",
        "2026-01-01 10:00:00 UTC",
        "2026-01-01 10:00:00 GMT",
        "2026-01-01 10:00:00+0000",
        "2026-01-01 12:00:00 +0200",
        "2026-01-01 12:00:00 +02:00",
        "2026-01-01T10:00:00 Z",
        "2026-01-01T10:00:00.000000000Z",
        "2026-01-01 10:00",
        "20260101T100000Z",
        "Thu, 01 Jan 2026 10:00:00 +0000",
        "Thu, 1 Jan 2026 11:00:00 +0100 (CET)",
        "1 Jan 2026 10:00 GMT",
        "Thu Jan 01 10:00:00 +0000 2026",
        "Thu Jan  1 10:00:00 2026",
        "1767261600",
        1767261600,
        1767261600.0,
        "1767261600.0",
        "1767261600000",
        1767261600000,
        "1767261600000000",
    ],
)
def test_a_time_that_has_one_meaning_is_read(value: str | float) -> None:
    assert Instants().read(value) == TEN


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("01/02/2026 10:00", "--time-format"),
        ("31.01.2026 10:00", "--time-format"),
        ("1-2-2026", "--time-format"),
        ("Jan 5, 2026", "--time-format"),
        ("2026-01-01 10:00:00 CET", "--time-format"),
        ("0000-00-00 00:00:00", "no such date"),
        ("2026-02-30T10:00:00Z", "no such date"),
        ("2026-01-01T25:00:00Z", "no such date"),
        ("Mon, 01 Jan 2026 10:00:00 +0000", "no such date"),
        ("Wed Jan 01 10:00:00 +0000 2026", "no such date"),
        ("Thu, 31 Feb 2026 10:00:00 +0000", "no such date"),
        ("9999-12-31T23:59:59-12:00", "outside the years"),
        ("0001-01-01T00:00:00+12:00", "outside the years"),
        ("-5", "a day number needs --start"),
        (17, "a day number needs --start"),
        ("1_767_261_600", "not a time"),
        ("1e9", "not a time"),
        ("１７６７２６１６００", "not a time"),
        ("nan", "not a time"),
        (float("nan"), "not a time"),
        (float("inf"), "not a time"),
        (10**400, "not a time"),
        (True, "not a time"),
        ("202601011000", "not a time"),
        ("20260101100000", "not a time"),
        ("500000000", "not a time"),
        ("99999999999999999999", "not a time"),
        ("", "not a time"),
        ("2026-01-01x10:00", "--time-format"),
    ],
)
def test_a_text_that_is_no_time_or_ambiguous_is_refused(value: str | float, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Instants().read(value)


@settings(deadline=None)
@given(value=st.text(max_size=40) | st.floats() | st.integers() | st.from_regex(r"[0-9T:. +\-Z/]{1,30}"))
def test_any_value_that_is_no_time_is_refused_with_a_value_error(value: str | float) -> None:
    for instants in (Instants(), Instants(start=TEN), Instants(zone=parse_zone("Europe/Berlin"))):
        if instants.reads(value):
            assert instants.read(value).utcoffset() == timedelta(0)


@settings(deadline=None)
@given(at=st.integers(946_684_800, 4_102_444_799))
def test_seconds_milliseconds_and_microseconds_are_told_apart_by_their_range(at: int) -> None:
    instants = Instants()
    assert len({instants.read(at * unit) for unit in (1, 1_000, 1_000_000)}) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-29T02:30:00", "skips this hour"),
        ("2026-10-25T02:30:00", "shows this hour twice"),
    ],
)
def test_an_hour_that_the_clock_skips_or_shows_twice_is_not_guessed(text: str, reason: str) -> None:
    berlin = Instants(zone=parse_zone("Europe/Berlin"))
    with pytest.raises(ValueError, match=reason):
        berlin.read(text)
    assert berlin.read(text + "+02:00").minute == 30
    assert Instants().read(text).hour == 2


def test_only_the_named_form_is_read() -> None:
    formats = parse_formats(["%d.%m.%Y %H:%M", "%d.%m.%Y"])
    german = Instants(formats=formats, zone=parse_zone("Europe/Berlin"))
    assert german.read("01.02.2026 10:00") == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert german.read("01.02.2026") == datetime(2026, 1, 31, 23, tzinfo=UTC)
    for other in ("2026-02-01T10:00:00Z", "02/01/2026", "1767261600"):
        with pytest.raises(ValueError, match="not in the form of --time-format"):
            german.read(other)
    for form in ("%Q", "%d.%m.%Y %s", "%"):
        with pytest.raises(IngestError, match="--time-format"):
            parse_formats([form])


def refusals(path: Path, kind: str, row: str) -> list[str]:
    found: list[RejectedRow] = []
    record_kind = TICKET_KIND if kind == "tickets" else USAGE_KIND
    present = Present(TEN, timedelta(minutes=5))
    path.write_text(f"account_id,kind,body,occurred_at\n{row}\n")
    with Spool() as spool:
        options = SourceFile(path, parse_columns(record_kind.fields, [], []), Instants(), present=present)
        read_into(spool, record_kind, options, progress=lambda _: None, wrong=found.append)
    return [row.reason for row in found]


@pytest.mark.parametrize("kind", ["tickets", "usage"])
@pytest.mark.parametrize("year", [1960, 2026, 2099])
def test_events_that_the_intake_refuses_are_refused_in_files(tmp_path: Path, kind: str, year: int) -> None:
    event_kind = "customer_message" if kind == "tickets" else "login"
    reasons = refusals(tmp_path / "x.csv", kind, f"acme,{event_kind},text,{year}-01-01T09:00:00Z")
    assert [reason.partition(":")[0] for reason in reasons] == ([] if year == 2026 else ["occurred_at"])


@pytest.mark.parametrize("kind", ["tickets", "usage"])
def test_an_account_with_blanks_around_it_is_refused_in_files(tmp_path: Path, kind: str) -> None:
    event_kind = "customer_message" if kind == "tickets" else "login"
    reasons = refusals(tmp_path / "x.csv", kind, f" acme ,{event_kind},text,2026-01-01T09:00:00Z")
    assert reasons == ["account_id: blanks at its beginning or end"]


KNOWN = {
    "email": ["email", "Email", "EMAIL", "mail", "E-Mail", "Channel::Email"],
    "web": ["web", "api", "Web form", "Web_Form", "Portal", "help_center", ""],
    "chat": [
        *(
            "phone",
            "Phone",
            "voice",
            "sms",
            "whatsapp",
            "native_messaging",
            "mobile_sdk",
            "messaging",
            "chat ",
        ),
        *("Live chat", "Channel::TwilioSms", "twitter direct-message", "facebook_message"),
    ],
    "forum": ["facebook", "twitter", "any_channel", "Social media", "twitter status", "Community"],
}


@pytest.mark.parametrize(("channel", "words"), KNOWN.items())
def test_the_usual_words_for_channels_are_understood(tmp_path: Path, channel: str, words: list[str]) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(
        "account_id,body,occurred_at,channel\n" + "".join(f"a,b,2026-01-01,{word}\n" for word in words)
    )
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert ({ticket.channel for ticket in tickets(records)}, wrong) == ({channel}, [])


def test_an_unknown_channel_is_refused_remembered_once_and_can_be_mapped(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("account_id,body,occurred_at,channel\n" + "a,b,2026-01-01,Brieftaube\n" * 3)
    with Spool() as spool:
        count = read_into(
            spool, TICKET_KIND, source(path, TICKET_KIND), progress=lambda _: None, wrong=lambda _: None
        )
        assert (count.refused, dict(count.unknown_channels)) == (3, {"Brieftaube": 3})
    columns = parse_columns(TICKET_KIND.fields, [], [], ["channel:brieftaube=email", "channel:Phone=web"])
    with Spool() as spool:
        mapped = SourceFile(path, columns, Instants())
        count = read_into(spool, TICKET_KIND, mapped, progress=lambda _: None, wrong=lambda _: None)
        assert (count.rows, count.refused) == (3, 0)


@pytest.mark.parametrize(
    "option", ["channel", "channel:Phone", "channel=chat", "colour:red=blue", "channel:=chat"]
)
def test_a_map_that_names_nothing_is_refused(option: str) -> None:
    with pytest.raises(IngestError, match="--map"):
        parse_columns(TICKET_KIND.fields, [], [], [option])


@pytest.mark.parametrize(
    "text",
    [
        "account_id,kind,occurred_at\na,closed,2026-01-01\na,Solved,2026-01-01\na,merged,2026-01-01\n",
        "account_id,kind,occurred_at,body\na,closed,2026-01-01,\na,resolved,2026-01-01,\na,merged,2026-01-01,x\n",
    ],
)
def test_events_that_end_a_ticket_need_no_body(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(text + "a,human_reply,2026-01-01" + ("," if "body" in text else "") + "\n")
    records, wrong = read(TICKET_KIND, source(path, TICKET_KIND))
    assert [ticket.kind for ticket in tickets(records)] == ["closed", "closed", "merged"]
    assert [row.reason for row in wrong] == ["body: missing"]


def test_usage_kinds_of_product_analytics_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    kinds = ["$pageview", "export:pdf", "Order Completed", "[Amplitude] Page Viewed"]
    path.write_text("account_id,kind,occurred_at\n" + "".join(f"a,{kind},2026-01-01\n" for kind in kinds))
    records, wrong = read(USAGE_KIND, source(path, USAGE_KIND))
    assert ([event.kind for event in usage(records)], wrong) == (kinds, [])


@pytest.mark.parametrize("text", ["", "ab", '"', "\n", "x"])
def test_a_text_that_is_no_delimiter_is_refused(text: str) -> None:
    with pytest.raises(IngestError, match="--delimiter"):
        parse_delimiter(text)


@pytest.mark.parametrize("text", ["\\t", "tab", "TAB", "\t"])
def test_a_tab_can_be_written_in_each_usual_way(text: str) -> None:
    assert parse_delimiter(text) == "\t"
