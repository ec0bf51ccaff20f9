"""What a batch of lessons costs."""

from dataclasses import replace

import numpy as np
import torch

from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.training.losses import LossWeights, cost, unsteadiness
from detectors.sentiment.training.network import HINTS
from detectors.sentiment.training.row import TrainingRow
from detectors.sentiment.training.targets import KINDS, RowTargets, targets_of

SIGNS = len(OUTPUTS) - MOODS
MESSAGE = TrainingRow("It broke.", 0, (1.0,) + (0.0,) * (SIGNS - 1), category="angry")
PRAISE = TrainingRow("I love it.", 2, (0.0,) * SIGNS, category="praise")
COMMENT = TrainingRow("joy", 2, emotions=(17,))
WEIGHTS = LossWeights(smoothing=0.0)


def targets(*rows: TrainingRow) -> RowTargets:
    return targets_of(rows, comment_weight=0.5, kind_weights={"praise": 2.0})


def spent(row: TrainingRow, *, mood: int, threat: float = 0.0, hint: int | None = None) -> float:
    logits, hints = torch.zeros(1, len(OUTPUTS)), torch.zeros(1, len(HINTS))
    logits[0, mood], logits[0, MOODS] = 8.0, threat
    if hint is not None:
        hints[0, hint] = 8.0
    return float(cost(logits, hints, targets(row), WEIGHTS))


def test_a_right_mood_a_right_sign_and_a_right_hint_each_cost_less() -> None:
    assert spent(MESSAGE, mood=0) < spent(MESSAGE, mood=1) - 5
    assert spent(MESSAGE, mood=0, threat=4.0) < spent(MESSAGE, mood=0) < spent(MESSAGE, mood=0, threat=-4.0)
    assert spent(MESSAGE, mood=0, hint=KINDS.index("angry")) < spent(MESSAGE, mood=0)
    assert spent(COMMENT, mood=2, hint=len(KINDS) + 17) < spent(COMMENT, mood=2)


def test_signs_of_a_comment_and_its_kind_cost_nothing() -> None:
    assert spent(COMMENT, mood=2, threat=4.0) == spent(COMMENT, mood=2, threat=-4.0)
    assert spent(COMMENT, mood=2, hint=KINDS.index("angry")) == spent(COMMENT, mood=2)


def test_a_kind_weighs_as_the_recipe_says() -> None:
    wrong = spent(PRAISE, mood=0) - spent(PRAISE, mood=2)
    plain = spent(replace(PRAISE, category="thanks"), mood=0) - spent(
        replace(PRAISE, category="thanks"), mood=2
    )
    assert np.isclose(wrong, 2 * plain, rtol=1e-4)


def test_twins_that_are_judged_alike_cost_nothing_and_the_distance_counts_both_ways() -> None:
    random = torch.Generator().manual_seed(3)
    first = torch.randn(5, len(OUTPUTS), generator=random)
    second = torch.randn(5, len(OUTPUTS), generator=random)
    assert unsteadiness(first, first) == 0.0
    assert unsteadiness(first, second) == unsteadiness(second, first) > 0.0
