"""Play the use of accounts day by day through the code of production, with a snapshot of each day."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from schemas.churn import AlertCause, ChurnAlert
from schemas.usage import UsageEvent
from streams.evaluate.account_days import AccountUse, Calendar, DaySpool

HORIZON_DAYS: Final = 28
"""Days within which an account at risk is expected to leave. Chosen by hand: the cool-down of an alert."""

HEADER: Final = ("account", "date", "score", "alert", "kind", "horizon")

_NOON: Final = timedelta(hours=12)
"""Time of the day at which the use of a day is placed. Chosen by hand."""

_DAY: Final = timedelta(days=1)


class Population(Protocol):
    """The code that is measured: it follows the accounts of one cohort in event time."""

    def observe(self, events: Sequence[UsageEvent]) -> None:
        """Take the events of a day."""
        ...

    def end_day(self, end: datetime) -> list[ChurnAlert]:
        """Move the clock to the end of the day; return the alerts that go out until then."""
        ...

    def risk(self, account_id: str, at: datetime) -> tuple[float, AlertCause | None]:
        """Return the score in [0, 1] of an account and its cause at event time `at`."""
        ...

    def others(self, account_id: str) -> Mapping[str, float]:
        """Return the scores of other models for an account, to compare."""
        ...


@dataclass(frozen=True, slots=True)
class AccountDay:
    """The snapshot of one account at the end of one day; `place` is its number in its cohort, from 0.

    `others` has the scores of other models at the same time, for comparison.
    """

    cohort: str
    place: int
    account: AccountUse
    day: int
    score: float
    alert: bool
    kind: AlertCause | None
    others: Mapping[str, float] = field(default_factory=dict)

    def cells(self, calendar: Calendar) -> tuple[str, ...]:
        """Return the cells of HEADER."""
        shown = f"{self.score:.6f}", str(int(self.alert)), self.kind or "", str(HORIZON_DAYS)
        return self.account.account_id, calendar.shown(self.day), *shown


def play(
    spool: DaySpool,
    calendar: Calendar,
    make: Callable[[], Population],
    cohorts: Collection[str] | None = None,
) -> Iterator[AccountDay]:
    """Yield a snapshot of each account for each day from its first activity to the last day of its cohort.

    Cohorts follow each other in order of name; inside a cohort days are in order, then accounts as they were
    added. The population of a cohort sees the use of a day only after all days before it. All cohorts are
    played unless `cohorts` names some.
    """
    for cohort in sorted(spool.accounts if cohorts is None else cohorts):
        population = make()
        for day in spool.days(cohort):
            yield from _play_day(spool, calendar, population, (cohort, day))


def _play_day(
    spool: DaySpool, calendar: Calendar, population: Population, key: tuple[str, int]
) -> Iterator[AccountDay]:
    cohort, day = key
    population.observe(day_events(spool, calendar, cohort, day))
    end = calendar.start(day) + _DAY
    raised: dict[str, ChurnAlert] = {}
    for alert in population.end_day(end):
        known = raised.setdefault(alert.account_id, alert)
        raised[alert.account_id] = max(known, alert, key=lambda one: one.score)
    for place, account in enumerate(spool.accounts[cohort]):
        if account.active and account.first <= day:
            score, kind = population.risk(account.account_id, end)
            own = raised.get(account.account_id)
            kind = kind if own is None else own.cause
            others = population.others(account.account_id)
            yield AccountDay(cohort, place, account, day, score, own is not None, kind, others)


def day_events(spool: DaySpool, calendar: Calendar, cohort: str, day: int) -> list[UsageEvent]:
    """Return the use of a day as events at noon, in the order of the file."""
    at, accounts = calendar.start(day) + _NOON, spool.accounts[cohort]
    return [
        UsageEvent(f"{day}-{number}", accounts[place].account_id, spool.kinds[kind], at, quantity)
        for number, (place, kind, quantity) in enumerate(spool.rows(cohort, day).tolist())
    ]
