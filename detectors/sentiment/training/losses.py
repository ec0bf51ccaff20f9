"""What a batch of lessons costs: wrong moods, signs and hints, and twins that are judged differently."""

from dataclasses import dataclass
from typing import Final

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.training.targets import KINDS, NO_KIND, RowTargets

_THREAT: Final = OUTPUTS[MOODS:].index("threat_to_leave")


@dataclass(frozen=True, slots=True)
class LossWeights:
    """What each part of the cost weighs against the mood; chosen with the messages of writers w09 and w10.

    `smoothing` moves the targets of the moods towards equal. `threat` multiplies the sign of a threat among
    the signs; it was raised later by hand, because threats were missed. `steadiness` weighs the squared
    distance of what the network says of twins.
    """

    signs: float = 4.0
    threat: float = 3.0
    hints: float = 0.3
    steadiness: float = 4.0
    smoothing: float = 0.05


def cost(
    logits: torch.Tensor, hints: torch.Tensor, targets: RowTargets, weights: LossWeights
) -> torch.Tensor:
    """Return the mean cost of rows: `logits` (n, k) and `hints` (n, h) against their targets."""
    moods = cross_entropy(
        logits[:, :MOODS], targets.moods, reduction="none", label_smoothing=weights.smoothing
    )
    signs = binary_cross_entropy_with_logits(logits[:, MOODS:], targets.signs, reduction="none")
    factors = torch.ones(signs.shape[1])
    factors[_THREAT] = weights.threat
    total = moods * targets.weights + weights.signs * (signs * factors).mean(dim=1) * targets.labelled
    return (total + weights.hints * _hints(hints, targets)).mean()


def _hints(hints: torch.Tensor, targets: RowTargets) -> torch.Tensor:
    """Return the cost of the hints of each row: of its kind if it has one, otherwise of its emotions."""
    kinds = cross_entropy(hints[:, : len(KINDS)], targets.kinds, reduction="none", ignore_index=NO_KIND)
    emotions = binary_cross_entropy_with_logits(
        hints[:, len(KINDS) :], targets.emotions, reduction="none"
    ).sum(dim=1)
    has_emotions = targets.emotions.sum(dim=1) > 0
    return kinds + emotions * has_emotions


def unsteadiness(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return the mean squared distance of the moods and signs in two (n, k) logits of the same messages."""
    moods = torch.softmax(first[:, :MOODS], dim=1) - torch.softmax(second[:, :MOODS], dim=1)
    signs = torch.sigmoid(first[:, MOODS:]) - torch.sigmoid(second[:, MOODS:])
    return moods.square().sum(dim=1).mean() + signs.square().mean()
