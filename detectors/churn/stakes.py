"""What is at stake if an account leaves."""

import math
from typing import TypeVar

from schemas.churn import Stakes
from schemas.knowledge import Account

N = TypeVar("N", int, float)


def stakes_of_account(account: Account | None) -> Stakes:
    """Return what is at stake; whatever is not known, or impossible, is None."""
    if account is None:
        return Stakes()
    return Stakes(
        plan=account.plan,
        seats=_countable(account.seats),
        annual_revenue=_countable(account.annual_revenue),
        renewal_on=account.renewal_on,
        owner=account.owner,
    )


def _countable(value: N | None) -> N | None:
    """Return a number of seats or of revenue, or None if it is impossible: it must not stop the alert."""
    return value if value is not None and 0 <= value < math.inf else None
