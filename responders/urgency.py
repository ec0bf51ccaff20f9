"""How soon a waiting ticket needs its answer, and why, in words; pure.

A ticket's level, 0 to 5, comes from the customer's words and from the account. Each level has a time in which
the ticket should be answered. The queue is ordered by the time at which this ends, less a head start by
level, so a waiting calm question passes a new angry one in the end. That order never changes by itself, so it
is stored once and can be paged.
The database computes the same level (`responders/store/heads.py`); a test holds the two equal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from schemas.churn import Stakes
from schemas.knowledge import account_at_rest
from schemas.tickets import Sentiment

ALLOWED: Final = tuple(timedelta(minutes=minutes) for minutes in (1_440, 480, 240, 120, 60, 30))
"""The time to answer by level: a day for a calm question, a working day for one sign of trouble, then half of
it for each further sign. Chosen by hand; no measurement stands behind it."""

HEAD_START: Final = tuple(timedelta(days=days) for days in (0, 0, 0, 3, 7, 14))
"""How much before its time to answer by a ticket stands in the queue, by level. In a backlog in which every
answer is overdue, the oldest question would come first; so a threat or a formal notice comes before calm
questions that are up to a week older. Chosen by hand; no measurement stands behind it."""

URGENT: Final = 2
"""Tickets of this level and above are counted and marked as urgent. Chosen by hand: two signs of trouble."""

OUTREACH_LEVEL: Final = 1
"""The level of an outreach draft: the account shows one sign of trouble, but nobody waits for an answer."""

LIKELY: Final = 0.5
"""A probability of at least this counts as a sign: more likely than not."""

RENEWAL_DAYS: Final = 30
"""A renewal at most this many days after the message counts as near. Chosen by hand: a usual notice."""

LARGE_SEATS: Final = 100
"""An account with at least this many seats counts as large. Chosen by hand."""

LARGE_REVENUE: Final = 50_000.0
"""An account with at least this revenue per year counts as large; the currency is the operator's. By hand."""

LATEST: Final = datetime.max.replace(tzinfo=UTC)
"""The latest time that can be stored; a later time to answer by is set to it."""

_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_ORDINAL: Final = re.compile(
    r"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:nd|rd|th))\b", re.IGNORECASE
)
_SAID: Final[Mapping[str, str]] = {
    "repeated_contact": "has asked before",
    "waiting": "tired of waiting",
    "escalation": "asks for someone higher up",
    "sarcasm": "sarcastic",
    "strong_words": "strong words",
    "shouting": "writes in capitals or with many marks",
    "urgent": "says that it is urgent",
}


@dataclass(frozen=True, slots=True)
class SaidWords:
    """What the sentiment group found in one message: the part of a `Sentiment` that decides urgency.

    `negative`, `threat` and `sarcasm` are probabilities in [0, 1], or None if they are not known; `reasons`
    and `words` are those of the frustration.
    """

    label: str | None = None
    negative: float | None = None
    frustration: float = 0.0
    threat: float | None = None
    sarcasm: float | None = None
    reasons: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_unhappy(self) -> bool:
        """Return whether the message is negative, probably negative, or sarcastic."""
        return self.label == "negative" or _likely(self.negative) or _likely(self.sarcasm)

    @property
    def is_threat(self) -> bool:
        """Return whether the customer threatens to leave: by the model, or by words if it cannot tell."""
        return "threat_to_leave" in self.reasons if self.threat is None else _likely(self.threat)

    @property
    def is_escalation(self) -> bool:
        """Return whether the customer turns to someone higher up: a manager, a lawyer, an authority."""
        return "escalation" in self.reasons

    @property
    def level(self) -> int:
        """Return the signs in the words: 1 unhappy, 1 frustrated, 2 for a threat or an escalation; 0 to 4."""
        return self.is_unhappy + _likely(self.frustration) + 2 * (self.is_threat or self.is_escalation)

    def heard_as(self, mood: str | None) -> "SaidWords":
        """Return what the message says if a person gave it this mood, or itself without one.

        A person who hears no dissatisfaction hears no frustration and no threat either.

        >>> SaidWords("negative", 0.9, 0.8, reasons=("waiting",)).heard_as("neutral").level
        0
        >>> SaidWords("neutral", 0.2, 0.6).heard_as("negative").level
        2
        """
        if mood is None:
            return self
        if mood == "negative":
            return replace(self, label=mood, negative=1.0)
        return SaidWords(label=mood, negative=0.0, threat=0.0, sarcasm=0.0)


@dataclass(frozen=True, slots=True)
class Plea:
    """A waiting ticket: its most pressing message (None if not scored), and what is known of the account.

    `alert` is the severity of the account's live churn alert, or None. `since` is the time of the first
    message that nobody has answered.
    """

    said: SaidWords | None
    stakes: Stakes
    alert: str | None
    since: datetime

    @property
    def level(self) -> int:
        """Return how pressing the ticket is, 0 to 5.

        The stakes of the account add one level at most, so an angry customer of a small account comes before
        a calm question of a large one.
        """
        at_stake = self.alert is not None or _renews_soon(self.stakes, self.since) or _is_large(self.stakes)
        return (self.said.level if self.said else 0) + at_stake

    @property
    def due_at(self) -> datetime:
        """Return the time by which the ticket should be answered."""
        return due_at(self.since, self.level)


class UrgencyReason(NamedTuple):
    """One reason for a ticket's place in the queue: `text` for a person, and the customer's words, or ""."""

    text: str
    words: str = ""


def due_at(since: datetime, level: int) -> datetime:
    """Return the time to answer by for a wait that began at `since`, at most `LATEST`.

    >>> due_at(datetime(2026, 1, 5, 12, tzinfo=UTC), 3).isoformat()
    '2026-01-05T14:00:00+00:00'
    """
    return since + ALLOWED[level] if since <= LATEST - ALLOWED[level] else LATEST


def place_at(since: datetime, level: int) -> datetime:
    """Return the time by which the queue is ordered: the time to answer by, less the head start of the level.

    >>> place_at(datetime(2026, 1, 15, 12, tzinfo=UTC), 4).isoformat()
    '2026-01-08T13:00:00+00:00'
    """
    return due_at(since, level) - HEAD_START[level]


def said_words(label: str | None, record: Mapping[str, Any] | None) -> SaidWords | None:
    """Return what a stored sentiment says, written by any build; a value of a wrong type is not known.

    >>> said_words("negative", {"frustration": "high", "threat": 0.9}).level
    3
    >>> said_words(None, None) is None
    True
    """
    if record is None:
        return None
    probabilities = record.get("probabilities")
    words, reasons = record.get("frustration_words"), record.get("frustration_reasons")
    return SaidWords(
        label=label,
        negative=_number(probabilities[0]) if isinstance(probabilities, list) and probabilities else None,
        frustration=_number(record.get("frustration")) or 0.0,
        threat=_number(record.get("threat")),
        sarcasm=_number(record.get("sarcasm")),
        reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        words={str(key): str(value) for key, value in words.items()} if isinstance(words, dict) else {},
    )


def stakes_of(account_id: str, record: Mapping[str, Any] | None) -> Stakes:
    """Return what is at stake with a stored account, written by any build, or with one that is not known."""
    account = account_at_rest(account_id, record)
    known = account.model_dump(include={"plan", "seats", "annual_revenue", "renewal_on", "owner"})
    return Stakes(**known)


def words_of(sentiment: Sentiment) -> SaidWords:
    """Return what a sentiment says."""
    return SaidWords(
        label=sentiment.label,
        negative=sentiment.probabilities[0] if sentiment.probabilities else None,
        frustration=sentiment.frustration,
        threat=sentiment.threat,
        sarcasm=sentiment.sarcasm,
        reasons=sentiment.frustration_reasons,
        words=sentiment.frustration_words,
    )


def frustration_reasons(said: SaidWords) -> list[UrgencyReason]:
    """Return the reasons for the frustration in a message, with the words that show each, in their order.

    >>> said = SaidWords(reasons=("repeated_contact",), words={"repeated_contact": "the third time I ask"})
    >>> frustration_reasons(said)
    [UrgencyReason(text='third contact', words='the third time I ask')]
    """
    found = [
        UrgencyReason(_told(reason, said.words.get(reason, "")), said.words.get(reason, ""))
        for reason in said.reasons
        if reason != "threat_to_leave"
    ]
    if _likely(said.sarcasm) and "sarcasm" not in said.reasons:
        found.insert(0, UrgencyReason(_SAID["sarcasm"]))
    if said.is_threat:
        found.insert(0, UrgencyReason("threatens to leave", said.words.get("threat_to_leave", "")))
    return found


def urgency_reasons(plea: Plea, *, now: datetime) -> tuple[UrgencyReason, ...]:
    """Return why a ticket stands at its place: the customer's words, the account, then the waiting time.

    >>> plea = Plea(None, Stakes(), "critical", datetime(2026, 1, 5, 9, tzinfo=UTC))
    >>> [reason.text for reason in urgency_reasons(plea, now=datetime(2026, 1, 5, 12, tzinfo=UTC))]
    ['critical churn alert', 'waiting 3 h']
    """
    found = frustration_reasons(plea.said) if plea.said else []
    if plea.said and plea.said.is_unhappy and not found:
        found.append(UrgencyReason("unhappy"))
    if plea.alert is not None:
        found.append(UrgencyReason(f"{plea.alert} churn alert"))
    if plea.stakes.renewal_on is not None and _renews_soon(plea.stakes, plea.since):
        found.append(UrgencyReason(_renewal(_days(now, plea.stakes.renewal_on))))
    if _is_large(plea.stakes):
        found.append(UrgencyReason(_size(plea.stakes)))
    return (*found, UrgencyReason(f"waiting {span(max(0.0, (now - plea.since).total_seconds()))}"))


def span(seconds: float) -> str:
    """Return a duration in one short unit.

    >>> [span(s) for s in (5, 90, 7300, 200_000, 20_000_000)]
    ['5 s', '1 min', '2 h', '2 d', '231 d']
    """
    whole = int(abs(seconds))
    size, unit = next((known for known in _SPANS if whole >= known[0]), (1, "s"))
    return f"{whole // size} {unit}"


def _told(reason: str, words: str) -> str:
    ordinal = _ORDINAL.search(words) if reason == "repeated_contact" else None
    return f"{ordinal[0].lower()} contact" if ordinal else _SAID.get(reason, reason.replace("_", " "))


def _likely(probability: float | None) -> bool:
    return probability is not None and probability >= LIKELY


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _days(start: datetime, end: datetime) -> int:
    return (end.astimezone(UTC).date() - start.astimezone(UTC).date()).days


def _renews_soon(stakes: Stakes, since: datetime) -> bool:
    return stakes.renewal_on is not None and 0 <= _days(since, stakes.renewal_on) <= RENEWAL_DAYS


def _is_large(stakes: Stakes) -> bool:
    return (stakes.seats or 0) >= LARGE_SEATS or (stakes.annual_revenue or 0.0) >= LARGE_REVENUE


def _renewal(days: int) -> str:
    if days < 0:
        return f"renewal {-days} days ago" if days < -1 else "renewal yesterday"
    return f"renewal in {days} days" if days > 1 else ("renewal today", "renewal tomorrow")[days]


def _size(stakes: Stakes) -> str:
    if (stakes.annual_revenue or 0.0) >= LARGE_REVENUE:
        return f"pays {stakes.annual_revenue:,.0f} a year"
    return f"{stakes.seats:,} seats"
