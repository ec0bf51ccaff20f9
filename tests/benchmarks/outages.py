"""A program: `python -m tests.benchmarks.outages` measures how shared causes and leavers are told apart.

Simulated companies use the product for three weeks. Then either 60 % of the accounts lose a part of their use
for some time while five others leave for good at the same hour, or 20 accounts fall on one day for reasons of
their own. The handlers of the usage and churn groups decide, as in a backtest, over hourly events.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console

from detectors.alert_rules import AlertRules
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from schemas.usage import UsageEvent
from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.usage_replay import UsageReplay
from tests.benchmarks.usage_detection.streams import OFFICE

MONDAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
WARM_DAYS: Final = 22
WATCHED_DAYS: Final = 7
ONSET_HOUR: Final = 10
ONSET: Final = MONDAY + timedelta(days=WARM_DAYS, hours=ONSET_HOUR)
"""Tuesday, ten o'clock."""

LEAVERS: Final = 5
SHARE: Final = 0.6
INDEPENDENT: Final = 20
IN_TIME: Final = timedelta(hours=48)

SIZES: Final = (500, 200, 80)
DEPTHS: Final = (0.3, 0.6, 1.0)
HOURS: Final = (4, 24, 72)

people = Console(width=150)


@dataclass(frozen=True)
class Trouble:
    """What happens: the level of use from an hour after the onset on, until another, for each account."""

    name: str
    affected: frozenset[int] = frozenset()
    leavers: frozenset[int] = frozenset()
    levels: Mapping[int, tuple[int, int, float]] = field(default_factory=dict)


def outage(accounts: int, depth: float, hours: int) -> Trouble:
    """Return an outage of 60 % of the accounts; five others leave at the same hour."""
    affected = frozenset(range(round(SHARE * accounts)))
    leavers = frozenset(range(accounts - LEAVERS, accounts))
    levels = dict.fromkeys(affected, (0, hours, 1.0 - depth))
    gone = dict.fromkeys(leavers, (0, 10_000, 0.0))
    lasts = f"{hours} h" if hours < 24 else f"{hours // 24} d"
    return Trouble(f"{accounts} accounts, -{depth:.0%} for {lasts}", affected, leavers, levels | gone)


def independent_falls(accounts: int) -> Trouble:
    """Return falls by 80 % of 20 accounts at different hours of one day."""
    chance = np.random.default_rng(accounts)
    fallers = frozenset(range(accounts - INDEPENDENT, accounts))
    levels = {account: (int(chance.integers(-9, 9)), 10_000, 0.2) for account in fallers}
    return Trouble(f"{accounts} accounts, 20 fall on their own", frozenset(), fallers, levels)


class SimulatedCompany:
    """Accounts that use the product in the hours of an office, with noise of days and of hours."""

    def __init__(self, accounts: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        days = WARM_DAYS + WATCHED_DAYS
        week = np.where(np.arange(days) % 7 >= 5, 0.15, 1.0)
        noise = chance.lognormal(-(0.15**2) / 2, 0.15, (accounts, days))
        volume = chance.choice([60.0, 300.0, 1_000.0], accounts)
        shape = OFFICE / OFFICE.sum()
        self.means: Any = volume[:, None, None] * (week * noise)[:, :, None] * shape
        self._seed = seed

    def events(self, day: int, trouble: Trouble | None = None) -> Iterator[UsageEvent]:
        """Yield the events of a day in order of time."""
        chance = np.random.default_rng([self._seed, day])
        counts = chance.poisson(self.means[:, day])
        for hour in range(24):
            since = (day - WARM_DAYS) * 24 + hour - ONSET_HOUR
            for account, count in enumerate(counts[:, hour].tolist()):
                start, end, level = trouble.levels.get(account, (0, 0, 1.0)) if trouble else (0, 0, 1.0)
                left = int(chance.binomial(count, level)) if start <= since < end else count
                if left:
                    at = MONDAY + timedelta(days=day, hours=hour, seconds=account % 3_600)
                    yield UsageEvent(f"{account}-{day}-{hour}", f"a{account}", "view", at, float(left))


class ReplayedCompany:
    """The usage and churn groups of a company, fed hour by hour."""

    def __init__(self, partitions: int) -> None:
        rules = AlertRules(HazardRule(load_prior()))
        self.usage = UsageReplay(partitions, rules.usage)
        self.churn = ChurnReplay(rules, {})

    def play(self, events: Iterator[UsageEvent]) -> None:
        """Play the events of a day, an hour at a time."""
        hours: dict[int, list[UsageEvent]] = {}
        for event in events:
            hours.setdefault(event.occurred_at.hour, []).append(event)
        for own in hours.values():
            self.churn.turn(self.usage.turn(own), (), own[-1].occurred_at)


def warmed(company: SimulatedCompany, partitions: int) -> ReplayedCompany:
    """Return the groups after three weeks without trouble."""
    replay = ReplayedCompany(partitions)
    for day in range(WARM_DAYS):
        replay.play(company.events(day))
    return replay


def watched(company: SimulatedCompany, warm: ReplayedCompany, trouble: Trouble) -> str:
    """Return a line about a week with trouble."""
    replay = deepcopy(warm)
    before = len(replay.churn.log.steps)
    for day in range(WARM_DAYS, WARM_DAYS + WATCHED_DAYS):
        replay.play(company.events(day, trouble))
    log = replay.churn.log
    opened = [step for step in log.steps[before:] if step.kind == "opened"]
    leavers = {f"a{account}" for account in trouble.leavers}
    raised = {step.account_id for step in opened if step.account_id in leavers and step.at <= ONSET + IN_TIME}
    strays = sum(step.account_id not in leavers for step in opened)
    seen = [one for one in log.incidents.values() if one.incident.detected_at >= ONSET]
    swallowed = {name for one in seen for name in one.incident.account_ids} & leavers
    first = min((one.incident.detected_at for one in seen), default=None)
    hours = "-" if first is None else f"{(first - ONSET) / timedelta(hours=1):.1f} h"
    share = f" ({strays / len(trouble.affected):.1%})" if trouble.affected else ""
    return (
        f"{trouble.name:34} incidents {len(seen)}, first after {hours:>7}; stray alerts {strays}{share};"
        f" leavers raised in 48 h {len(raised)} of {len(leavers)}, in an incident {len(swallowed)}"
    )


def troubles(accounts: int, *, is_quick: bool) -> Iterator[Trouble]:
    """Yield the troubles of a company of this size."""
    for depth in DEPTHS:
        for hours in HOURS:
            if not is_quick or (depth, hours) in {(0.3, 24), (0.6, 4), (0.6, 24), (1.0, 4), (1.0, 72)}:
                yield outage(accounts, depth, hours)
    yield independent_falls(accounts)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="80 and 200 accounts, six troubles each.")] = False,
    sizes: Annotated[
        list[int] | None, typer.Option("--accounts", min=60, help="Size of a company; repeatable.")
    ] = None,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topic.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of the companies.")] = 1,
) -> None:
    """Print a line for each trouble: incidents, hours to the first, stray alerts, and leavers in time."""
    started = process_time()
    for accounts in sizes or (SIZES[1:] if quick else SIZES):
        company = SimulatedCompany(accounts, seed)
        warm = warmed(company, partitions)
        strays = sum(step.kind == "opened" for step in warm.churn.log.steps)
        people.print(f"{accounts} accounts, three weeks without trouble: {strays} alerts", highlight=False)
        for trouble in troubles(accounts, is_quick=quick):
            people.print(watched(company, warm, trouble), highlight=False, markup=False)
    people.print(f"{process_time() - started:.0f} s of CPU, {partitions} partitions, seed {seed}")


if __name__ == "__main__":
    typer.run(main)
