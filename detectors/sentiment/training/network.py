"""The mood network while it is trained: the adapted encoder, the heads and the rule, with gradients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.heads import OUTPUTS, Heads
from detectors.sentiment.pieces import Piece
from detectors.sentiment.training.adapters import adapt, trained_adapters
from detectors.sentiment.weights_file import Adapter

_DROPOUT = 0.1
"""Share of the pooled states that is dropped while training. Common choice."""

_WHOLE, _HIGHEST = 0.6, 0.4
"""The rule before training: the weights of the whole text and of its highest sentence. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One piece per text, padded.

    `ids` and `mask` are (b, t); `sentences` (b, t) is the row of each token's sentence, or the number of all
    sentences for a token of none; `owners` (s,) is the text of each sentence.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    sentences: torch.Tensor
    owners: torch.Tensor


def batch_of(pieces: Sequence[Piece]) -> Batch:
    """Return the pieces, padded to the longest."""
    total = sum(len(piece.sentences) for piece in pieces)
    shape = (len(pieces), max(len(piece.window) for piece in pieces))
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    sentences = torch.full(shape, total, dtype=torch.long)
    owners: list[int] = []
    for row, piece in enumerate(pieces):
        length = len(piece.window)
        ids[row, :length], mask[row, :length] = torch.tensor(piece.window), 1
        numbers = torch.arange(len(piece.sentences)) + len(owners)
        sentences[row, 1 : length - 1] = numbers.repeat_interleave(torch.tensor(piece.sentences))
        owners += [row] * len(piece.sentences)
    return Batch(ids, mask, sentences, torch.tensor(owners))


class TrainedNetwork(nn.Module):
    """The network of `Heads` with its encoder, a transformers BertModel that is changed in place."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.layers = adapt(encoder)
        self.encoder = encoder.eval()  # no dropout inside: it costs a third of the time
        width, outputs = encoder.config.hidden_size, len(OUTPUTS)
        self.whole, self.sentence = nn.Linear(width, outputs), nn.Linear(width, outputs)
        self.rule = nn.Linear(3 * outputs, outputs)
        with torch.no_grad():
            start = torch.eye(outputs)
            self.rule.weight.copy_(torch.cat([_WHOLE * start, _HIGHEST * start, 0.0 * start], dim=1))
            self.rule.bias.zero_()

    def adapter_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the adapters."""
        return [parameter for layer in self.layers.values() for parameter in (layer.down, layer.up)]

    def head_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the heads and the rule."""
        return [
            parameter for part in (self.whole, self.sentence, self.rule) for parameter in part.parameters()
        ]

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return the logits of the texts, (b, len(OUTPUTS))."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state.float()
        weights = batch.mask.unsqueeze(-1).float()
        whole = (states * weights).sum(dim=1) / weights.sum(dim=1)
        sentence = _means(states.flatten(0, 1), batch.sentences.flatten(), len(batch.owners))
        return self._joined(whole, sentence, batch.owners)

    def _joined(self, whole: torch.Tensor, sentence: torch.Tensor, owners: torch.Tensor) -> torch.Tensor:
        dropped = nn.functional.dropout(sentence, _DROPOUT, self.training)
        parts = self.sentence(dropped)
        texts = self.whole(nn.functional.dropout(whole, _DROPOUT, self.training))
        rows = owners.unsqueeze(1).expand_as(parts)
        lowest = torch.full_like(texts, -1e9)
        highest = lowest.scatter_reduce(0, rows, parts, "amax")
        mean = torch.zeros_like(texts).scatter_reduce(0, rows, parts, "mean", include_self=False)
        joined: torch.Tensor = self.rule(torch.cat([texts, highest, mean], dim=1))
        return joined

    def heads(self) -> Heads:
        """Return the heads and the rule as arrays."""
        parts = (self.whole, self.sentence, self.rule)
        return Heads(*(_array(t) for part in parts for t in (part.weight, part.bias)))

    def adapters(self) -> dict[str, Adapter]:
        """Return the adapters as arrays."""
        return trained_adapters(self.layers)


def _means(states: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    sums = torch.zeros(count + 1, states.shape[1]).index_add_(0, rows, states)[:count]
    counts = torch.zeros(count + 1).index_add_(0, rows, torch.ones(len(rows)))[:count]
    return sums / counts.unsqueeze(1)


def _array(parameter: torch.Tensor) -> Float32:
    return np.array(parameter.detach().numpy(), dtype=np.float32)


def logits_of(network: TrainedNetwork, pieces: Sequence[Piece], batches: Sequence[Sequence[int]]) -> Float64:
    """Return the (n, k) logits of the pieces, computed in `batches` of row numbers, in order of `pieces`."""
    result = np.zeros((len(pieces), len(OUTPUTS)))
    network.eval()
    with torch.inference_mode():
        for rows in batches:
            result[list(rows)] = network(batch_of([pieces[row] for row in rows])).numpy()
    network.train()
    network.encoder.eval()
    return result
