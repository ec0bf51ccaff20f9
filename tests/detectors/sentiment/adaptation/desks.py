"""Made-up desks: messages whose states tell their mood, and a shipped model that is good or bad at it."""

import numpy as np

from detectors.sentiment.adaptation.corrections import Correction
from detectors.sentiment.adaptation.curve import Labelled

WIDTH = 12


def desk(count: int, *, seed: int, skill: float) -> Labelled:
    """Return messages; a shipped model of `skill` 0 guesses, and one of skill 4 is nearly always right."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    directions = np.random.default_rng(99).standard_normal((3, WIDTH))
    states = directions[labels] + 0.8 * random.standard_normal((count, WIDTH))
    logits = skill * np.eye(3)[labels] + random.standard_normal((count, 3))
    exponents = np.exp(logits)
    return Labelled(
        states.astype(np.float32), exponents / exponents.sum(axis=1, keepdims=True), labels.astype(np.int64)
    )


def corrections(count: int, *, seed: int = 1, skill: float = 0.0) -> list[Correction]:
    return desk(count, seed=seed, skill=skill).corrections(np.arange(count))
