"""Poison for `product.usage-events`: the error of each record, and its fate."""

import gzip
import json
from collections.abc import Iterator
from functools import cache

from tests.faults.poison_parts import (
    ACCOUNT,
    FAR_AHEAD,
    FOREIGN_NAMED,
    FORGED,
    MEGABYTE,
    NUL_NAMED,
    WHEN,
    Fate,
    Maker,
    Poison,
    broken_values,
    no_objects,
    poison,
)

FIELDS = {
    "event_id": "",
    "account_id": ACCOUNT,
    "kind": "task.labelled",
    "occurred_at": WHEN,
    "quantity": 2.0,
}
ONE_FIELD: tuple[tuple[str, str, bytes, Fate], ...] = (
    ("NaN", "quantity", b"NaN", "broken_json"),
    ("Infinity", "quantity", b"Infinity", "broken_json"),
    ("1e400", "quantity", b"1e400", "invalid_record"),
    ("an integer of 5,000 digits for a number", "quantity", b"7" * 5_000, "invalid_record"),
    ("less than nothing", "quantity", b"-1", "invalid_record"),
    ("more than a billion", "quantity", b"1e10", "invalid_record"),
    ("a number in quotes", "quantity", b'"2"', "invalid_record"),
    ("true for a number", "quantity", b"true", "invalid_record"),
    ("null for a number", "quantity", b"null", "invalid_record"),
    ("a number for a truth", "failed", b"1", "invalid_record"),
    ("a lone surrogate", "event_id", b'"\\ud800"', "broken_json"),
    ("invalid UTF-8", "event_id", b'"\xff\xfe"', "broken_json"),
    ("a raw control character", "event_id", b'"a\x01b"', "broken_json"),
    ("a number for an id", "event_id", b"7", "invalid_record"),
    ("an empty id", "event_id", b'""', "invalid_record"),
    ("an id of 201 characters", "event_id", b'"' + b"x" * 201 + b'"', "invalid_record"),
    ("a kind with a space", "kind", b'"task labelled"', "effect"),
    ("a kind that is a script", "kind", b'"<script>alert(1)</script>"', "effect"),
    ("a kind that is SQL", "kind", b'"x\'; DROP TABLE seen; --"', "effect"),
    ("a kind with a line end", "kind", b'"task.labelled\\n"', "invalid_record"),
    ("a kind in other letters", "kind", b'"t\xd0\xb0sk"', "effect"),
    ("a kind with outer blanks", "kind", b'" task"', "invalid_record"),
    ("a kind that turns the line round", "kind", b'"\xe2\x80\xaeksat"', "invalid_record"),
    ("a kind with NUL", "kind", b'"task\\u0000"', "invalid_record"),
    ("seconds since 1970", "occurred_at", b"1767571200", "invalid_record"),
    ("milliseconds since 1970", "occurred_at", b"1767571200000", "invalid_record"),
    ("seconds since 1970 as text", "occurred_at", b'"1767571200"', "invalid_record"),
    ("null for a time", "occurred_at", b"null", "invalid_record"),
    ("a time without zone", "occurred_at", b'"2026-01-05T00:00:00"', "invalid_record"),
    ("a day that is none", "occurred_at", b'"2026-02-30T00:00:00Z"', "invalid_record"),
    ("an unset clock", "occurred_at", b'"0001-01-01T00:00:00Z"', "invalid_record"),
    ("1970", "occurred_at", b'"1970-01-01T00:00:00Z"', "invalid_record"),
    ("another century", "occurred_at", f'"{FAR_AHEAD}"'.encode(), "from_the_future"),
    ("the year 9999", "occurred_at", b'"9999-12-31T23:59:59Z"', "from_the_future"),
    ("a version to come", "schema_version", b"2", "unknown_version"),
    ("a version in quotes", "schema_version", b'"1"', "unknown_version"),
    ("null for a version", "schema_version", b"null", "unknown_version"),
    ("100,000 objects in each other", "more", b'{"a":' * 100_000, "broken_json"),
    ("5,000 digits in an unknown field", "more", b"7" * 5_000, "effect"),
    ("NUL in the event's id", "event_id", b'"a\\u0000b"', "effect"),
    ("SQL for an id", "event_id", b'"x\'; DROP TABLE seen; --"', "effect"),
    ("a right-to-left override in an id", "event_id", b'"\\u202ex"', "effect"),
)


@cache
def usage_poisons() -> tuple[Poison, ...]:
    """Return the poison of `product.usage-events`; names and event ids are unique."""
    make = Maker("usage", FIELDS, "event_id")
    return (*_of_any_topic(), *_fields(make), *_envelopes(make), *_ids(make))


def _of_any_topic() -> Iterator[Poison]:
    yield from (poison(name, value, "broken_json") for name, value in broken_values().items())
    yield from (poison(name, value, "invalid_record") for name, value in no_objects().items())
    yield poison("a gzip bomb", gzip.compress(bytes(50 * MEGABYTE), mtime=0), "broken_json")
    yield poison("an empty value", b"", "empty_value")
    yield poison("a null value", None, "empty_value")


def _fields(make: Maker) -> Iterator[Poison]:
    for name in ("event_id", "account_id", "kind", "occurred_at"):
        yield poison(f"no {name}", make.without(name), "invalid_record")
    for name, field, raw, fate in ONE_FIELD:
        yield poison(name, make.raw(field, raw), fate)
    yield poison("extra fields", make.record(more={"x": [1, None]}, user="<script>"), "effect")
    yield poison("a field given twice", make.first("quantity", b"-7"), "invalid_record")
    yield poison("a good field given twice", make.first("quantity", b"7"), "effect")
    yield poison("half a megabyte of spaces", b" " * 500_000 + make.record(), "effect")
    ticket = make.record(kind="customer_message", ticket_id="t", body="help")
    yield poison("a ticket on the wrong topic", ticket, "invalid_record")
    mood = make.record(kind="sentiment", ticket_id="t", label="negative")
    yield poison("a sentiment on the wrong topic", mood, "invalid_record")
    yield poison("a megabyte in an unknown field", make.record(more="x" * MEGABYTE), "too_large")


def _envelopes(make: Maker) -> Iterator[Poison]:
    yield poison("a null key", make.record(), "key_mismatch", key=None)
    yield poison("another account's key", make.record(), "key_mismatch", key=b"somebody-else")
    yield poison("a key that is no text", make.record(), "key_mismatch", key=b"\xff\x00")
    nul = make.record(account_id="a\x00b")
    yield poison("NUL in the account's id", nul, "invalid_record", key=b"a\x00b")
    yield poison("forged headers", make.record(), "effect", headers=FORGED)
    yield poison("forged headers on a broken value", b"{", "broken_json", headers=FORGED)
    yield poison("NUL in a header's name on a broken value", b"{]", "broken_json", headers=NUL_NAMED)
    yield poison("a header's name that is not UTF-8", make.record(), "effect", headers=FOREIGN_NAMED)


def _ids(make: Maker) -> Iterator[Poison]:
    key = ACCOUNT.encode()
    one, two = make.fields(), make.fields()
    again = json.dumps(one).encode()
    yield Poison("the same event again", key, again, (), "duplicate", before=again)
    other = json.dumps(two | {"quantity": 3.0}).encode()
    yield Poison("an id with other content", key, other, (), "duplicate", before=json.dumps(two).encode())
    long_ago = make.raw("occurred_at", b'"2016-01-05T00:00:00Z"')
    yield Poison("ten years ago", key, long_ago, (), "late", before=make.record())
    yield Poison("an event of 5 MB", key, make.record(more="x" * 5 * MEGABYTE), (), "refused")
