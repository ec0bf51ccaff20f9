"""What makes an alert, and what to do about each cause."""

from dataclasses import dataclass
from typing import Final

from schemas.churn import AlertCause

RULE: Final = "churn-rules-1"


@dataclass(frozen=True)
class ChurnPolicy:
    """Limits of the churn rules; every duration in days of event time unless it names another unit."""

    half_life_days: float = 7.0
    live_days: float = 14.0
    fresh_days: float = 3.0
    memory_days: float = 90.0
    max_anomalies: int = 6
    max_moods: int = 40
    cool_down_days: float = 28.0
    mood_half_life_days: float = 14.0
    mood_recent: int = 8
    mood_least: int = 3
    mood_span_days: float = 7.0
    mood_fall: float = 0.35
    mood_ceiling: float = -0.05
    mood_sigmas: float = 2.5
    frustration_weight: float = 0.3
    alert_score: float = 0.3
    warning_score: float = 0.55
    critical_score: float = 0.8
    renewal_near_days: float = 45.0
    renewal_factor: float = 1.2


@dataclass(frozen=True)
class HoldPolicy:
    """When many accounts that move together are one incident and not many alerts.

    Moves within `window_hours` of each other make one; one more joins it within `join_hours`.
    """

    window_hours: float = 3.0
    join_hours: float = 6.0
    hold_minutes: float = 30.0
    least_accounts: int = 4
    least_share: float = 0.05
    incident_hours: float = 24.0
    max_moves: int = 10_000


DUE_DAYS: Final = {"critical": 1.0, "warning": 3.0, "watch": 7.0}

NEXT_ACTION: Final[dict[AlertCause, str]] = {
    "drop": "Call the owner of the account: ask what changed in their team or process since the fall began,"
    " and offer a working session on that part of the product.",
    "silence": "Reach a second contact today: check that access and integrations still work,"
    " then ask whether the project is paused or moving elsewhere.",
    "error_surge": "Have support look at the failing runs now and write to the account before they do:"
    " what fails, since when, and the way around it.",
    "mood_slide": "Read the last tickets, then call the requester: name the open problem,"
    " one owner and one date, and follow it until it is closed.",
    "combined": "Escalate to the account's executive sponsor: one call this week with support present,"
    " on the open tickets and the fall in use together.",
}
