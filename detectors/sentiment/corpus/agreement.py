"""How far two readers agree on labels, beyond chance."""

from collections import Counter
from collections.abc import Hashable, Sequence


def cohens_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Return Cohen's kappa of two labels per item: 1 for full agreement, 0 for agreement by chance.

    Raises ValueError if the lengths differ or no item is given. Two readers who give one label to all items
    agree fully. Source: Cohen 1960, doi 10.1177/001316446002000104.

    >>> cohens_kappa("nnpp", "nnpp"), cohens_kappa("nnpp", "npnp")
    (1.0, 0.0)
    """
    if not first or len(first) != len(second):
        raise ValueError("two labels are needed for each item")
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    counts, others = Counter(first), Counter(second)
    chance = sum(counts[label] * others[label] for label in counts) / len(first) ** 2
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)
