"""The waits of records for their effect: from the producer's timestamp to the step that covers the record."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from tests.faults.checks import chunks
from tests.faults.lab import Lab

_STEPS = (
    "SELECT partition, records, extract(epoch FROM at) FROM lab.steps"
    " WHERE consumer_group = :group AND topic = :topic AND records > 0 ORDER BY step_id"
)


def waits(lab: Lab, group: str, topic: str, *, wanted: Callable[[Any], bool]) -> list[tuple[float, float]]:
    """Return (unix time of the record, seconds until its transaction moved the offset) of the wanted records.

    The step is noted inside the transaction, some milliseconds before its commit. The group must have read
    each partition from the beginning.
    """
    ends, times = _steps(lab, group, topic)
    found = []
    for partition, records in chunks(lab.broker, topic, Counter()):
        for record in records:
            if wanted(record):
                at = times[partition][bisect_right(ends[partition], record.offset)]
                found.append((record.timestamp / 1_000, at - record.timestamp / 1_000))
    return found


def _steps(lab: Lab, group: str, topic: str) -> tuple[dict[int, list[int]], dict[int, list[float]]]:
    moved: dict[int, list[int]] = defaultdict(list)
    times: dict[int, list[float]] = defaultdict(list)
    for partition, records, at in lab.rows(_STEPS, group=group, topic=topic):
        moved[partition].append(int(records))
        times[partition].append(float(at))
    return {partition: list(accumulate(some)) for partition, some in moved.items()}, times


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))]
