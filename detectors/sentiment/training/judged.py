"""What a calibration makes of the logits of rows."""

from collections.abc import Sequence

import numpy as np

from detectors.sentiment.arrays import Float64
from detectors.sentiment.calibration import Calibration
from detectors.sentiment.training.row import Judged, TrainingRow


def judged_under(calibration: Calibration, rows: Sequence[TrainingRow], logits: Float64) -> Judged:
    """Return what these (n, k) logits say of the n rows under one calibration."""
    floors = np.full(len(rows), calibration.least_positive)
    return Judged(tuple(rows), calibration.moods(logits), calibration.signs(logits), floors)
