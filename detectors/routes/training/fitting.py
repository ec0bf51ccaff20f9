"""The fit of the route head: its layers for whole texts and for sentences, learned together."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch

from detectors.routes.head import OUTPUTS, RouteHead, highest, softmax
from detectors.routes.training.pooling import PooledRows
from detectors.routes.training.rows import RouteRow
from detectors.sentiment.arrays import Float32, Float64

DECAY: Final = 1e-4
"""Penalty on squared weights of sentences. Chosen by left-out writer between two."""

WHOLE_DECAY: Final = 5e-5
"""The same for whole texts."""

SENTENCE_SHARE: Final = 0.5
"""Weight of the cost of sentences whose reason is known, beside the cost of texts. Chosen by hand."""

_MARKED: Final = 3.0
"""What a sentence that shows a reason weighs; there are many others. Chosen by hand."""

_STEPS: Final = 100

RowMask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def fit(rows: list[RouteRow], pooled: PooledRows, kept: RowMask) -> RouteHead:
    """Return the head fitted on the rows of `kept` (n,).

    Both layers learn from one cost of texts, whose logits are those that `RouteHead` returns, so that a text
    of one sentence is not counted twice. Sentences teach the second layer beside that, but for those of a
    route that do not show its reason, because some of them belong to it.
    """
    task = _Task.of(rows, pooled, kept)
    weights = [torch.zeros(shape, requires_grad=True) for shape in task.shapes]
    optimiser = torch.optim.LBFGS(weights, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        total = task.cost(*weights)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(cost)  # type: ignore[no-untyped-call]
    return RouteHead(*(weight.detach().numpy().copy() for weight in weights))


def predict(head: RouteHead, pooled: PooledRows) -> Float64:
    """Return the (n, k) probabilities of all rows."""
    whole = _against_none(pooled.whole @ head.whole_weight.T + head.whole_bias)
    sentences = _against_none(pooled.sentences @ head.sentence_weight.T + head.sentence_bias)
    return softmax(whole + highest(sentences, pooled.owners, len(whole)))


@dataclass(frozen=True, slots=True)
class _Task:
    """What a fit learns: states, outputs and shares of n texts, and the same of their s sentences.

    The shares of each sum to 1; a sentence that teaches nothing has the share 0.
    """

    whole: torch.Tensor
    outputs: torch.Tensor
    shares: torch.Tensor
    sentences: torch.Tensor
    owners: torch.Tensor
    told: torch.Tensor
    told_shares: torch.Tensor

    @classmethod
    def of(cls, rows: list[RouteRow], pooled: PooledRows, kept: RowMask) -> Self:
        outputs = np.array([row.output for row in rows], dtype=np.int64)
        weights = np.array([row.weight for row in rows])
        inside = kept[pooled.owners]
        owners, marked = pooled.owners[inside], pooled.marked[inside]
        told = np.where(marked, outputs[owners], 0)
        heavy = weights[owners] * np.where(told > 0, _MARKED, 1.0) * (marked | (outputs[owners] == 0))
        return cls(
            torch.from_numpy(pooled.whole[kept]),
            torch.from_numpy(outputs[kept]),
            _shares(weights[kept]),
            torch.from_numpy(pooled.sentences[inside]),
            torch.from_numpy((np.cumsum(kept) - 1)[owners]),
            torch.from_numpy(told),
            _shares(heavy),
        )

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of a head's parts, in their order."""
        layer = ((len(OUTPUTS), self.whole.shape[1]), (len(OUTPUTS),))
        return (*layer, *layer)

    def cost(
        self, weight: torch.Tensor, bias: torch.Tensor, own_weight: torch.Tensor, own_bias: torch.Tensor
    ) -> torch.Tensor:
        """Return the cost of both layers: cross-entropies and penalties."""
        whole = _linear(self.whole, weight, bias)
        sentences = _linear(self.sentences, own_weight, own_bias)
        places = self.owners[:, None].expand(-1, len(OUTPUTS))
        best = torch.full_like(whole, -torch.inf).scatter_reduce(0, places, sentences, "amax")
        texts = _cross_entropy(whole + best, self.outputs, self.shares)
        told = _cross_entropy(sentences, self.told, self.told_shares)
        penalty = WHOLE_DECAY * weight.square().sum() + DECAY * own_weight.square().sum()
        return texts + SENTENCE_SHARE * told + penalty


def _linear(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return logits against NO_ROUTE, (n, k)."""
    logits = torch.nn.functional.linear(states, weight, bias)
    return logits - logits[:, :1]


def _cross_entropy(logits: torch.Tensor, outputs: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    costs = torch.nn.functional.cross_entropy(logits, outputs, reduction="none")
    return (costs * shares).sum()


def _shares(weights: Float64) -> torch.Tensor:
    return torch.from_numpy((weights / weights.sum()).astype(np.float32))


def _against_none(logits: Float32) -> Float64:
    return np.asarray(logits - logits[:, :1], dtype=np.float64)
