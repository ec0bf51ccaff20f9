"""Records between reading and sending: on disk, with a small index in memory, in either of two orders."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from streams.ingest.texts import IngestError


@dataclass(frozen=True, slots=True)
class EncodedRecord:
    """A record ready to be sent; `at` is its event time in unix seconds."""

    line: int
    at: float
    key: bytes
    value: bytes


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IngestError(
            f"The temporary folder {tempfile.gettempdir()} has no room for the records"
            f" ({error.strerror}); set TMPDIR to another folder. Nothing was sent."
        ) from error


class Spool:
    """A temporary file of records; 32 bytes of memory per record. Use as a context manager."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="rapport-ingest-")
        self._offsets = array("Q")
        self._lengths = array("L")
        self._lines = array("L")
        self._times = array("d")
        self._end = 0
        self.in_time_order = True

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        # Closing writes buffered records, which fails on a full disk; they are no longer needed.
        with suppress(OSError):
            self._file.close()

    def __len__(self) -> int:
        return len(self._times)

    def bounds(self) -> tuple[float, float] | None:
        """Return the earliest and the latest event time, or None without a record."""
        return (min(self._times), max(self._times)) if self._times else None

    def add(self, record: EncodedRecord) -> None:
        """Append a record. Raises IngestError if the disk is full."""
        if self._times and record.at < self._times[-1]:
            self.in_time_order = False
        packed = len(record.key).to_bytes(4, "little") + record.key + record.value
        with _told_plainly():
            self._file.write(packed)
        self._offsets.append(self._end)
        self._lengths.append(len(packed))
        self._lines.append(record.line)
        self._times.append(record.at)
        self._end += len(packed)

    def records(self, *, by_time: bool) -> Iterator[EncodedRecord]:
        """Yield every record: by event time (equal times in the order of adding), or in the order of adding.

        Raises IngestError before the first record if the disk is full.
        """
        with _told_plainly():
            self._file.flush()
        for index in self._order(by_time):
            self._file.seek(self._offsets[index])
            packed = self._file.read(self._lengths[index])
            cut = 4 + int.from_bytes(packed[:4], "little")
            yield EncodedRecord(self._lines[index], self._times[index], packed[4:cut], packed[cut:])

    def _order(self, by_time: bool) -> Sequence[int] | Any:
        if not by_time or self.in_time_order:
            return range(len(self))
        return array("Q", np.argsort(np.frombuffer(self._times), kind="stable").astype(np.uint64).tobytes())
