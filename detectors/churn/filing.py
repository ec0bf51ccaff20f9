"""What an alert, a newer signal or the passing of time does to the case of an account. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from detectors.churn.assess import present
from detectors.churn.cases import current, joined, may_open
from detectors.churn.health import AccountHealth, HeardWords
from detectors.churn.policy import ChurnPolicy
from schemas.churn import ChurnAlert, ClosedCase
from schemas.knowledge import Account

EXPIRY: Final = timedelta(days=28)
"""Time without new evidence after which a case that nobody acknowledged expires: the horizon."""

ACKNOWLEDGED_EXPIRY: Final = timedelta(days=90)
"""Time without new evidence after which an acknowledged case expires. Chosen by hand."""

EXPIRED: Final = "No new evidence for long."
"""Why a case expired, as its history says it."""

FilingChange = Literal["opened", "joined", "retold", "unchanged", "rested", "quietened"]

_DEFAULT: Final = ChurnPolicy()


class Filing(NamedTuple):
    """What an alert does: the kind of change, and the case after it, or None if there is none.

    "joined" is a new cause of an open case, "retold" a newer alert of a cause that it has. An alert that
    "rested" or was "quietened" opens no case.
    """

    change: FilingChange
    case: ChurnAlert | None = None


def filing_of(
    alert: ChurnAlert,
    case: ChurnAlert | None,
    closed: ClosedCase | None,
    *,
    wrote: HeardWords | None,
    is_silenced: bool = False,
) -> Filing:
    """Return what an alert does to the open case of its account, or whether it opens one.

    `closed` is the newest closed case of the account, `wrote` its newest message; `is_silenced` says that
    the rule of the alert is quiet. Raises ValueError if the alert belongs to another account.
    """
    if case is not None:
        after = joined(case, alert, wrote)
        if after == case:
            return Filing("unchanged", case)
        return Filing("retold" if alert.cause in case.causes else "joined", after)
    if not may_open(closed, alert):
        return Filing("rested")
    if is_silenced:
        return Filing("quietened")
    return Filing("opened", current(alert, wrote).model_copy(update={"revision": 1}))


def retold(
    case: ChurnAlert,
    health: AccountHealth,
    account: Account | None,
    *,
    now: datetime,
    policy: ChurnPolicy = _DEFAULT,
) -> ChurnAlert:
    """Return an open case as the signals of its account tell it at event time `now`.

    Causes that are not in the case do not join it: they may be held for an incident.
    """
    told = present(health, account=account, now=now, policy=policy)
    after = case
    if told is not None and told.cause in case.causes:
        after = joined(case, told, health.wrote)
    return current(after, health.wrote)
