"""The two jobs that every system does, and the specification of one run of one system.

Programs in other virtual environments import this module: it needs only msgspec and, for the usage job, our
detector.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

PARTITIONS = 8
COMMIT_SECONDS = 1.0
SESSION_SECONDS = 20.0
FETCH_RECORDS = 2_000
"""Records that a batching client takes at once in the usage job."""

BATCH_RECORDS = 500
BATCH_SECONDS = 0.05
"""A batch of the effect job: one SQL transaction."""

Job = Literal["usage", "effect"]
Idiom = Literal["plain", "guarded"]


class Spec(msgspec.Struct, frozen=True):
    """The specification of one run: topic, group, job, and the number of records.

    `start` names the file in which a paced sender stores its begin and its rate. If it is given, latencies
    are measured for the records from number `first` on.
    """

    job: Job
    idiom: Idiom
    topic: str
    dead_letters: str
    group: str
    bootstrap: str
    database: str
    folder: str
    total: int
    first: int = 0
    start: str | None = None

    @property
    def progress(self) -> Path:
        """File to which every process of the run appends its marks."""
        return Path(self.folder) / "progress.jsonl"


def load_spec() -> Spec:
    """Return the spec of the run from the JSON file that is the only argument of a program."""
    return msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Spec)


_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SupportEvent(msgspec.Struct, frozen=True, gc=False):
    """A record of the effect job: like a ticket, and with an amount to be booked once."""

    event_id: _Id
    account_id: _Id
    amount: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    created_at: str
    subject: Annotated[str, msgspec.Meta(max_length=500)]
    body: Annotated[str, msgspec.Meta(max_length=20_000)]


decode_support: Callable[[bytes], SupportEvent] = msgspec.json.Decoder(SupportEvent).decode
"""Raises msgspec.DecodeError (its subclass ValidationError included) or UnicodeDecodeError."""

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError)


class Scores:
    """A running score per account: the small detector of the effect job.

    >>> scores = Scores()
    >>> [scores.after("a", 10), scores.after("a", 20)]
    [1.0, 2.9]
    """

    def __init__(self) -> None:
        self._scores: dict[str, float] = {}

    def after(self, account_id: str, amount: int) -> float:
        """Return the account's score after one more event: nine tenths of it plus a tenth of the amount."""
        score = 0.9 * self._scores.get(account_id, 0.0) + 0.1 * amount
        self._scores[account_id] = score
        return score

    def of(self, events: Sequence[SupportEvent]) -> list[float]:
        """Return the score after each event, in order."""
        return [self.after(event.account_id, event.amount) for event in events]


def number_of(event_id: str) -> int:
    """Return the position of an event in its stream.

    >>> number_of("e0000042")
    42
    """
    return int(event_id[1:])


def usage_decoder() -> Callable[[bytes], Any]:
    """Return the validated decoder of usage events."""
    from schemas.usage import UsageEvent

    decode: Callable[[bytes], Any] = msgspec.json.Decoder(UsageEvent).decode
    return decode


class Detectors:
    """The work of the usage job: our detector per account, called as any client would call it."""

    def __init__(self) -> None:
        from detectors.usage import UsageDetector

        self._new = UsageDetector
        self._detectors: dict[str, Any] = {}
        self.anomalies = 0

    def observe(self, event: Any) -> None:
        """Give one event to the detector of its account and count the anomalies."""
        detector = self._detectors.get(event.account_id)
        if detector is None:
            detector = self._detectors[event.account_id] = self._new(event.account_id)
        self.anomalies += len(detector.observe(event).anomalies)
