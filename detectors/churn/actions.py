"""The next action for each cause of an alert, and the time for it."""

from typing import Final

from schemas.churn import AlertCause

RULE: Final = "churn-rules-1"
"""The version id of these rules, written into every alert."""

DUE_DAYS: Final = {"critical": 1.0, "warning": 3.0, "watch": 7.0}
"""Days from the detection of an alert until the success manager should act. Chosen by hand."""

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
    "churn_risk": "Call the owner of the account this week: ask what they want to reach with the"
    " product next, and agree on one date for it.",
}
