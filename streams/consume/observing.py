"""What a pipeline tells of itself: fates, latencies, lag, pauses, clocks."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from streams.consume.fates import Written
from streams.consume.lanes import Lanes
from streams.consume.records import Chunk, Handler, LaneWork
from streams.consume.waiting import Waiting
from streams.process.clock import utc_now
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)


class Observer:
    """Set the metrics of one pipeline. Used from the event loop."""

    def __init__(self, metrics: Metrics, handler: Handler[Any, Any]) -> None:
        self.waiting = Waiting()
        self._metrics = metrics
        self._labels = (handler.group, handler.topic)
        self._paused: set[int] = set()

    def timed(self, stage: str) -> Any:
        """Return a context that observes the time of a stage."""
        return self._metrics.stage_seconds.labels(self._labels[0], stage).time()

    def arrived(self, chunk: Chunk) -> None:
        """Note since when a chunk waits: since its first record came to the broker, or since now."""
        if not chunk.value:
            self.waiting.arrived(int(chunk.message.partition), utc_now().timestamp())
            return
        self.waiting.arrived(chunk.value[0].partition, chunk.value[0].timestamp / 1000)

    def batch(self, size: int) -> None:
        """Observe the size of a batch."""
        self._metrics.batch_records.labels(self._labels[0]).observe(size)

    def fenced(self) -> None:
        """Count a write that was refused."""
        self._metrics.fenced.labels(self._labels[0]).inc()

    def redelivered(self, records: int) -> None:
        """Count records that came again and had their fate already."""
        if records:
            self._metrics.redelivered.labels(*self._labels).inc(records)

    def clock(self, ahead_seconds: float) -> None:
        """Set by how much this machine's clock had to be corrected."""
        self._metrics.clock_correction.set(ahead_seconds)

    def lag(self, ends: Mapping[int, int], lanes: Lanes[Any, Any]) -> set[int]:
        """Set the lag gauges of owned partitions, given their end offsets; return those that were lost."""
        lost = set(self.waiting.lost(ends))
        for partition in lost:
            for gauge in (self._metrics.lag_seconds, self._metrics.lag_records):
                gauge.remove(*self._labels, str(partition))
        now = utc_now().timestamp()
        for partition, end in ends.items():
            lane = lanes.get(partition)
            records = max(0, end - lane.next_offset) if lane else 0
            age = self.waiting.oldest_age_seconds(partition, now)
            self._metrics.lag_records.labels(*self._labels, str(partition)).set(records)
            self._metrics.lag_seconds.labels(*self._labels, str(partition)).set(age)
            self._metrics.partition_paused.labels(*self._labels, str(partition)).set(
                partition in self._paused
            )
        return lost

    def pauses(self, reasons: Mapping[int, str]) -> tuple[set[int], set[int]]:
        """Tell which partitions are paused; return (newly paused, no longer paused)."""
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

    def written(self, works: Sequence[LaneWork[Any, Any]], written: Written) -> None:
        """Count the fates of a committed batch and the time its records took from the broker to here."""
        now = utc_now().timestamp()
        for count in written.counts:
            fates = {"effect": count.effects, "duplicate": count.duplicates, "late": count.late}
            for fate, number in {**fates, "dead_letter": count.dead_letters}.items():
                if number:
                    self._metrics.records.labels(*self._labels, fate).inc(number)
        for reason in written.reasons:
            self._metrics.dead_letters.labels(self._labels[0], reason).inc()
        latency = self._metrics.end_to_end_seconds.labels(self._labels[0])
        for work in works:
            # One in a hundred of a long run: observing each would cost more than handling it.
            for record in work.records[:: 1 + len(work.records) // 100]:
                latency.observe(max(0.0, now - record.timestamp / 1000))
        self._metrics.last_progress.labels(self._labels[0]).set(now)
