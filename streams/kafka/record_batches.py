r"""Read record batches whose header names are not UTF-8, which aiokafka cannot.

Kafka's record format (KIP-82) defines header names as UTF-8, but no broker checks it. aiokafka raises on
a name with other bytes and never gets past it: one foreign producer would stop a partition. We change the
name instead, as other clients do: its wrong bytes are written as \xff. Key, value and the header's value
stay byte for byte.
"""

import struct
from collections.abc import Iterator
from typing import Any, Final, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords

_LENGTH: Final = struct.Struct(">8xi")
"""A batch begins with its base offset (8 bytes) and the number of bytes after these 12."""


class _Buffer(bytearray):
    """Bytes whose parts decode without an error."""

    def __getitem__(self, part: SupportsIndex | slice) -> Any:
        found = super().__getitem__(part)
        return _Buffer(found) if isinstance(part, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, "backslashreplace")


class _ForgivingBatch(default_records._DefaultRecordBatchPy):  # type: ignore[misc]
    """aiokafka's own parser in Python, on bytes that decode without an error."""

    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _Buffer):
            self._buffer = _Buffer(self._buffer)


class ReadableBatch:
    """A batch as aiokafka reads it; from the first name that is not UTF-8 on, the slower parser reads it."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        """Yield the records in order."""
        last_offset = -1
        try:
            for record in self._batch:
                last_offset = record.offset
                yield record
        except UnicodeDecodeError:
            yield from (record for record in _ForgivingBatch(self._data) if record.offset > last_offset)


class Records:
    """The batches of a fetched partition: those of aiokafka's MemoryRecords, each as a `ReadableBatch`."""

    def __init__(self, data: bytes) -> None:
        self._records = MemoryRecords(data)
        self._data = memoryview(data)
        self._position = 0

    def size_in_bytes(self) -> int:
        """Return how many bytes were fetched."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Return whether a whole batch is left."""
        return bool(self._records.has_next())

    def next_batch(self) -> ReadableBatch | None:
        """Return the next batch, or None after the last."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        begin = self._position
        self._position += _LENGTH.size + _LENGTH.unpack_from(self._data, begin)[0]
        return ReadableBatch(batch, self._data[begin : self._position])


def install() -> None:
    """Let every aiokafka consumer of this process read through `Records`; may be called again."""
    fetcher.MemoryRecords = Records
