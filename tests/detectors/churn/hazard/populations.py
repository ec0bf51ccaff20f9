"""Small generated populations for the tests of the hazard."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from schemas.usage import UsageEvent

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC).toordinal()
"""A Monday."""


def event(account_id: str, day: int, kind: str = "view", quantity: float = 10.0) -> UsageEvent:
    """Return an event at noon of a day that counts from FIRST_DAY."""
    at = datetime.fromordinal(FIRST_DAY + day).replace(tzinfo=UTC) + timedelta(hours=12)
    failed = kind.endswith("failed")
    return UsageEvent(f"{account_id}-{day}-{kind}", account_id, kind, at, quantity, failed)


def end_of(day: int) -> datetime:
    """Return the end of a day that counts from FIRST_DAY."""
    return datetime.fromordinal(FIRST_DAY + day + 1).replace(tzinfo=UTC)


def days_of_use(accounts: int, days: int, seed: int = 3) -> Iterator[list[UsageEvent]]:
    """Yield the events of each day; every third account fades out and stops between day 40 and the end.

    An account has its own presence. Who stops is present at half its habit in the two weeks before.
    """
    random = np.random.default_rng(seed)
    presence = random.uniform(0.3, 0.95, accounts)
    stops = np.where(np.arange(accounts) % 3 == 0, random.integers(40, max(days, 41), accounts), days)
    for day in range(days):
        chance = presence * np.where(day >= stops - 14, 0.5, 1.0) * (day < stops)
        active = np.flatnonzero(random.random(accounts) < chance).tolist()
        kinds = random.integers(1, 4, accounts)
        yield [
            event(f"a{account}", day, kind, float(random.integers(1, 40)))
            for account in active
            for kind in ("view", "edit", "export")[: kinds[account]]
        ]
