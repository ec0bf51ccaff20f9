"""How lessons from decisions move a probability and the order of passages. Pure."""

import math
from collections.abc import Mapping, Sequence

from responders.retrieval.ranking import Passage


def moved(probability: float, offset: float) -> float:
    """Return a probability whose log-odds are moved by `offset`; 0 and 1 are certain and stay.

    >>> moved(0.5, 0.0), round(moved(0.5, 1.0), 2), moved(1.0, -1.0)
    (0.5, 0.73, 1.0)
    """
    if not offset or not 0.0 < probability < 1.0:
        return probability
    return 1 / (1 + math.exp(-offset) * (1 - probability) / probability)


def reordered(passages: Sequence[Passage], bonuses: Mapping[str, float]) -> list[Passage]:
    """Return passages, best first, with the bonus of each source added to its score.

    Passages with equal scores keep their order; without a bonus nothing changes.
    """
    if not any(passage.chunk.source_id in bonuses for passage in passages):
        return list(passages)
    scored = [_with_bonus(passage, bonuses.get(passage.chunk.source_id, 0.0)) for passage in passages]
    return sorted(scored, key=lambda passage: -passage.score)


def _with_bonus(passage: Passage, bonus: float) -> Passage:
    return passage.model_copy(update={"score": passage.score + bonus}) if bonus else passage
