"""Streams of counts per hour: a zoo without trouble, and planted trouble; seeded, as arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

DAYS: Final = 56
HOURS: Final = 24
ONSET_DAY: Final = 43
ONSET_HOUR: Final = 9
VACATION_DAYS: Final = (22, 29)
"""The vacation before trouble: a week that ends two weeks before it."""

OFFICE: Final = np.array(
    [0.02] * 7 + [0.5, 1, 1, 1, 1, 0.8, 1, 1, 1, 0.9, 0.6, 0.3, 0.1] + [0.03] * 4
)  # fmt: skip

Means = NDArray[np.float64]
Change = Callable[[Means, np.random.Generator], None]
"""Changes expected counts, shape (accounts, days, hours), in place."""


@dataclass(frozen=True)
class StreamKind:
    """A kind of stream: events of a working day, day noise (a standard deviation), and what happens in it."""

    volume: float
    noise: float = 0.15
    change: Change | None = None
    failures: float = 0.0
    """Failures of a working day."""
    cluster: int = 1
    """Failures that one trouble makes."""


def counts_of(kind: StreamKind, accounts: int, seed: int, *, shape: Means = OFFICE) -> tuple[Any, Any]:
    """Return counts and failures per account, day and hour; day 0 is a Monday."""
    chance = np.random.default_rng(seed)
    week = np.where(np.arange(DAYS) % 7 >= 5, 0.15, 1.0)
    mean = np.empty((accounts, DAYS, HOURS))
    mean[:] = week[:, None] * (shape / shape.sum())[None, :]
    share = mean.copy()
    if kind.change is not None:
        kind.change(mean, chance)
    day = chance.lognormal(-(kind.noise**2) / 2, kind.noise, (accounts, DAYS))[:, :, None]
    counts = chance.poisson(kind.volume * mean * day).astype(float)
    troubles = chance.poisson(kind.failures / kind.cluster * np.minimum(mean, share)).astype(float)
    retries = chance.poisson(kind.cluster - 1.0, troubles.shape) if kind.cluster > 1 else 0.0
    return counts, troubles + (troubles > 0) * troubles * retries


def off(*days: int) -> Change:
    """Return a change: nobody works on these days."""

    def change(mean: Means, chance: np.random.Generator) -> None:
        mean[:, list(days)] = 0.0

    return change


def vacation(mean: Means, chance: np.random.Generator) -> None:
    """Give each account one or two weeks off."""
    for account in mean:
        day = chance.integers(14, 46)
        account[day : day + chance.choice([7, 14])] = 0.0


def project(mean: Means, chance: np.random.Generator) -> None:
    """Let each account work for two or three weeks, then rest for one or two, again and again."""
    for account in mean:
        day = int(chance.integers(0, 14))
        while day < DAYS:
            day += int(chance.integers(14, 22))
            rest = int(chance.integers(7, 15))
            account[day : day + rest] = 0.0
            day += rest


def growth(mean: Means, chance: np.random.Generator) -> None:
    """Grow by 2 % a day."""
    mean *= (1.02 ** np.arange(DAYS))[None, :, None]


def imports(mean: Means, chance: np.random.Generator) -> None:
    """Import twenty times the usual for four hours, on three days."""
    for account in mean:
        account[chance.choice(DAYS, 3, replace=False), 10:14] *= 20.0


def weekly_job(mean: Means, chance: np.random.Generator) -> None:
    """Run a job of two days' volume each Monday night."""
    mean[:, ::7, 3] += 2.0


def monthly_job(mean: Means, chance: np.random.Generator) -> None:
    """Run a job of five days' volume once a month."""
    mean[:, [20, 50], 3] += 5.0


def job_any_day(mean: Means, chance: np.random.Generator) -> None:
    """Run a job of one to four days' volume each week, on a day and at an hour of each account."""
    for account in mean:
        account[chance.integers(7) :: 7, chance.integers(HOURS)] += chance.uniform(1.0, 4.0)


def only_weekly(mean: Means, chance: np.random.Generator) -> None:
    """Do nothing but a job of three hours each week, on a day and at an hour of each account."""
    mean[:] = 0.0
    for account in mean:
        hour = chance.integers(HOURS - 3)
        account[chance.integers(7) :: 7, hour : hour + 3] = 0.5


def only_monthly(mean: Means, chance: np.random.Generator) -> None:
    """Do nothing but a job of three hours every thirty days."""
    mean[:] = 0.0
    for account in mean:
        hour = chance.integers(HOURS - 3)
        account[chance.integers(30) :: 30, hour : hour + 3] = 0.5


def only_bursts(mean: Means, chance: np.random.Generator) -> None:
    """Do nothing but bursts of two hours, on two days of five in the mean, each of another size."""
    mean[:] = 0.0
    for account in mean:
        for day in np.flatnonzero(chance.random(DAYS) < 0.4):
            hour = chance.integers(HOURS - 2)
            account[day, hour : hour + 2] = chance.lognormal(-1.0, 1.0)


def calm(mean: Means, chance: np.random.Generator) -> None:
    """Change nothing."""


def mixed(mean: Means, chance: np.random.Generator) -> None:
    """Let each account do another of these things, most of them none."""
    kinds = [calm, calm, calm, calm, calm, imports, job_any_day, only_weekly, only_bursts, vacation]
    for number in range(len(mean)):
        kinds[number % len(kinds)](mean[number : number + 1], chance)


def summer_time(mean: Means, chance: np.random.Generator) -> None:
    """Move all hours by one from day 27 on."""
    mean[:, 27:] = np.roll(mean[:, 27:], 1, axis=2)


QUIET: Final[Mapping[str, StreamKind]] = {
    "300 a day": StreamKind(300.0, 0.0),
    "30 a day": StreamKind(30.0, 0.0),
    "12 a day": StreamKind(12.0, 0.0),
    "5 a day": StreamKind(5.0, 0.0),
    "1.5 a day": StreamKind(1.5, 0.0),
    "noise 15 %": StreamKind(300.0),
    "noise 30 %": StreamKind(300.0, 0.3),
    "noise 50 %": StreamKind(300.0, 0.5),
    "growth 2 % a day": StreamKind(300.0, change=growth),
    "import bursts": StreamKind(300.0, change=imports),
    "clustered failures": StreamKind(300.0, failures=4.0, cluster=7),
    "holiday": StreamKind(300.0, change=off(31)),
    "long weekend": StreamKind(300.0, change=off(31, 32)),
    "vacation": StreamKind(300.0, change=vacation),
    "project work": StreamKind(300.0, change=project),
    "summer time": StreamKind(300.0, change=summer_time),
    "weekly job": StreamKind(300.0, change=weekly_job),
    "monthly job": StreamKind(300.0, change=monthly_job),
    "weekly job, any day": StreamKind(300.0, change=job_any_day),
    "only a weekly job": StreamKind(300.0, change=only_weekly),
    "only a monthly job": StreamKind(300.0, change=only_monthly),
    "only bursts": StreamKind(300.0, change=only_bursts),
    "mixed": StreamKind(300.0, change=mixed),
}


def fall(level: float, *, after_vacation: bool = False) -> Change:
    """Return a change: the use falls to `level` at the onset, for some after a vacation."""

    def change(mean: Means, chance: np.random.Generator) -> None:
        if after_vacation:
            mean[:, VACATION_DAYS[0] : VACATION_DAYS[1]] = 0.0
        mean[:, ONSET_DAY, ONSET_HOUR:] *= level
        mean[:, ONSET_DAY + 1 :] *= level

    return change


def outage(level: float, hours: int, affected: int, leavers: int) -> Change:
    """Return a change: the first `affected` accounts fall for some hours, the last ones leave for good."""

    def change(mean: Means, chance: np.random.Generator) -> None:
        onset = ONSET_DAY * HOURS + ONSET_HOUR
        flat = mean.reshape(len(mean), -1)
        flat[:affected, onset : onset + hours] *= level
        flat[len(mean) - leavers :, onset:] = 0.0

    return change


def apart(leavers: int) -> Change:
    """Return a change: the first `leavers` accounts leave for good on one day, each at an hour of its own."""

    def change(mean: Means, chance: np.random.Generator) -> None:
        flat = mean.reshape(len(mean), -1)
        for account in flat[:leavers]:
            account[ONSET_DAY * HOURS + chance.integers(8, 18) :] = 0.0

    return change


def more_failures(failed: Any, usual: float, times: float, seed: int) -> Any:
    """Return failures with `times` as many as the `usual` of a working day, for 24 hours from the onset."""
    chance = np.random.default_rng(seed)
    found = failed.copy()
    flat = found.reshape(len(found), -1)
    at = ONSET_DAY * HOURS + ONSET_HOUR
    shape = OFFICE / OFFICE.sum()
    for hour in range(at, at + HOURS):
        flat[:, hour] += chance.poisson((times - 1.0) * usual * shape[hour % HOURS], len(found))
    return found
