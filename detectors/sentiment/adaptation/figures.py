"""The figures of a desk's models on the corrections they predicted before they learned them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from detectors.sentiment.adaptation.evidence import FLOOR
from detectors.sentiment.adaptation.learner import Tried
from detectors.sentiment.measures import calibration_error

DeskRole = Literal["shipped", "champion", "challenger"]
ROLES: Final[tuple[DeskRole, DeskRole, DeskRole]] = ("shipped", "champion", "challenger")
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class RoleFigures:
    """Mean log loss in nats, accuracy and expected calibration error in [0, 1] of one model."""

    log_loss: float
    accuracy: float
    calibration_error: float


def figures_of(window: Sequence[Tried]) -> dict[DeskRole, RoleFigures]:
    """Return the figures of each model over the predictions; empty without a prediction.

    Before the first challenger the challenger's figures are the champion's.

    >>> once = Tried((0.5, 0.5, 1.0), (0.5, 0.5, 1.0), (True, True, True))
    >>> figures_of([once])["challenger"]
    RoleFigures(log_loss=0.0, accuracy=1.0, calibration_error=0.0)
    """
    return {role: _figures(window, place) for place, role in enumerate(ROLES)} if window else {}


def _figures(window: Sequence[Tried], place: int) -> RoleFigures:
    right = np.array([tried.right[place] for tried in window])
    top = np.array([tried.top[place] for tried in window])
    losses = [-math.log(max(tried.truth[place], FLOOR)) for tried in window]
    return RoleFigures(
        log_loss=float(np.mean(losses)),
        accuracy=float(right.mean()),
        calibration_error=calibration_error(top, right, bins=_BINS),
    )
