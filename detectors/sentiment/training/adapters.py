"""Adapters of low rank in the upper layers of the encoder, while they are trained (Hu et al. 2021, LoRA)."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch

from detectors.sentiment.adapter import Adapter, DamagedWeightsError
from detectors.sentiment.arrays import Float32
from detectors.sentiment.training.precision import weight_type

RANK: Final = 16
"""Rank of every adapter. Chosen by hand: 340 k weights in three layers."""

SCALE: Final = 2.0
"""Factor of an adapter's change while it is trained; the stored `up` includes it. Common choice for LoRA."""

FIRST_LAYER: Final = 3
"""The first adapted layer of six: training needs no gradients below it, which halves its time."""

_PARTS: Final = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class AdaptedLinear(torch.nn.Module):
    """A frozen linear layer and its trained change, up @ down; `up` starts at zero, which changes nothing.

    The frozen weights take the precision in which this processor is fast.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer.to(weight_type())
        self.down = torch.nn.Parameter(torch.randn(RANK, layer.in_features) / math.sqrt(layer.in_features))
        self.up = torch.nn.Parameter(torch.zeros(layer.out_features, RANK))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Return the layer's result with the change."""
        change = torch.nn.functional.linear(torch.nn.functional.linear(states, self.down), self.up)
        result: torch.Tensor = self.layer(states) + SCALE * change
        return result


def adapt(model: Any) -> dict[str, AdaptedLinear]:
    """Freeze `model` (a transformers BertModel) and adapt its upper layers in place; return them by name."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    adapted = {}
    for number in range(FIRST_LAYER, len(model.encoder.layer)):
        for part in _PARTS:
            name = f"encoder.layer.{number}.{part}"
            adapted[name] = AdaptedLinear(model.get_submodule(name))
            model.set_submodule(name, adapted[name])
    return adapted


def start_adapters(layers: dict[str, AdaptedLinear], adapters: Mapping[str, Adapter]) -> None:
    """Set the change of each layer to the adapter of its name; the reverse of `trained_adapters`.

    Raises DamagedWeightsError if an adapter is missing or has another shape.
    """
    for name, layer in layers.items():
        adapter = adapters.get(name)
        if adapter is None or (adapter.down.shape, adapter.up.shape) != (layer.down.shape, layer.up.shape):
            raise DamagedWeightsError(f"there is no adapter for {name} of rank {RANK}")
        with torch.no_grad():
            layer.down.copy_(torch.from_numpy(adapter.down))
            layer.up.copy_(torch.from_numpy(adapter.up / SCALE))


def trained_adapters(layers: dict[str, AdaptedLinear]) -> dict[str, Adapter]:
    """Return the adapters by the name of their layer."""
    return {name: Adapter(_array(layer.down), SCALE * _array(layer.up)) for name, layer in layers.items()}


def _array(parameter: torch.Tensor) -> Float32:
    return np.array(parameter.detach().numpy(), dtype=np.float32)
