"""The alert of an account that does not come back after an outage: then its fall is trouble of its own."""

from typing import NamedTuple

from detectors.churn.assess import present
from detectors.churn.health import AccountHealth
from detectors.churn.outages.watch import LeftBehind
from detectors.churn.policy import ChurnPolicy
from schemas.churn import ChurnAlert
from schemas.knowledge import Account


class OwnTrouble(NamedTuple):
    """The alert, and the health after it."""

    health: AccountHealth
    alert: ChurnAlert


def own_trouble(
    health: AccountHealth, behind: LeftBehind, account: Account | None, policy: ChurnPolicy
) -> OwnTrouble | None:
    """Return the alert of an account that is still down a day after an outage, or None.

    Only a fall that was explained since the outage began speaks: others have raised an alert if they call for
    one.
    """
    fall = health.explained
    if fall is None or fall.detected_at < behind.outage.incident.started_at:
        return None
    own = health.model_copy(update={"explained": None})
    after = own.after(fall.model_copy(update={"shared": False}), policy)
    alert = present(after, account=account, now=behind.at, policy=policy)
    if alert is None or health.resting(alert.cause, behind.at, policy):
        return None
    return OwnTrouble(after.after_alert(alert), alert)
