"""The sequential test: how rarely a rival that is no better wins, and how soon a better one does."""

import numpy as np

from detectors.sentiment.adaptation.drift import WINDOW, ScoreDrift
from detectors.sentiment.adaptation.evidence import NOTHING_SHOWN, Contest


def contest(gain: float, *, count: int, seed: int) -> tuple[Contest, int | None]:
    """Let a rival of that advantage in log-probability predict; return the end and when it was proven."""
    random = np.random.default_rng(seed)
    found, proven = NOTHING_SHOWN, None
    for number in range(count):
        label = int(random.integers(3))
        logits = random.standard_normal(3)
        holder, rival = logits.copy(), logits + 0.8 * random.standard_normal(3)
        rival[label] += gain
        found = found.after(_share(holder), _share(rival), label)
        if found.is_proven and proven is None:
            proven = number
    return found, proven


def _share(logits: np.ndarray) -> np.ndarray:
    exponents = np.exp(logits)
    return np.asarray(exponents / exponents.sum())


def test_a_rival_that_only_adds_noise_is_hardly_ever_proven_at_any_time() -> None:
    proven = [contest(0.0, count=300, seed=seed)[1] is not None for seed in range(60)]
    assert sum(proven) <= 3


def test_a_clearly_better_rival_is_proven_soon() -> None:
    times = [contest(2.0, count=100, seed=seed)[1] for seed in range(20)]
    assert all(time is not None and time < 60 for time in times)


def test_nobody_wins_with_few_predictions() -> None:
    found = NOTHING_SHOWN
    for _ in range(11):
        found = found.after(np.array([0.98, 0.01, 0.01]), np.array([0.01, 0.98, 0.01]), 1)
    assert not found.is_proven
    assert found.after(np.array([0.98, 0.01, 0.01]), np.array([0.01, 0.98, 0.01]), 1).is_proven


def test_drift_is_unknown_before_both_windows_are_full_then_small_for_equal_scores_and_large_for_others() -> (
    None
):
    random = np.random.default_rng(1)
    drift = ScoreDrift()
    drift.observe(random.random(2 * WINDOW - 1))
    assert drift.index is None
    drift.observe([0.5])
    assert drift.index is not None
    assert drift.index < 0.1
    drift.observe(random.random(WINDOW) ** 4)
    assert drift.index > 0.25
