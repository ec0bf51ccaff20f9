"""Decoding many usage events at once gives the same items and failures as decoding each alone."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.consume import Handler, InvalidRecord
from streams.consume.holes import EmptyRanges
from streams.consume.partitions import OwnedPartition, OwnedPartitions, PartitionBatch
from streams.consume.pauses import FailurePolicy, Pauses
from streams.kafka.topics import USAGE_EVENTS
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler
from tests.streams.support.rig import chunk_of
from tests.streams.support.samples import TOLERANCE, WHEN, Raw

MAX_BYTES = 400


def value(**changes: Any) -> bytes:
    fields = {"event_id": "u1", "account_id": "a1", "kind": "api.call", "occurred_at": WHEN, "quantity": 1.0}
    return msgspec.json.encode(fields | changes)


GOOD = [(b"a1", value()), (b"a2", value(account_id="a2", kind="login")), (b"a1", value(failed=True))]
BAD: list[tuple[bytes | None, bytes | None]] = [
    (b"a1", None),
    (b"a1", b""),
    (b"a1", b"{"),
    (b"a1", b"x" * (MAX_BYTES + 1)),
    (b"a2", value()),
    (None, value()),
    (b"a1", value(kind="no\nbreaks")),
    (b"a1", value(kind=" outer")),
    (b" a1 ", value(account_id=" a1 ")),
    (b"a1", value(kind="sentiment")),
    (b"a1", value(occurred_at=utc_now() + timedelta(days=3))),
    (b"a1", value(quantity=-1)),
    (b"a1", value(schema_version=2)),
    (b"a1", value() + b"\n" + value()),
]


class OneByOne(UsageHandler):
    decode_many = Handler.decode_many


def decoded(kind: type[UsageHandler], records: list[Raw]) -> PartitionBatch:
    handler = kind(metrics=Metrics(), tolerance=TOLERANCE)
    pauses = Pauses(FailurePolicy())
    partitions = OwnedPartitions(handler, pauses, EmptyRanges(), max_record_bytes=MAX_BYTES)
    partitions.open(OwnedPartition(0, 1, 1, 0))
    (part,) = partitions.decode([chunk_of(records)], 1)
    return part


@settings(deadline=None)
@given(pairs=st.lists(st.sampled_from(GOOD * 4 + BAD), min_size=1, max_size=40))
def test_decoding_many_records_equals_decoding_each(pairs: list[tuple[bytes | None, bytes | None]]) -> None:
    records = [Raw(key, body, USAGE_EVENTS, offset=place) for place, (key, body) in enumerate(pairs)]
    together, alone = decoded(UsageHandler, records), decoded(OneByOne, records)
    assert together.decoded == alone.decoded
    assert together.failures == alone.failures
    assert len(together.decoded) + len(together.failures) == len(pairs)


def test_every_bad_value_here_is_bad() -> None:
    handler = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE)
    for place, (key, body) in enumerate(BAD):
        if body and len(body) <= MAX_BYTES:
            try:
                handler.decode(Raw(key, body, USAGE_EVENTS))
            except InvalidRecord:
                continue
            raise AssertionError(place)
