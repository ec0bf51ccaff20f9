"""The fit of the personal head: cross-entropy of units, by AdamW over batches of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from detectors.personal.head import OUTPUTS, WINDOW, PersonalHead, neighbours
from detectors.personal.signs import SIGNS
from detectors.sentiment.arrays import Float32, Int64

HIDDEN: Final = 64
"""Units of the hidden layer. Chosen by hand."""

EPOCHS: Final = 12
_RATE: Final = 2e-3
_DECAY: Final = 1e-3
_DROPPED: Final = 0.3
_SMOOTHED: Final = 0.02
_TEXTS: Final = 32
"""Texts of a step. These constants were chosen by hand; a second choice of epochs changed nothing."""


@dataclass(frozen=True, slots=True)
class LearnedText:
    """One text: scaled states (n, d), signs (n, SIGNS) and right outputs (n,) of its units."""

    states: Float32
    signs: Float32
    outputs: Int64


class _Network(nn.Module):
    """The layers of `PersonalHead`, with parts left out at random while they learn."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.states = nn.Linear(width, HIDDEN)
        self.signs = nn.Linear(SIGNS, HIDDEN, bias=False)
        self.window = nn.Linear(len(WINDOW) * HIDDEN, HIDDEN)
        self.output = nn.Linear(2 * HIDDEN, len(OUTPUTS))
        self.dropped = nn.Dropout(_DROPPED)

    def forward(self, states: torch.Tensor, signs: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.states(self.dropped(states)) + self.signs(signs))
        padded = torch.cat([self.dropped(hidden), hidden.new_zeros(1, HIDDEN)])
        around = torch.relu(self.window(padded[rows].flatten(1)))
        logits: torch.Tensor = self.output(self.dropped(torch.cat([hidden, around], dim=1)))
        return logits

    def head(self) -> PersonalHead:
        """Return the learned numbers."""
        return PersonalHead(
            state_weight=_array(self.states.weight),
            sign_weight=_array(self.signs.weight),
            hidden_bias=_array(self.states.bias),
            window_weight=_array(self.window.weight),
            window_bias=_array(self.window.bias),
            output_weight=_array(self.output.weight),
            output_bias=_array(self.output.bias),
        )


def fit(texts: Sequence[LearnedText], seed: int) -> PersonalHead:
    """Return the head fitted on texts, at least one with a unit; the same seed gives the same head."""
    read = [text for text in texts if len(text.outputs)]
    torch.manual_seed(seed)
    network = _Network(read[0].states.shape[1])
    steps = EPOCHS * -(-len(read) // _TEXTS)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
    chance = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = chance.permutation(len(read))
        for start in range(0, len(read), _TEXTS):
            loss = _loss(network, [read[place] for place in order[start : start + _TEXTS]])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.head()


def _loss(network: _Network, texts: Sequence[LearnedText]) -> torch.Tensor:
    states = torch.from_numpy(np.concatenate([text.states for text in texts]))
    signs = torch.from_numpy(np.concatenate([text.signs for text in texts]))
    right = torch.from_numpy(np.concatenate([text.outputs for text in texts]))
    rows = torch.from_numpy(_rows_of([len(text.outputs) for text in texts]))
    return F.cross_entropy(network(states, signs, rows), right, label_smoothing=_SMOOTHED)


def _rows_of(lengths: Sequence[int]) -> Int64:
    """Return the rows of neighbours in a batch of texts; a missing one has the row after the last."""
    total = sum(lengths)
    starts = np.cumsum([0, *lengths])
    found = [
        np.where(rows == length, total, rows + start)
        for start, length in zip(starts.tolist(), lengths, strict=False)
        for rows in [neighbours(length)]
    ]
    return np.concatenate(found)


def _array(weight: torch.Tensor) -> Float32:
    return weight.detach().numpy().astype(np.float32)
