"""The mood network while it is trained: the adapted encoder, the heads and the rule, with gradients."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

import numpy as np
import torch
from torch import nn

from detectors.sentiment.adapter import Adapter
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.batching import padded_batches
from detectors.sentiment.corpus.messages import Category
from detectors.sentiment.heads import OUTPUTS, Heads
from detectors.sentiment.training.adapters import FIRST_LAYER, adapt, start_adapters, trained_adapters
from detectors.sentiment.training.goemotions import EMOTIONS
from detectors.sentiment.training.lessons import Batch, Lesson, batch_of
from detectors.sentiment.training.precision import products, weight_type

_DROPOUT = 0.1
"""Share of the pooled states that is dropped while training. Common choice."""

_PREDICTED_TOKENS = 4_096
"""Padded tokens of a batch without gradients. Chosen by hand."""

HINTS: Final = (*get_args(Category), *EMOTIONS)
"""Kinds of messages, of which the corpus names one, then emotions, of which comments have some."""

_WHOLE, _HIGHEST = 0.6, 0.4
"""The rule before training: the weights of the whole text and of its highest sentence. Chosen by hand."""


class TrainedNetwork(nn.Module):
    """The upper layers of `encoder`, a transformers BertModel that is changed in place, and the `Heads`."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.adapted = adapt(encoder)
        self.upper = encoder.encoder.layer[
            FIRST_LAYER:
        ].eval()  # without dropout: it costs a third of the time
        width, outputs = encoder.config.hidden_size, len(OUTPUTS)
        self.whole, self.sentence = nn.Linear(width, outputs), nn.Linear(width, outputs)
        self.rule = nn.Linear(3 * outputs, outputs)
        self.hints = nn.Linear(width, len(HINTS))
        with torch.no_grad():
            start = torch.eye(outputs)
            self.rule.weight.copy_(torch.cat([_WHOLE * start, _HIGHEST * start, 0.0 * start], dim=1))
            self.rule.bias.zero_()

    def adapter_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the adapters."""
        return [parameter for layer in self.adapted.values() for parameter in (layer.down, layer.up)]

    def head_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the heads, the rule and the hints."""
        parts = (self.whole, self.sentence, self.rule, self.hints)
        return [parameter for part in parts for parameter in part.parameters()]

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return the logits of the texts, (b, len(OUTPUTS))."""
        return self.with_hints(batch)[0]

    def with_hints(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the texts, (b, len(OUTPUTS)), and of their hints, (b, len(HINTS)).

        The hints are learned beside the outputs, because they tell apart messages that the moods leave
        together; nothing reads them after the training.
        """
        states, visible = batch.states.to(weight_type()), batch.mask[:, None, None, :]
        with products():
            for layer in self.upper:
                states = layer(states, visible)
        states = states.float()
        weights = batch.mask.unsqueeze(-1).float()
        whole = (states * weights).sum(dim=1) / weights.sum(dim=1)
        sentence = _means(states.flatten(0, 1), batch.sentences.flatten(), len(batch.owners))
        return self._joined(whole, sentence, batch.owners), self.hints(whole)

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

    def start_from(self, adapters: Mapping[str, Adapter], heads: Heads) -> None:
        """Take over trained adapters and heads; raises DamagedWeightsError if an adapter does not fit."""
        start_adapters(self.adapted, adapters)
        arrays = (heads.whole_weight, heads.whole_bias, heads.sentence_weight, heads.sentence_bias)
        parts = (self.whole.weight, self.whole.bias, self.sentence.weight, self.sentence.bias)
        with torch.no_grad():
            for part, array in zip(
                (*parts, self.rule.weight, self.rule.bias),
                (*arrays, heads.rule_weight, heads.rule_bias),
                strict=True,
            ):
                part.copy_(torch.from_numpy(array))

    def heads(self) -> Heads:
        """Return the heads and the rule as arrays."""
        parts = (self.whole, self.sentence, self.rule)
        return Heads(*(_array(t) for part in parts for t in (part.weight, part.bias)))

    def adapters(self) -> dict[str, Adapter]:
        """Return the adapters as arrays."""
        return trained_adapters(self.adapted)


def _means(states: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    sums = torch.zeros(count + 1, states.shape[1]).index_add_(0, rows, states)[:count]
    counts = torch.zeros(count + 1).index_add_(0, rows, torch.ones(len(rows)))[:count]
    return sums / counts.unsqueeze(1)


def _array(parameter: torch.Tensor) -> Float32:
    return np.array(parameter.detach().numpy(), dtype=np.float32)


def predict(network: TrainedNetwork, lessons: Sequence[Lesson]) -> Float64:
    """Return the (n, k) logits of lessons, in order."""
    result = np.zeros((len(lessons), len(OUTPUTS)))
    network.eval()
    with torch.inference_mode():
        for rows in padded_batches([lesson.tokens for lesson in lessons], _PREDICTED_TOKENS):
            result[rows] = network(batch_of([lessons[row] for row in rows])).numpy()
    network.train()
    network.upper.eval()
    return result
