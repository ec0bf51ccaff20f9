"""Hours of accounts for the watch over all of them: even use with noise, and what is left of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from detectors.churn.outages.hour import AccountHours
from detectors.churn.outages.watch import LeftBehind, OutageWatch, Recall, SharedOutage
from detectors.usage.hour_use import HourUse
from detectors.usage.policy import moment
from schemas.churn import AlertCause, ChurnAlert, Contribution

MONDAY_HOUR = 494_688
"""Monday 2026-06-08, midnight UTC."""

WARM = 7 * 24
ONSET = MONDAY_HOUR + WARM + 10

Left = Callable[[int, int], float]
"""Returns what is left of the use of an account (a number) in an hour."""


def usual(account: int, hour: int) -> float:
    return 1.0


def hit(share: float, level: float, hours: int, *, accounts: int) -> Left:
    """The first accounts fall to a level at ONSET."""

    def left(account: int, hour: int) -> float:
        return level if account < share * accounts and ONSET <= hour < ONSET + hours else 1.0

    return left


def name(account: int) -> str:
    return f"a{account:03d}"


@dataclass
class WatchedCompany:
    """Accounts that use the product evenly from 7 to 19 o'clock."""

    accounts: int = 80
    left: Left = usual
    sizes: Mapping[int, float] = field(default_factory=dict)
    left_behind: list[LeftBehind] = field(default_factory=list)

    def recall(self) -> Recall:
        hours: dict[int, AccountHours | None] = {}

        def of(hour: int) -> AccountHours | None:
            if hour not in hours:
                hours[hour] = self._hours(hour)
            return hours[hour]

        return of

    def _hours(self, hour: int) -> AccountHours | None:
        if not 7 <= hour % 24 < 19:
            return None
        day = np.random.default_rng([1, hour // 24])
        mood = day.lognormal(0.0, 0.1, self.accounts)
        noise = np.random.default_rng([2, hour])
        uses = {}
        for account in range(self.accounts):
            expected = self.sizes.get(account, (8.0, 30.0, 100.0)[account % 3])
            mean = expected * mood[account] * self.left(account, hour)
            uses[name(account)] = HourUse(float(noise.poisson(mean)), expected, 0.1, False)
        return AccountHours.of(uses)

    def watched(self, hours: int = 24) -> tuple[OutageWatch, list[SharedOutage]]:
        """Judge a quiet week and then some hours from ONSET on; return the watch and the changes."""
        watch, changes, recall = OutageWatch(), [], self.recall()
        for hour in range(MONDAY_HOUR, ONSET + hours):
            watch, outage, behind = watch.judge(hour, recall)
            changes += [] if outage is None else [outage]
            self.left_behind += [] if behind is None else [behind]
        return watch, changes


def alert(observed: float, *, account: int = 1, cause: AlertCause = "drop", since: int = 0) -> ChurnAlert:
    """An alert that tells of a fall from about 300 events, from ONSET on."""
    at = moment(ONSET + 3) + timedelta(minutes=10)
    part = Contribution(
        name=f"{cause}: activity",
        summary="it left its band",
        observed=observed,
        expected_low=210.0,
        expected_high=390.0,
        share=1.0,
        samples=1_000,
    )
    return ChurnAlert(
        alert_id="al-1",
        dedup_key="dk-1",
        account_id=name(account),
        cause=cause,
        severity="warning",
        score=0.6,
        sentence="it fell",
        contributions=(part,),
        next_action="look",
        started_at=moment(ONSET + since),
        detected_at=at,
        due_at=at + timedelta(days=1),
        rule="r",
    )
