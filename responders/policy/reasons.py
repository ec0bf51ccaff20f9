"""The reasons why a person must answer a message, and the team that each one brings it to."""

from collections.abc import Mapping
from typing import Final

TEAMS: Final[Mapping[str, str]] = {
    "self_harm": "safety",
    "violence": "safety",
    "safety": "safety",
    "security_report": "security",
    "authority": "authority",
    "press": "press",
    "legal_threat": "legal",
    "personal_data": "privacy",
    "billing_dispute": "billing",
    "refund": "billing",
    "leaving": "owner",
    "sales": "sales",
    "wants_person": "person",
}
"""The team by reason. A reason decides what is said to the customer, a team who reads the message."""


ANSWERED_BESIDE: Final = frozenset({"billing_dispute", "refund", "leaving", "wants_person"})
"""Reasons beside which a question may be answered: a plain answer does no harm until a person has come. After
all others only a person writes."""


def team_of(reason: str) -> str:
    """Return the team that a reason brings a message to; an unknown reason is its own team.

    >>> team_of("refund"), team_of("account_action")
    ('billing', 'account_action')
    """
    return TEAMS.get(reason, reason)
