"""The history that is replayed: use and moods in the order of event time, in turns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec

from schemas.knowledge import Account
from schemas.tickets import Sentiment
from schemas.usage import UsageEvent
from streams.backtest.records import ReplaySpan
from streams.ingest.spool import Spool

TURN: Final = timedelta(hours=1)
"""Event time whose records are handled together, as a worker handles a batch. Chosen by hand: the time at
which an alert goes out is known to an hour; what the detector finds does not depend on it."""

TURN_BEGINS: Final = timedelta(minutes=10)
"""Minutes of the hour at which a turn begins: an hour of use is judged when it is so long over."""


@dataclass(frozen=True)
class Recording:
    """A company's history: use, moods in order of time, and the records of accounts by id.

    The accounts are spread over the partitions as on the topic: each has a clock, a budget and peers of its
    own. Use and moods before the span only teach the detectors; nothing at or after its end is seen.
    """

    span: ReplaySpan
    use: Spool
    moods: Sequence[Sentiment] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    partitions: int = 1


class InputTurn(NamedTuple):
    """The records of one turn in order of time, and the time of the newest."""

    now: datetime
    events: list[UsageEvent]
    moods: list[Sentiment]


def turns(recording: Recording) -> Iterator[InputTurn]:
    """Yield the records before the end of the span in turns; a turn without any record is left out."""
    end = recording.span.end.timestamp()
    width, shift = TURN.total_seconds(), TURN_BEGINS.total_seconds()
    timed: Iterator[tuple[float, UsageEvent | Sentiment]] = merge(
        _use(recording.use, end), _moods(recording.moods, end), key=itemgetter(0)
    )
    for _, group in groupby(timed, key=lambda record: (record[0] - shift) // width):
        records = list(group)
        yield InputTurn(
            datetime.fromtimestamp(records[-1][0], UTC),
            [record for _, record in records if isinstance(record, UsageEvent)],
            [record for _, record in records if isinstance(record, Sentiment)],
        )


def _use(spool: Spool, end: float) -> Iterator[tuple[float, UsageEvent]]:
    decode = msgspec.json.Decoder(UsageEvent).decode
    for record in spool.records(by_time=True):
        if record.at >= end:
            return
        yield record.at, decode(record.value)


def _moods(moods: Sequence[Sentiment], end: float) -> Iterator[tuple[float, Sentiment]]:
    for mood in moods:
        at = mood.occurred_at.timestamp()
        if at >= end:
            return
        yield at, mood
