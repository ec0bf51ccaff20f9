"""The fit of the route head: two multinomial regressions, on whole texts and on sentences."""

from typing import Final

import numpy as np
import torch

from detectors.routes.head import OUTPUTS, RouteHead, highest, softmax
from detectors.routes.training.pooling import PooledRows
from detectors.routes.training.rows import RouteRow
from detectors.sentiment.arrays import Float32, Float64, Int64

DECAY: Final = 1e-4
"""Penalty on squared weights of sentences. Chosen by left-out writer among five from 1e-5 to 1e-3."""

WHOLE_DECAY: Final = 5e-5
"""The same for whole texts."""

_MARKED: Final = 3.0
"""What a sentence that shows a reason weighs; there are many others. Chosen by hand."""

_STEPS: Final = 120

RowMask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def fit(rows: list[RouteRow], pooled: PooledRows, kept: RowMask) -> RouteHead:
    """Return the head fitted on the rows of `kept` (n,).

    Sentences of a route that do not show its reason teach nothing, because some of them belong to it.
    """
    outputs = np.array([row.output for row in rows], dtype=np.int64)
    weights = np.array([row.weight for row in rows])
    whole = _regression(pooled.whole[kept], outputs[kept], weights[kept], WHOLE_DECAY)
    owned = outputs[pooled.owners]
    told = kept[pooled.owners] & (pooled.marked | (owned == 0))
    targets = np.where(pooled.marked, owned, 0)
    heavy = weights[pooled.owners] * np.where(targets > 0, _MARKED, 1.0)
    sentence = _regression(pooled.sentences[told], targets[told], heavy[told], DECAY)
    return RouteHead(*whole, *sentence)


def predict(head: RouteHead, pooled: PooledRows) -> Float64:
    """Return the (n, k) probabilities of all rows."""
    whole = _against_none(pooled.whole @ head.whole_weight.T + head.whole_bias)
    sentences = _against_none(pooled.sentences @ head.sentence_weight.T + head.sentence_bias)
    return softmax(whole + highest(sentences, pooled.owners, len(whole)))


def _against_none(logits: Float32) -> Float64:
    return np.asarray(logits - logits[:, :1], dtype=np.float64)


def _regression(states: Float32, outputs: Int64, weights: Float64, decay: float) -> tuple[Float32, Float32]:
    """Return the weight (k, d) and the bias (k,) of the least cross-entropy with a penalty."""
    read, wanted = torch.from_numpy(states), torch.from_numpy(outputs)
    shares = torch.from_numpy((weights / weights.sum()).astype(np.float32))
    weight = torch.zeros((len(OUTPUTS), states.shape[1]), requires_grad=True)
    bias = torch.zeros(len(OUTPUTS), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        logits = torch.nn.functional.linear(read, weight, bias)
        costs = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
        total = (costs * shares).sum() + decay * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach().numpy().copy(), bias.detach().numpy().copy()
