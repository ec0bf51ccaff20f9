"""What drafts change: tickets with a draft against tickets of the hold-out, with intervals. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from responders.store.desk.holdout import HandledTicket

Z_95: Final = 1.959964
"""The two-sided 95 % point of the normal distribution."""

FEWEST: Final = 20
"""Tickets that each group needs to be compared: the intervals are those of large samples. By hand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The value with drafts minus the value without, and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Return whether the interval lies on one side of 0."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, slots=True)
class Uplift:
    """Both groups and how they differ; the differences are None while a group has fewer than FEWEST tickets.

    Times are in seconds, a ticket without a reply within a day counts as a day. Shares are in [0, 1].
    """

    with_draft: int
    held_out: int
    waited_with_draft: float
    waited_held_out: float
    answered_with_draft: float
    answered_held_out: float
    sent_unchanged: float
    sent_edited: float
    waited: Difference | None
    answered: Difference | None


def uplift_of(tickets: Sequence[HandledTicket]) -> Uplift | None:
    """Return the comparison, or None if no ticket was held out."""
    held = [ticket for ticket in tickets if ticket.is_held_out]
    drafted = [ticket for ticket in tickets if not ticket.is_held_out]
    if not held:
        return None
    times = [ticket.waited_seconds for ticket in drafted], [ticket.waited_seconds for ticket in held]
    answered = sum(one.is_answered for one in drafted), sum(one.is_answered for one in held)
    enough = min(len(held), len(drafted)) >= FEWEST
    return Uplift(
        with_draft=len(drafted),
        held_out=len(held),
        waited_with_draft=mean(times[0]),
        waited_held_out=mean(times[1]),
        answered_with_draft=answered[0] / max(1, len(drafted)),
        answered_held_out=answered[1] / len(held),
        sent_unchanged=_share(drafted, "sent"),
        sent_edited=_share(drafted, "edited"),
        waited=difference_of_means(*times) if enough else None,
        answered=difference_of_shares(answered[0], len(drafted), answered[1], len(held)) if enough else None,
    )


def mean(values: Sequence[float]) -> float:
    """Return the mean; 0 without a value."""
    return math.fsum(values) / len(values) if values else 0.0


def difference_of_means(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return the difference of two means with Welch's interval for large samples; each needs two values.

    >>> difference_of_means([1.0, 3.0], [1.0, 3.0]).value
    0.0
    """
    value = mean(first) - mean(second)
    half = Z_95 * math.sqrt(_variance(first) / len(first) + _variance(second) / len(second))
    return Difference(value, value - half, value + half)


def difference_of_shares(count: int, total: int, other_count: int, other_total: int) -> Difference:
    """Return the difference of two shares with the interval of Agresti and Caffo (2000).

    >>> difference_of_shares(30, 40, 10, 40).is_clear
    True
    """
    share, other = (count + 1) / (total + 2), (other_count + 1) / (other_total + 2)
    spread = share * (1 - share) / (total + 2) + other * (1 - other) / (other_total + 2)
    half, centre = Z_95 * math.sqrt(spread), share - other
    value = count / total - other_count / other_total
    return Difference(value, max(-1.0, centre - half), min(1.0, centre + half))


def _share(tickets: Sequence[HandledTicket], state: str) -> float:
    return sum(ticket.draft_state == state for ticket in tickets) / max(1, len(tickets))


def _variance(values: Sequence[float]) -> float:
    centre = mean(values)
    return math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1)
