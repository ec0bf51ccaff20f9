"""What to write to every customer whose ticket an incident explains: one holding reply, one follow-up."""

from datetime import datetime, timedelta
from typing import Final

from responders.drafting.usage_words import clock, metric_words
from responders.words import content_stems
from schemas.churn import Incident
from schemas.tickets import Ticket

LEAD: Final = timedelta(hours=1)
"""Messages this long before the start of an incident may be about it: its start is that of a time bucket."""

ECHO: Final = timedelta(hours=24)
"""Messages this long after the end of an incident may be about it. Chosen by hand."""

_TROUBLE: Final = frozenset({"problem", "complaint", "follow_up", "question"})
"""Kinds of messages that an incident explains if they share a word with what it measures."""


def explains(
    incident: Incident, message: Ticket, understood: tuple[str, str], *, ended_at: datetime | None = None
) -> bool:
    """Tell whether an incident explains a customer's message.

    The account must be among the affected ones and the time must fit; then the message reports an outage, or
    is about trouble with what the incident measures. `understood` is the kind of the message and its newest
    words with the subject; `ended_at` is the end, None while it lasts.
    """
    last = message.occurred_at if ended_at is None else ended_at + ECHO
    in_time = incident.started_at - LEAD <= message.occurred_at <= last
    if message.account_id not in incident.account_ids or not in_time:
        return False
    kind, said = understood
    shared = set(content_stems(said)) & set(content_stems(metric_words(incident.metric, {})))
    return kind == "outage" or (kind in _TROUBLE and bool(shared - _COMMON))


_EVERYTHING: Final = frozenset({"", "activity", "errors", "sentiment"})
"""Metrics that measure no part of the product."""

SHORT_NAME: Final = 3
"""A part of the product whose name is so short is written in capitals, such as API."""

_COMMON: Final = frozenset(content_stems("event events activity"))
"""Stems in the words of many metrics, which say nothing about one."""


def holding_text(incident: Incident, *, now: datetime, name: str | None = None) -> str:
    """Return the reply while an incident lasts; `name` is the first name to greet with.

    It tells the start and promises no end. `now` decides whether the day is named.
    """
    return "\n\n".join(
        (
            f"Hello {name}," if name else "Hello,",
            f"Thank you for your message. Since {clock(incident.started_at, now=now)} there has been a"
            f" problem on our side{_area(incident)}, and your account is among the"
            " affected ones.",
            "You do not need to change anything. I will write to you here when it is over.",
        )
    )


def _area(incident: Incident) -> str:
    """Return the part of the product in brackets, "" if the incident concerns everything."""
    area = incident.metric.partition(".")[0].replace("_", " ").strip()
    return "" if area in _EVERYTHING else f" ({area.upper() if len(area) <= SHORT_NAME else area})"


def follow_up_text(incident: Incident, *, ended_at: datetime, now: datetime, name: str | None = None) -> str:
    """Return the message after an incident, with its true start and end; ValueError if it ends too early."""
    if ended_at <= incident.started_at:
        raise ValueError("an incident ends after its start")
    began = clock(incident.started_at, now=now)
    return "\n\n".join(
        (
            f"Hello {name}," if name else "Hello,",
            f"The problem on our side{_area(incident)} is over: it began at {began} and"
            f" ended at {clock(ended_at, now=now)}. I am sorry for the trouble.",
            "Please try again what did not work. If it still fails, reply here and tell me what you see.",
        )
    )
