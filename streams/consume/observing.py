"""The metrics and log lines of a pipeline: fates, latencies, lag, pauses, clocks."""

import logging
from collections import defaultdict, deque
from collections.abc import Container, Mapping, Sequence
from typing import Any

from streams.consume.fates import Fates
from streams.kafka.records import Chunk
from streams.process.clock import utc_now
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)


class Observer:
    """Set the metrics of one pipeline. Used from the event loop."""

    def __init__(self, metrics: Metrics, group: str, topic: str) -> None:
        self._waiting = WaitingChunks()
        self._metrics = metrics
        self._labels = (group, topic)
        self._paused: set[int] = set()

    def timed(self, stage: str) -> Any:
        """Return a context that observes the time of a stage."""
        return self._metrics.stage_seconds.labels(self._labels[0], stage).time()

    def arrived(self, chunk: Chunk) -> None:
        """Note since when a chunk waits: since its first record came to the broker, or since now."""
        if chunk.records:
            self._waiting.arrived(chunk.partition, chunk.records[0].timestamp / 1000)
        else:
            self._waiting.arrived(chunk.partition, utc_now().timestamp())

    def done(self, partition: int) -> None:
        """Note that the oldest chunk of a partition is done."""
        self._waiting.done(partition)

    def batch(self, size: int) -> None:
        """Observe the size of a batch, in records."""
        self._metrics.batch_records.labels(self._labels[0]).observe(size)

    def fenced(self) -> None:
        """Count a write that was refused."""
        self._metrics.fenced.labels(self._labels[0]).inc()

    def redelivered(self, records: int) -> None:
        """Count records that arrived again although they had their fate."""
        if records:
            self._metrics.redelivered.labels(*self._labels).inc(records)

    def clock(self, ahead_seconds: float) -> None:
        """Set by how many seconds this machine's clock had to be corrected."""
        self._metrics.clock_correction.set(ahead_seconds)

    def lag(self, ends: Mapping[int, int], next_offsets: Mapping[int, int]) -> set[int]:
        """Set the lag gauges of owned partitions, given end and next offsets; return the lost partitions."""
        lost = set(self._waiting.lost(ends))
        for partition in lost:
            for gauge in (self._metrics.lag_seconds, self._metrics.lag_records):
                gauge.remove(*self._labels, str(partition))
        now = utc_now().timestamp()
        for partition, end in ends.items():
            records = max(0, end - next_offsets.get(partition, end))
            age = self._waiting.oldest_age_seconds(partition, now)
            self._metrics.lag_records.labels(*self._labels, str(partition)).set(records)
            self._metrics.lag_seconds.labels(*self._labels, str(partition)).set(age)
            self._metrics.partition_paused.labels(*self._labels, str(partition)).set(
                partition in self._paused
            )
        return lost

    def pauses(self, reasons: Mapping[int, str]) -> tuple[set[int], set[int]]:
        """Publish which partitions are paused; return (newly paused, no longer paused)."""
        newly, ended = set(reasons) - self._paused, self._paused - set(reasons)
        for partition in newly:
            self._metrics.partition_paused.labels(*self._labels, str(partition)).set(1)
            details = {"consumer_group": self._labels[0], "partition": partition}
            logger.critical("partition paused", extra={**details, "reason": reasons[partition]})
        for partition in ended:
            self._metrics.partition_paused.labels(*self._labels, str(partition)).set(0)
            details = {"consumer_group": self._labels[0], "partition": partition}
            logger.warning("partition no longer paused here", extra=details)
        self._paused = set(reasons)
        return newly, ended

    def written(self, written: Sequence[Fates]) -> None:
        """Count the fates of a committed batch and the time its records took from the broker to here."""
        now = utc_now().timestamp()
        for fates in written:
            counts = fates.counts
            by_fate = {"effect": counts.effects, "duplicate": counts.duplicates, "late": counts.late}
            for fate, number in {**by_fate, "dead_letter": counts.dead_letters}.items():
                if number:
                    self._metrics.records.labels(*self._labels, fate).inc(number)
            for _, failed in fates.failures:
                self._metrics.dead_letters.labels(self._labels[0], failed.reason).inc()
        latency = self._metrics.end_to_end_seconds.labels(self._labels[0])
        for fates in written:
            records = fates.part.records
            # One in a hundred of a long run: observing each would cost more than handling it.
            for record in records[:: 1 + len(records) // 100]:
                latency.observe(max(0.0, now - record.timestamp / 1000))
        self._metrics.last_progress.labels(self._labels[0]).set(now)


class WaitingChunks:
    """Since when records wait: the timestamps of the chunks in flight, per partition, in order of arrival.

    >>> waiting = WaitingChunks()
    >>> waiting.arrived(3, 90.0)
    >>> waiting.oldest_age_seconds(3, 100.0)
    10.0
    >>> waiting.done(3)
    >>> waiting.oldest_age_seconds(3, 100.0)
    0.0
    """

    def __init__(self) -> None:
        self._since: dict[int, deque[float]] = defaultdict(deque)

    def arrived(self, partition: int, since: float) -> None:
        """Note a chunk of a partition, and since when its first record waits, in seconds since 1970."""
        self._since[partition].append(since)

    def done(self, partition: int) -> None:
        """Note that the oldest chunk of a partition is done; chunks are done in order."""
        if self._since[partition]:
            self._since[partition].popleft()

    def oldest_age_seconds(self, partition: int, now: float) -> float:
        """Return how long the oldest chunk waits, or 0 if none waits."""
        since = self._since[partition]
        return max(0.0, now - since[0]) if since else 0.0

    def lost(self, owned: Container[int]) -> list[int]:
        """Forget and return the partitions that are no longer owned."""
        gone = [partition for partition in self._since if partition not in owned]
        for partition in gone:
            del self._since[partition]
        return gone
