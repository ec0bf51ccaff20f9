"""Two weeks of product usage: hourly aggregated events of every account.

Each account has habits (size, weekends, shifts, nightly jobs) drawn from the seed and its own
number, so the numbers of an account do not depend on other accounts. Expected quantities per hour
follow the local working day and week; observed quantities are Poisson around them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from schemas.knowledge import Account
from schemas.usage import UsageEvent
from streams.demo.accounts import utc_offset
from streams.demo.model import RECORDED, Company

Hours = NDArray[np.float64]
HourlyCounts = NDArray[np.int64]

HOURS = int(RECORDED / timedelta(hours=1))
OFFICE_DAY = np.zeros(24)
OFFICE_DAY[6:20] = [0.05, 0.30, 0.78, 1.0, 1.06, 1.0, 0.66, 0.90, 1.05, 1.0, 0.86, 0.52, 0.20, 0.05]
LATE_SHIFT = np.zeros(24)
LATE_SHIFT[14:24] = [0.25, 0.55, 0.75, 0.85, 0.80, 0.82, 0.85, 0.80, 0.65, 0.35]
MORNING = np.zeros(24)
MORNING[6:14] = [0.10, 0.55, 1.0, 0.75, 0.30, 0.18, 0.22, 0.45]
WORKDAYS = np.array([0.96, 1.03, 1.05, 1.01, 0.86])
FAILED_SHARE_IN_SURGE = 0.72
FAILED_SHARE_IN_OUTAGE = 0.90
OUTAGE_LEVEL = 0.06
DROP_LEVELS = {"task.labelled": 0.09, "task.reviewed": 0.09, "user.login": 0.4}
STEADY_KINDS = ("task.labelled", "task.reviewed", "export.created", "api.call", "user.login")


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of an account; quantities are expected values in a full hour of the office day."""

    labelled: float
    reviewed: float
    runs: float
    failed_share: float
    exports: float
    calls: float
    logins: float
    weekend: float
    late_shift: bool
    night_calls: float


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected quantities per hour by kind (each of length HOURS), and the share of failing runs."""

    steady: Mapping[str, Hours]
    runs: Hours
    failed_share: Hours


def usage_events(company: Company, seed: int) -> Iterator[UsageEvent]:
    """Yield the recording sorted by time; ids are unique and depend on account, kind and hour only.

    `training.started` counts all runs, `training.failed` the failed runs among them.
    """
    found: list[UsageEvent] = []
    for number, account in enumerate(company.accounts):
        rng = np.random.default_rng([seed, 3, number])
        found.extend(_account_events(company, account, rng))
    yield from sorted(found, key=lambda event: (event.occurred_at, event.event_id))


def _account_events(company: Company, account: Account, rng: np.random.Generator) -> Iterator[UsageEvent]:
    habits = _habits(account, rng)
    expected = _planted(company, account, _expected(company, account, habits, rng))
    for kind in STEADY_KINDS:
        yield from _events(company, account, kind, rng.poisson(expected.steady[kind]), rng)
    runs = rng.poisson(expected.runs)
    yield from _events(company, account, "training.started", runs, rng)
    yield from _events(company, account, "training.failed", rng.binomial(runs, expected.failed_share), rng)


def _events(
    company: Company, account: Account, kind: str, counts: HourlyCounts, rng: np.random.Generator
) -> Iterator[UsageEvent]:
    seconds = rng.integers(0, 3600, size=len(counts))
    for hour in np.flatnonzero(counts):
        begins_at = company.start + timedelta(hours=int(hour))
        yield UsageEvent(
            event_id=f"{account.account_id}:{kind}:{begins_at:%Y%m%dT%H}",
            account_id=account.account_id,
            kind=kind,
            occurred_at=begins_at + timedelta(seconds=int(seconds[hour])),
            quantity=float(counts[hour]),
            failed=kind == "training.failed",
        )


def _habits(account: Account, rng: np.random.Generator) -> Habits:
    people = 2.0 + 0.6 * (account.seats or 5)
    labelled = people * rng.uniform(7.0, 16.0)
    grown = account.plan in ("Business", "Enterprise")
    reviews, integrates, weekends = rng.random() < 0.5, rng.random() < 0.4, rng.random()
    return Habits(
        labelled=labelled,
        reviewed=labelled * rng.uniform(0.18, 0.40) * (grown or reviews),
        runs=(0.15 + 0.025 * people) * rng.uniform(0.5, 1.3) + 1.2 * (account.plan == "Business"),
        failed_share=rng.uniform(0.03, 0.07),
        exports=0.08 + 0.004 * people * rng.uniform(0.5, 1.5),
        calls=people * rng.uniform(12.0, 45.0) * (grown or integrates),
        logins=0.35 * people,
        weekend=0.0 if weekends < 0.68 else 0.5 if weekends > 0.93 else rng.uniform(0.03, 0.12),
        late_shift=rng.random() < 0.10,
        night_calls=rng.uniform(0.2, 0.5) * (rng.random() < 0.15),
    )


def _expected(company: Company, account: Account, habits: Habits, rng: np.random.Generator) -> Expected:
    local = _local_hours(company.start, account)
    office = _shape(local, OFFICE_DAY + (LATE_SHIFT if habits.late_shift else 0.0), habits.weekend)
    morning = _shape(local, MORNING, habits.weekend)
    wobble = np.exp(rng.normal(0.0, 0.07, size=HOURS)) * np.repeat(np.exp(rng.normal(0.0, 0.04, size=14)), 24)
    steady = {
        "task.labelled": habits.labelled * office * wobble,
        "task.reviewed": habits.reviewed * office * wobble,
        "export.created": habits.exports * office,
        "api.call": habits.calls * (office * wobble + habits.night_calls),
        "user.login": habits.logins * morning,
    }
    return Expected(steady, habits.runs * office, np.full(HOURS, habits.failed_share))


def _local_hours(start: datetime, account: Account) -> NDArray[np.int64]:
    """Return the hour of the local week of each recorded hour: 0 is Monday midnight, 167 the last hour."""
    local = start + utc_offset(account)
    return (np.arange(HOURS) + local.weekday() * 24 + local.hour) % 168


def _shape(local: NDArray[np.int64], day: Hours, weekend: float) -> Hours:
    week = np.concatenate([WORKDAYS, [weekend, weekend * 0.8]])
    shaped: Hours = day[local % 24] * week[local // 24]
    return shaped


def _planted(company: Company, account: Account, expected: Expected) -> Expected:
    planted, account_id = company.planted, account.account_id
    if account_id == planted.drop.account_id:
        after = _since(company, planted.drop.at)
        return _scaled(expected, DROP_LEVELS, after)
    if account_id == planted.silence.account_id:
        after = _since(company, planted.silence.at)
        silent = _scaled(expected, dict.fromkeys(STEADY_KINDS, 0.0), after)
        return Expected(silent.steady, np.where(after, 0.0, silent.runs), silent.failed_share)
    if account_id == planted.error_surge.account_id:
        after = _since(company, planted.error_surge.at)
        return _failing(expected, after, share=FAILED_SHARE_IN_SURGE, runs=1.4)
    if account_id in planted.outage.account_ids:
        return _outage(company, expected)
    return expected


def _since(company: Company, moment: datetime) -> NDArray[np.bool_]:
    first = (moment - company.start) // timedelta(hours=1)
    return np.arange(HOURS) >= first


def _scaled(expected: Expected, levels: Mapping[str, float], when: NDArray[np.bool_]) -> Expected:
    steady = {
        kind: np.where(when, rates * levels.get(kind, 1.0), rates) for kind, rates in expected.steady.items()
    }
    return Expected(steady, expected.runs, expected.failed_share)


def _failing(expected: Expected, when: NDArray[np.bool_], *, share: float, runs: float) -> Expected:
    """Let a share of the runs fail; people repeat failed runs, hence the factor `runs`."""
    return Expected(
        expected.steady,
        np.where(when, expected.runs * runs, expected.runs),
        np.where(when, share, expected.failed_share),
    )


def _outage(company: Company, expected: Expected) -> Expected:
    outage = company.planted.outage
    during = _since(company, outage.started_at) & ~_since(company, outage.ended_at)
    stopped = _scaled(expected, dict.fromkeys(STEADY_KINDS, OUTAGE_LEVEL), during)
    return _failing(stopped, during, share=FAILED_SHARE_IN_OUTAGE, runs=1.2)
