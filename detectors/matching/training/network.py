"""The matching encoder while it is trained: adapted upper layers and the projection of words."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import nn

from detectors.matching.training.lessons import ReadPart, hidden_mask
from detectors.sentiment.adapter import Adapter
from detectors.sentiment.arrays import Float32
from detectors.sentiment.training.adapters import FIRST_LAYER, adapt, trained_adapters
from detectors.sentiment.training.precision import products

_TOKENS_AT_ONCE: Final = 4_096
"""Padded tokens of one pass; a whole help centre at once would take several GB. Chosen by hand."""

Words = list[torch.Tensor]
"""The unit vectors of the words of each text, (words, w); one row of zeros for a text without words."""


class MatchingNetwork(nn.Module):
    """The upper layers of `encoder`, a transformers BertModel that is changed in place."""

    def __init__(self, encoder: Any, projection: Float32) -> None:
        super().__init__()
        self.adapted = adapt(encoder)
        self.upper = encoder.encoder.layer[FIRST_LAYER:].eval()
        self.projection = nn.Parameter(torch.from_numpy(projection.copy()))

    def trained(self) -> list[nn.Parameter]:
        """Return the parameters that are trained."""
        parts = [parameter for layer in self.adapted.values() for parameter in (layer.down, layer.up)]
        return [*parts, self.projection]

    def adapters(self) -> dict[str, Adapter]:
        """Return the adapters as arrays."""
        return trained_adapters(self.adapted)

    def vectors(self, parts: Sequence[ReadPart]) -> torch.Tensor:
        """Return the unit vectors of texts, (n, 384), in order."""
        return self._read(parts, with_words=False)[0]

    def vectors_and_words(self, parts: Sequence[ReadPart]) -> tuple[torch.Tensor, Words]:
        """Return the unit vectors of texts, (n, 384), and those of their words, in order."""
        return self._read(parts, with_words=True)

    def _read(self, parts: Sequence[ReadPart], *, with_words: bool) -> tuple[torch.Tensor, Words]:
        order = sorted(range(len(parts)), key=lambda row: len(parts[row].states))
        vectors: dict[int, torch.Tensor] = {}
        words: dict[int, torch.Tensor] = {}
        for rows in _batches(order, parts):
            states = self._states([parts[row].states for row in rows])
            for row, own in zip(rows, states, strict=True):
                kept = own[: len(parts[row].states)]
                vectors[row] = nn.functional.normalize(kept.mean(dim=0), dim=0)
                if with_words:
                    words[row] = self._words(kept, parts[row].words)
        places = range(len(parts))
        return torch.stack([vectors[row] for row in places]), [words[row] for row in places if with_words]

    def _states(self, texts: Sequence[torch.Tensor]) -> torch.Tensor:
        states = nn.utils.rnn.pad_sequence([text.float() for text in texts], batch_first=True)
        lengths = torch.tensor([len(text) for text in texts])
        mask = hidden_mask(torch.arange(states.shape[1]) < lengths[:, None])
        with products():
            for layer in self.upper:
                states = layer(states, mask)
        return states.float()

    def _words(self, states: torch.Tensor, words: Sequence[tuple[int, int]]) -> torch.Tensor:
        if not words:
            return torch.zeros(1, self.projection.shape[1])
        sums = torch.cat([torch.zeros(1, states.shape[1]), states.cumsum(dim=0)])
        first, last = (torch.tensor([word[side] for word in words]) for side in (0, 1))
        means = (sums[last] - sums[first]) / (last - first)[:, None]
        return nn.functional.normalize(means @ self.projection, dim=1)


def _batches(order: Sequence[int], parts: Sequence[ReadPart]) -> list[list[int]]:
    """Return rows, sorted by length, in batches of at most _TOKENS_AT_ONCE padded tokens."""
    found: list[list[int]] = [[]]
    for row in order:
        if found[-1] and (len(found[-1]) + 1) * len(parts[row].states) > _TOKENS_AT_ONCE:
            found.append([])
        found[-1].append(row)
    return found
