"""Header names that are not UTF-8 stop no partition, and everything else is read as before."""

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.record_batches import Records, install

CRC_AT, CRC_FROM = 17, 21
GZIP, SNAPPY = 1, 2
Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


def batch_of(records: Sequence[Record], *, base_offset: int = 0, compression: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=compression,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    for offset, (key, value, headers) in enumerate(records):
        builder.append(offset, 1_700_000_000_000 + offset, key, value, headers)
    return struct.pack(">q", base_offset) + bytes(builder.build())[8:]


def renamed(batch: bytes, old: bytes, new: bytes) -> bytes:
    """Return an uncompressed batch with other bytes of the same length in it, and the right checksum."""
    changed = batch.replace(old, new)
    return changed[:CRC_AT] + struct.pack(">I", calc_crc32c(changed[CRC_FROM:])) + changed[CRC_FROM:]


def fetched(data: bytes, *, read_by: Any = Records) -> Any:
    return fetcher.PartitionRecords(TopicPartition("t", 0), read_by(data), [], 0, None, None, True, 0)


def told(data: bytes, *, read_by: Any = Records) -> list[tuple[Any, ...]]:
    return [(r.offset, r.timestamp, r.key, r.value, r.headers) for r in fetched(data, read_by=read_by)]


THREE: list[Record] = [
    (b"a", b"first", [("plain", b"1")]),
    (b"b", b"second", [("na12me", b"\xff"), ("behind", None)]),
    (None, b"third", []),
]


def test_a_name_that_is_not_utf_8_gets_escapes_and_nothing_else_changes() -> None:
    data = renamed(batch_of(THREE), b"na12me", b"na\xff\xfeme") + batch_of(THREE[:1], base_offset=3)
    plain = told(batch_of(THREE) + batch_of(THREE[:1], base_offset=3), read_by=MemoryRecords)
    escaped = (("na\\xff\\xfeme", b"\xff"), ("behind", None))
    assert told(data) == [plain[0], (*plain[1][:4], escaped), *plain[2:]]


def test_aiokafka_alone_stops_at_a_name_that_is_not_utf_8() -> None:
    with pytest.raises(UnicodeDecodeError):
        told(renamed(batch_of(THREE), b"na12me", b"na\xff\xfeme"), read_by=MemoryRecords)


def test_a_name_that_is_not_utf_8_in_the_first_record_loses_no_record() -> None:
    data = renamed(batch_of(THREE), b"plain", b"\xc3\x28ain")
    assert [offset for offset, *_ in told(data)] == [0, 1, 2]


def test_a_batch_cut_off_by_the_size_of_the_answer_is_left_for_the_next() -> None:
    first, second = batch_of(THREE), batch_of(THREE, base_offset=3)
    assert [offset for offset, *_ in told(first + second[:-5])] == [0, 1, 2]


names, values = st.text(max_size=8), st.binary(max_size=20)
some_records = st.lists(
    st.tuples(
        st.none() | values,
        st.none() | values,
        st.lists(st.tuples(names, st.none() | values), max_size=3),
    ),
    min_size=1,
    max_size=5,
)


@given(some_records, st.sampled_from([0, GZIP, SNAPPY]))
def test_well_formed_batches_are_read_as_aiokafka_reads_them(records: list[Record], compression: int) -> None:
    data = batch_of(records, compression=compression) + batch_of(THREE, base_offset=len(records))
    assert told(data) == told(data, read_by=MemoryRecords)


def test_after_install_every_consumer_reads_through_our_records() -> None:
    install()
    assert fetcher.MemoryRecords is Records


ATTRIBUTES_AT, CONTROL = 21, 0x20
READ_COMMITTED = 1
Piece = tuple[str, int]
pieces = st.lists(st.tuples(st.sampled_from(["plain", "commit", "abort"]), st.integers(1, 3)), max_size=6)


def transactional(records: Sequence[Record], *, base_offset: int, producer: int) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=1, producer_id=producer, producer_epoch=0,
        base_sequence=0, batch_size=1_000_000,
    )  # fmt: skip
    for offset, (key, value, headers) in enumerate(records):
        builder.append(offset, 1_700_000_000_000, key, value, headers)
    return struct.pack(">q", base_offset) + bytes(builder.build())[8:]


def marker(how: str, *, base_offset: int, producer: int) -> bytes:
    """The end marker of a transaction, as the broker writes it."""
    key = struct.pack(">hh", 0, how == "commit")
    batch = bytearray(transactional([(key, b"\x00" * 6, [])], base_offset=base_offset, producer=producer))
    batch[ATTRIBUTES_AT + 1] |= CONTROL
    return (
        bytes(batch[:CRC_AT])
        + struct.pack(">I", calc_crc32c(bytes(batch[CRC_FROM:])))
        + bytes(batch[CRC_FROM:])
    )


def log_of(some: list[Piece], *, name: bytes) -> tuple[bytes, list[tuple[int, int]], list[int], int]:
    """The bytes of a partition, its aborted transactions, its readable offsets, and its end."""
    data, aborted, readable, at = b"", [], list[int](), 0
    for producer, (how, count) in enumerate(some):
        records: list[Record] = [(b"k", b"v%d" % n, [("na12me", b"1")]) for n in range(count)]
        if how == "plain":
            data += renamed(batch_of(records, base_offset=at), b"na12me", name)
        else:
            batch = transactional(records, base_offset=at, producer=producer)
            data += renamed(batch, b"na12me", name)
            data += marker(how, base_offset=at + count, producer=producer)
        if how == "abort":
            aborted.append((producer, at))
        else:
            readable += range(at, at + count)
        at += count + (how != "plain")
    return data, aborted, readable, at


@given(some=pieces, is_broken=st.booleans())
def test_transactions_are_read_by_their_ends_with_any_header_names(
    some: list[Piece], *, is_broken: bool
) -> None:
    data, aborted, readable, end = log_of(some, name=b"na\xff\xfeme" if is_broken else b"na12me")
    read = fetcher.PartitionRecords(
        TopicPartition("t", 0), Records(data), aborted, 0, None, None, True, READ_COMMITTED
    )
    assert [record.offset for record in read] == readable
    assert read.next_fetch_offset == end
