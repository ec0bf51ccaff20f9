"""The usage group over a recording: its handler and its detectors, by partition, without Kafka and SQL."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.days import OpenDays, use_of
from detectors.usage.hour_use import ClosedUse
from detectors.usage.outlook import outlooks
from detectors.usage.policy import UsagePolicy
from schemas.usage import Anomaly, UsageEvent
from streams.backtest.records import EndedDay, UsageTurn, UseSeries
from streams.consume.handler import Dropped
from streams.kafka.partitioner import partition_of
from streams.usage.handler import handle
from streams.usage.states import CLOCK_SLACK, PartitionDetectors

FIRST_DAY_EVER: Final = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - only the number of its day counts


class UsageReplay:
    """The detectors of all partitions; `turn` feeds events in order of time.

    `fates` counts what became of the events: "counted", the names of drops, or "refused" for dead letters.
    `set_aside` counts the detectors on which our code failed.
    """

    def __init__(self, partitions: int, policy: UsagePolicy) -> None:
        self._policy = policy
        self.partitions = [PartitionDetectors(policy=policy) for _ in range(partitions)]
        self._days = [OpenDays() for _ in range(partitions)]
        self.series: dict[str, UseSeries] = defaultdict(UseSeries)
        self.fates: Counter[str] = Counter()
        self.set_aside = 0

    def turn(self, events: Sequence[UsageEvent]) -> UsageTurn:
        """Let each partition handle its events of a turn, as one batch."""
        found: list[Anomaly] = []
        ended: list[EndedDay] = []
        uses: list[ClosedUse] = []
        for number, own in self._by_partition(events):
            partition = self.partitions[number]
            fates, anomalies = handle(partition, own, self._policy)
            found += anomalies
            self._count(fates)
            clock = partition.watermark - CLOCK_SLACK
            over = self._days[number].after(own, fates, clock).ended
            ended += [EndedDay(number, day, use_of(content)) for day, content in over]
            if over:
                self._note_days(number, ended[-len(over) :])
            uses += partition.take_uses()
            partition.changed.clear()
            self.set_aside += len(partition.take_failed())
        watched = sum(len(partition) for partition in self.partitions)
        clocks = [partition.watermark for partition in self.partitions if len(partition)]
        return UsageTurn(found, ended, watched, uses, min(clocks, default=None))

    def _by_partition(self, events: Sequence[UsageEvent]) -> Iterator[tuple[int, list[UsageEvent]]]:
        count = len(self.partitions)
        if count == 1:
            yield from [(0, list(events))] if events else []
            return
        own: dict[int, list[UsageEvent]] = defaultdict(list)
        for event in events:
            own[partition_of(event.account_id.encode(), count)].append(event)
        yield from sorted(own.items())

    def _count(self, fates: Sequence[Any]) -> None:
        for fate in fates:
            if fate is None:
                self.fates["counted"] += 1
            elif isinstance(fate, Dropped):
                self.fates[fate.policy] += 1
            else:
                self.fates["refused"] += 1

    def _note_days(self, number: int, ended: Sequence[EndedDay]) -> None:
        """Note the use of ended days, and what is expected of the day after the last of them."""
        for _, day, use in ended:
            for account_id, one in use.items():
                self.series[account_id].days[day] = one
        after = ended[-1].day + 1
        counters = list(self.partitions[number].detectors.values())
        found = outlooks([counter.account for counter in counters], after - FIRST_DAY_EVER)
        for counter, outlook in zip(counters, found, strict=True):
            if outlook is not None:
                self.series[counter.account_id].expected[after] = outlook

    def note_open_days(self) -> None:
        """Note the use of the days that had not ended when the recording did."""
        for opened in self._days:
            for day, uses in opened.days.items():
                for account_id, use in uses.items():
                    self.series[account_id].days[day] = UseOfDay(*use)
