"""What the page of a ticket says about its mood and its place in the queue, in words; pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from responders.urgency import Plea, UrgencyReason, frustration_reasons, urgency_reasons, words_of
from schemas.tickets import MoodEvidence, Sentiment

CLEAR: Final = 0.85
"""From this probability a mood is clear. Chosen by hand."""

PROBABLE: Final = 0.6
"""From this probability a mood is probable. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class MoodExplanation:
    """Why a message has its mood: the judgement in words, the signs of frustration, weighty sentences."""

    said: str
    frustration: tuple[UrgencyReason, ...]
    sentences: tuple[MoodEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketUrgency:
    """By when a waiting ticket should be answered, and why."""

    due_at: datetime
    reasons: tuple[UrgencyReason, ...]


def mood_said(mood: Sentiment) -> str:
    """Return a mood as a sentence; its probability in words and in per cent, or why there is none."""
    if mood.probabilities is None:
        return f"No judgement: {(mood.abstained or 'no probabilities').replace('_', ' ')}."
    names = ("negative", "neutral", "positive")
    best = max(range(3), key=mood.probabilities.__getitem__)
    if mood.label is None:
        return f"Not sure: at best {names[best]}, with {mood.probabilities[best] * 100:.0f} %."
    likely = mood.probabilities[names.index(mood.label)]
    degree = "Clearly" if likely >= CLEAR else "Probably" if likely >= PROBABLE else "Rather"
    return f"{degree} {mood.label} ({likely * 100:.0f} %)."


def mood_explanation(mood: Sentiment | None) -> MoodExplanation | None:
    """Return why a message has its mood; None if it is not scored, or has neither a mood nor a sign."""
    if mood is None:
        return None
    frustration = tuple(frustration_reasons(words_of(mood)))
    if mood.probabilities is None and not frustration:
        return None
    return MoodExplanation(mood_said(mood), frustration, mood.evidence)


def ticket_urgency(plea: Plea | None, due_at: datetime | None, *, now: datetime) -> TicketUrgency | None:
    """Return what the page says about a waiting ticket's urgency; None if nobody waits."""
    if plea is None or due_at is None:
        return None
    return TicketUrgency(due_at, urgency_reasons(plea, now=now))
