"""The accounts of the sample company and the stories planted in some of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from schemas.knowledge import Account
from streams.demo.model import Onset, Outage, Planted
from streams.demo.texts import names

PLANS = ("Starter", "Team", "Business", "Enterprise")
PLAN_SHARES = (0.22, 0.40, 0.28, 0.10)
SEATS = {"Starter": (3, 10), "Team": (10, 50), "Business": (45, 240), "Enterprise": (200, 900)}
SEAT_DOLLARS_PER_MONTH = {"Starter": 29, "Team": 59, "Business": 99, "Enterprise": 115}
UTC_OFFSET_HOURS = {
    "Europe": 1,
    "United Kingdom": 0,
    "North America East": -5,
    "North America West": -8,
    "Latin America": -3,
    "Asia-Pacific": 9,
}
REGION_SHARES = (0.38, 0.11, 0.24, 0.11, 0.07, 0.09)
BUSY_AT_OUTAGE = ("Europe", "United Kingdom", "North America East", "Latin America")
OUTAGE_HOURS = 4
OUTAGE_START_HOUR_UTC = 13
HISTORY = timedelta(days=8)
"""Shortest recording before a story or the outage begins."""

AFTERMATH = timedelta(days=2)
"""Shortest recording after the outage ends."""


def accounts(seed: int, *, end: datetime) -> tuple[Account, ...]:
    """Return the accounts in the order of their ids; they depend on the seed and on `end` (renewals)."""
    rng = np.random.default_rng([seed, 1])
    return tuple(_account(number, name, end, rng) for number, name in enumerate(names().companies))


def _account(number: int, name: str, end: datetime, rng: np.random.Generator) -> Account:
    plan = PLANS[rng.choice(len(PLANS), p=PLAN_SHARES)]
    low, high = SEATS[plan]
    seats = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
    yearly = 0.85 if rng.random() < 0.7 else 1.0
    regions = tuple(UTC_OFFSET_HOURS)
    return Account(
        account_id=f"acc-{1001 + number}",
        name=name,
        plan=plan,
        seats=seats,
        annual_revenue=round(seats * SEAT_DOLLARS_PER_MONTH[plan] * 12 * yearly, 2),
        renewal_on=_renewal(end, rng) if yearly < 1.0 else None,
        region=regions[rng.choice(len(regions), p=REGION_SHARES)],
        owner=str(rng.choice(names().owners)),
    )


def _renewal(end: datetime, rng: np.random.Generator) -> datetime:
    day = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=int(rng.integers(20, 365)))


def utc_offset(account: Account) -> timedelta:
    """Return how far the local time of the account's region is ahead of UTC (no daylight saving)."""
    return timedelta(hours=UTC_OFFSET_HOURS[account.region or "United Kingdom"])


def plant(seed: int, customers: Sequence[Account], *, start: datetime, end: datetime) -> Planted:
    """Choose the accounts and the times of the stories; `Planted` lists the promises.

    The four single stories go to Business accounts with 60 to 200 seats and a known renewal: large
    enough to be seen, but not the largest.
    """
    rng = np.random.default_rng([seed, 2])
    chosen = _story_accounts(customers, rng)
    slid = end - timedelta(days=17, hours=3)
    return Planted(
        drop=Onset(chosen[0].account_id, onset_after(start + HISTORY, chosen[0], local_hour=10)),
        silence=Onset(chosen[1].account_id, onset_after(start + HISTORY, chosen[1], local_hour=11)),
        error_surge=Onset(chosen[2].account_id, onset_after(start + HISTORY, chosen[2], local_hour=9)),
        mood_slide=Onset(chosen[3].account_id, slid),
        outage=_outage(customers, {account.account_id for account in chosen}, rng, window=(start, end)),
    )


def _story_accounts(customers: Sequence[Account], rng: np.random.Generator) -> list[Account]:
    fit = [
        account
        for account in customers
        if account.plan == "Business"
        and account.renewal_on is not None
        and 60 <= (account.seats or 0) <= 200
        and account.region in BUSY_AT_OUTAGE
    ]
    if len(fit) < 4:
        raise ValueError(f"the seed leaves only {len(fit)} accounts that fit a story")
    return [fit[index] for index in rng.permutation(len(fit))[:4]]


def onset_after(moment: datetime, account: Account, *, local_hour: int) -> datetime:
    """Return the first weekday (Monday to Friday), at least 12 hours later, at `local_hour` of the region.

    >>> from datetime import UTC
    >>> friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    >>> account = Account(account_id="a", name="A", region="Europe")
    >>> onset_after(friday, account, local_hour=10).isoformat()
    '2026-11-23T09:00:00+00:00'
    """
    local = moment + timedelta(hours=12) + utc_offset(account)
    candidate = local.replace(hour=local_hour, minute=0, second=0, microsecond=0)
    while candidate < local or candidate.weekday() > 4:
        candidate += timedelta(days=1)
    return candidate - utc_offset(account)


def _outage(
    customers: Sequence[Account],
    spared: set[str],
    rng: np.random.Generator,
    *,
    window: tuple[datetime, datetime],
) -> Outage:
    awake = [a.account_id for a in customers if a.region in BUSY_AT_OUTAGE and a.account_id not in spared]
    count = round(0.55 * len(customers))
    hit = sorted(awake[index] for index in rng.permutation(len(awake))[:count])
    started_at = _outage_start(*window)
    return Outage(tuple(hit), started_at, started_at + timedelta(hours=OUTAGE_HOURS))


def _outage_start(start: datetime, end: datetime) -> datetime:
    """Return the latest Tuesday to Thursday with history and aftermath, otherwise the latest weekday."""
    last = end - AFTERMATH - timedelta(hours=OUTAGE_HOURS)
    candidates = [moment for moment in _afternoons(start, end) if start + HISTORY <= moment <= last]
    weekdays = [moment for moment in candidates if moment.weekday() <= 4]
    midweek = [moment for moment in weekdays if 1 <= moment.weekday() <= 3]
    return (midweek or weekdays)[-1]


def _afternoons(start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start.replace(hour=OUTAGE_START_HOUR_UTC)
    while moment < end:
        yield moment
        moment += timedelta(days=1)
