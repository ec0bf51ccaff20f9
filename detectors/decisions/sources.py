"""How much of a source's drafts people keep: a beta posterior per source, shrunk to the desk's mean."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from schemas.lessons import MOST_BONUS

SHRINKAGE: Final = 8.0
"""Drafts at the desk's mean that each source starts with. Chosen by hand."""

PER_SHARE: Final = 0.1
"""Points of score for a source whose drafts are kept wholly where the desk keeps none. Chosen by hand."""

LEAST_BONUS: Final = 0.002
"""Points of score below which a source gets no bonus: it would change nothing. Chosen by hand."""


class SourceBook:
    """The kept and the refused parts of drafts, of the desk and of each source.

    A draft of several sources counts for each with an equal share.
    """

    def __init__(self) -> None:
        self._kept = self._refused = 1.0
        self._of_source: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    @property
    def desk_mean(self) -> float:
        """The mean of the desk's beta posterior (prior: one draft kept, one refused), in (0, 1)."""
        return self._kept / (self._kept + self._refused)

    def mean(self, source_id: str) -> float:
        """Return the mean of a source's beta posterior, in (0, 1); an unknown source has the desk's."""
        kept, refused = self._of_source.get(source_id, (0.0, 0.0))
        return (SHRINKAGE * self.desk_mean + kept) / (SHRINKAGE + kept + refused)

    def predicted(self, source_ids: Sequence[str]) -> float:
        """Return how much of a draft of these sources is kept, by the mean of their posteriors."""
        if not source_ids:
            return self.desk_mean
        return sum(map(self.mean, source_ids)) / len(source_ids)

    def learn(self, source_ids: Sequence[str], worth: float) -> None:
        """Count a draft of which a share was kept."""
        self._kept += worth
        self._refused += 1.0 - worth
        for source_id in source_ids:
            counts = self._of_source[source_id]
            counts[0] += worth / len(source_ids)
            counts[1] += (1.0 - worth) / len(source_ids)

    def bonuses(self) -> dict[str, float]:
        """Return the bonus or malus of each source that has one, in points of score, by source id."""
        found = {name: bonus_of(self.mean(name) - self.desk_mean) for name in sorted(self._of_source)}
        return {name: bonus for name, bonus in found.items() if abs(bonus) >= LEAST_BONUS}


def bonus_of(lead: float) -> float:
    """Return the points of score for a lead over the desk's mean, bounded by MOST_BONUS.

    >>> bonus_of(0.2), bonus_of(-0.9)
    (0.02, -0.05)
    """
    return round(max(-MOST_BONUS, min(MOST_BONUS, PER_SHARE * lead)), 6)
