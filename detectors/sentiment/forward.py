"""The forward pass of a BERT encoder without padding: the fastest exact one on a CPU.

The tokens of all windows stand one after another, so the linear layers read no padding, and query, key and
value come from one product. Attention runs over windows of the same length at once. On a CPU the weights are
laid out for oneDNN once, and GELU is part of the product before it. The result agrees with transformers'
BertModel in float32 within 1e-4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F

from detectors.sentiment.adapter import Adapter, merged
from detectors.sentiment.attention import (
    Attention,
    Layout,
    Run,
    attention_for,
    equal_runs,
    layout_of,
)
from detectors.sentiment.pretrained import BertWeights
from detectors.sentiment.windows import RunReading

CHUNK_TOKENS = {"cpu": 1024, "cuda": 65536}
"""Tokens of one pass. On a CPU the states of 1,024 tokens stay in the cache: 512 and 4,096 are 5 % slower
(measured). On a GPU the number is chosen by hand and only bounds the memory, to about 2 GB in bfloat16."""

Linear = Callable[[torch.Tensor], torch.Tensor]
"""A linear layer of packed tokens: (tokens, in) -> (tokens, out)."""


@dataclass(frozen=True, slots=True)
class Norm:
    """The weights of a layer normalisation, both (width,), and its epsilon."""

    weight: torch.Tensor
    bias: torch.Tensor
    eps: float

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Return normalised states, (tokens, width)."""
        return F.layer_norm(states, self.weight.shape, self.weight, self.bias, self.eps)


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """One layer of the encoder; the states are (tokens, width)."""

    qkv: Linear
    attended: Linear
    attended_norm: Norm
    up: Linear
    down: Linear
    down_norm: Norm
    attention: Attention
    heads: int

    def __call__(self, states: torch.Tensor, layout: Layout) -> torch.Tensor:
        """Return the states after this layer, (tokens, width)."""
        mixed = self.attention(self.qkv(states), layout, self.heads)
        states = self.attended_norm(self.attended(mixed).add_(states))
        return self.down_norm(self.down(self.up(states)).add_(states))


class _WantedMeans:
    """The result of a reading, (total runs, len(layers) * width), which is filled by runs of windows."""

    def __init__(self, reading: RunReading, width: int, device: torch.device) -> None:
        self.layers = reading.layers
        self._runs = reading.runs
        self._places = {window: place for place, window in enumerate(reading.windows)}
        self._starts = np.cumsum([0, *map(len, reading.runs)])
        self._device = device
        shape = int(self._starts[-1]), len(reading.layers) * width
        self.result = torch.empty(shape, dtype=torch.float32, device=device)

    def reads_any(self, rows: Sequence[int]) -> bool:
        return any(row in self._places for row in rows)

    def runs_in(self, rows: Sequence[int], lengths: Sequence[int]) -> torch.Tensor:
        """Return the lengths of the runs of windows; a window that is not read is one run."""
        found = zip(rows, lengths, strict=True)
        return torch.tensor(
            [run for row, length in found for run in self._of(row, length)], device=self._device
        )

    def keep(self, rows: Sequence[int], means: torch.Tensor) -> None:
        """Keep the means of the windows that are read; `means` are in the order of `runs_in`."""
        parts = torch.split(means, [len(self._of(row, 0)) for row in rows])
        for row, part in zip(rows, parts, strict=True):
            if row in self._places:
                place = self._places[row]
                self.result[self._starts[place] : self._starts[place + 1]] = part

    def _of(self, row: int, length: int) -> Sequence[int]:
        return self._runs[self._places[row]] if row in self._places else (length,)


class PackedBert:
    """BERT's encoder over packed tokens. Only one thread at a time may call it.

    `state` holds the weights under the names of transformers' BertModel, with or without the prefix `bert.`;
    they are copied, so that a later change of the model changes nothing here. `heads` and `eps` come from the
    model's config. The activation is the exact GELU. `dtype` is float32, or bfloat16 on a GPU.

    Raises KeyError if a weight is missing.
    """

    def __init__(
        self,
        state: Mapping[str, torch.Tensor],
        *,
        heads: int,
        eps: float = 1e-12,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        weights = _Weights(state, eps, device, dtype)
        self._word = weights("embeddings.word_embeddings.weight")
        positions = weights("embeddings.position_embeddings.weight")
        self._position = positions + weights("embeddings.token_type_embeddings.weight")[0]
        self._norm = weights.norm("embeddings.LayerNorm")
        self._device = torch.device(device)
        self.width = int(self._word.shape[1])
        attention = attention_for(self._device, dtype, width=self.width, heads=heads)
        self._layers = [weights.layer(index, heads, attention) for index in range(weights.layers)]
        self._chunk_tokens = CHUNK_TOKENS.get(self._device.type, CHUNK_TOKENS["cuda"])
        self.state_width = (1 + len(self._layers)) * self.width

    @classmethod
    def of(
        cls,
        model: BertWeights,
        *,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
        adapters: Mapping[str, Adapter] = MappingProxyType({}),
    ) -> Self:
        """Copy a BERT encoder with `adapters` merged.

        Raises ValueError for another kind of model or activation, DamagedWeightsError for an adapter that
        does not fit.
        """
        config = model.config
        if config.model_type != "bert" or config.hidden_act != "gelu":
            raise ValueError(f"not a BERT encoder with the exact GELU: {type(model).__name__}")
        heads, eps = config.num_attention_heads, config.layer_norm_eps
        return cls(merged(model.state_dict(), adapters), heads=heads, eps=eps, device=device, dtype=dtype)

    @torch.inference_mode()
    def hidden(self, windows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the last hidden states of all tokens, (total tokens, width), window after window in order.

        A window is 1 to 512 token ids with its special ids. The states of a window do not depend on the
        windows beside it by more than 1e-5 in float32.
        """
        result = torch.empty(
            (sum(map(len, windows)), self.width), dtype=self._word.dtype, device=self._device
        )
        starts = np.cumsum([0, *map(len, windows)])
        for rows, lengths, layers in self._chunks(windows):
            *_, last = layers
            for row, part in zip(rows, torch.split(last, lengths), strict=True):
                result[starts[row] : starts[row + 1]] = part
        return result

    @torch.inference_mode()
    def pooled(
        self, windows: Sequence[Sequence[int]], *, last_only: bool = True, max_tokens: int | None = None
    ) -> torch.Tensor:
        """Return the mean state of each window in float32, in order.

        The width is that of the last layer, or with `last_only` false `state_width`: the embeddings and all
        layers beside one another. One pass reads at most `max_tokens` tokens, if that is below CHUNK_TOKENS.
        """
        width = self.width if last_only else self.state_width
        result = torch.empty((len(windows), width), dtype=torch.float32, device=self._device)
        for rows, lengths, layers in self._chunks(windows, max_tokens):
            wanted = islice(layers, len(self._layers), None) if last_only else layers
            runs = tuple(equal_runs(lengths))
            result[list(rows)] = torch.cat([_means(layer, runs) for layer in wanted], dim=1)
        return result

    def run_means(
        self, windows: Sequence[Sequence[int]], runs: Sequence[Sequence[int]], layers: Sequence[int]
    ) -> torch.Tensor:
        """Return the mean states of runs of tokens in float32, (total runs, len(layers) * width), in order.

        `runs` are the lengths of the runs of each window; together they cover it. `layers` ascend from 1; the
        layers above the last of them are not computed.
        """
        return self.read(windows, [RunReading(range(len(windows)), runs, layers)])[0]

    @torch.inference_mode()
    def read(self, windows: Sequence[Sequence[int]], readings: Sequence[RunReading]) -> list[torch.Tensor]:
        """Return the mean states that each reading wants as `run_means` does, from one pass over the windows.

        Layers above the last one that a reading wants are not computed.
        """
        wanted = [_WantedMeans(reading, self.width, self._device) for reading in readings]
        for rows, lengths, states in self._chunks(windows):
            read = [one for one in wanted if one.reads_any(rows)]
            highest = max((one.layers[-1] for one in read), default=-1)
            found: list[list[torch.Tensor]] = [[] for _ in read]
            runs = [one.runs_in(rows, lengths) for one in read]
            for number, layer in enumerate(islice(states, highest + 1)):
                for own, lengths_of_runs, one in zip(found, runs, read, strict=True):
                    if number in one.layers:
                        own.append(
                            torch.segment_reduce(layer.float(), "mean", lengths=lengths_of_runs, axis=0)
                        )
            for own, one in zip(found, read, strict=True):
                one.keep(rows, torch.cat(own, dim=1))
        return [one.result for one in wanted]

    def _chunks(
        self, windows: Sequence[Sequence[int]], max_tokens: int | None = None
    ) -> Iterator[tuple[list[int], list[int], Iterator[torch.Tensor]]]:
        most = min(self._chunk_tokens, max_tokens or self._chunk_tokens)
        for rows in packed_chunks([len(window) for window in windows], most):
            chosen = [windows[row] for row in rows]
            yield rows, [len(window) for window in chosen], self._states(chosen)

    def _states(self, windows: Sequence[Sequence[int]]) -> Iterator[torch.Tensor]:
        lengths = [len(window) for window in windows]
        layout = layout_of(lengths, self._device)
        ids = self._to_device(np.concatenate([np.asarray(window, dtype=np.int64) for window in windows]))
        places = self._to_device(np.concatenate([np.arange(length) for length in lengths]))
        states = self._norm(F.embedding(ids, self._word).add_(F.embedding(places, self._position)))
        yield states
        for layer in self._layers:
            states = layer(states, layout)
            yield states

    def _to_device(self, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> torch.Tensor:
        tensor = torch.from_numpy(numbers)
        if self._device.type != "cuda":
            return tensor
        return tensor.pin_memory().to(self._device, non_blocking=True)


@dataclass(frozen=True, slots=True)
class _Weights:
    state: Mapping[str, torch.Tensor]
    eps: float
    device: str
    dtype: torch.dtype

    @property
    def layers(self) -> int:
        return sum(name.endswith("attention.self.query.weight") for name in self.state)

    def __call__(self, name: str) -> torch.Tensor:
        prefix = "" if name in self.state else "bert."
        return self.state[prefix + name].detach().to(self.device, self.dtype, copy=True).contiguous()

    def norm(self, name: str) -> Norm:
        return Norm(self(f"{name}.weight"), self(f"{name}.bias"), self.eps)

    def linear(self, *names: str, gelu: bool = False) -> Linear:
        weight = torch.cat([self(f"{name}.weight") for name in names])
        bias = torch.cat([self(f"{name}.bias") for name in names])
        return linear_layer(weight, bias, gelu=gelu)

    def layer(self, index: int, heads: int, attention: Attention) -> PackedLayer:
        at = f"encoder.layer.{index}"
        return PackedLayer(
            qkv=self.linear(*(f"{at}.attention.self.{part}" for part in ("query", "key", "value"))),
            attended=self.linear(f"{at}.attention.output.dense"),
            attended_norm=self.norm(f"{at}.attention.output.LayerNorm"),
            up=self.linear(f"{at}.intermediate.dense", gelu=True),
            down=self.linear(f"{at}.output.dense"),
            down_norm=self.norm(f"{at}.output.LayerNorm"),
            attention=attention,
            heads=heads,
        )


def linear_layer(weight: torch.Tensor, bias: torch.Tensor, *, gelu: bool) -> Linear:
    """Return a linear layer with GELU after it if wanted; weight (out, in), bias (out,).

    On a CPU with oneDNN the weight is laid out for it once and GELU runs inside the product: 10 % faster than
    F.linear and F.gelu (measured).
    """
    one_dnn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if weight.device.type == "cpu" and weight.dtype == torch.float32 and one_dnn:
        laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, CHUNK_TOKENS["cpu"])
        after, algorithm = ("gelu", "none") if gelu else ("none", "")
        return lambda states: torch.ops.mkldnn._linear_pointwise(states, laid_out, bias, after, [], algorithm)
    if gelu:
        return lambda states: F.gelu(F.linear(states, weight, bias))
    return lambda states: F.linear(states, weight, bias)


def packed_chunks(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Return index groups, shortest first, whose total length is at most `max_tokens`; every index once.

    `lengths` are token counts (>= 1). An item longer than `max_tokens` is alone in its group. The result
    depends only on the arguments.

    >>> packed_chunks([5, 1, 4, 1], max_tokens=6)
    [[1, 3, 2], [0]]
    """
    groups: list[list[int]] = []
    total = 0
    for index in sorted(range(len(lengths)), key=lambda position: lengths[position]):
        if groups and total + lengths[index] <= max_tokens:
            groups[-1].append(index)
            total += lengths[index]
        else:
            groups.append([index])
            total = lengths[index]
    return groups


def _means(states: torch.Tensor, runs: Sequence[Run]) -> torch.Tensor:
    parts = [
        states[start : start + count * length].view(count, length, -1).float().mean(dim=1)
        for start, count, length in runs
    ]
    return torch.cat(parts)
