"""The weight of corrections: people correct the moods that are wrong, so corrections are no fair sample.

Of a thousand messages perhaps two hundred moods are wrong. If people correct a hundred of them and confirm
ten of the right ones, the share of wrong moods among what they clicked is ten elevenths, not a fifth. A model
fitted on the clicks as they are would believe that the shipped model is nearly always wrong, and would turn
right moods into wrong ones. The shipped model is calibrated, so its own probabilities say how often it is
wrong on such messages; changes are weighed down until their share is not above that. Confirmations count in
full. Without any confirmation the changes together count as if one mood had been confirmed: the desk then
learns nearly nothing, because nobody can know from changes alone which moods are right.

This weighing changes only how much a correction counts. No prediction of a desk's model is ever learned, so a
desk's prior comes from what people said, not from what the model believes.
"""

from typing import Final

import numpy as np

from detectors.sentiment.adaptation.corrections import CorrectionLog
from detectors.sentiment.arrays import Float64

LEAST_ERROR: Final = 0.05
MOST_ERROR: Final = 0.5
"""Bounds of the shipped model's assumed share of wrong moods. Chosen by hand."""


def importance_of(log: CorrectionLog, *, sampled: bool) -> Float64:
    """Return the weight in (0, 1] of each correction of the log, (n,), in order.

    All weigh 1 if the messages were `sampled` without a look at their moods.
    """
    agrees = log.agrees
    weights = np.ones(len(agrees))
    changes = int((~agrees).sum())
    if sampled or not changes:
        return weights
    error = float(np.clip(1 - np.exp(log.logs.max(axis=1)).mean(), LEAST_ERROR, MOST_ERROR))
    confirmed = max(1, len(agrees) - changes)
    weights[~agrees] = min(1.0, confirmed * error / (changes * (1 - error)))
    return weights
