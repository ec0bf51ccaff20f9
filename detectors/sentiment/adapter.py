"""An adapter of the encoder as arrays, and the error of weights that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.sentiment.arrays import Float32

if TYPE_CHECKING:
    import torch


class DamagedWeightsError(ValueError):
    """The weights on disk do not match their description, or are out of range."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A change of low rank to a linear layer: weight + up @ down; `down` is (r, in) and `up` is (out, r)."""

    down: Float32
    up: Float32


_DOWN, _UP = ".down", ".up"


def adapter_tensors(adapters: Mapping[str, Adapter]) -> dict[str, Float32]:
    """Return the arrays of adapters by name, as `adapters_in` reads them."""
    down = {name + _DOWN: adapter.down for name, adapter in adapters.items()}
    return down | {name + _UP: adapter.up for name, adapter in adapters.items()}


def adapters_in(tensors: Mapping[str, Float32]) -> dict[str, Adapter]:
    """Return the adapters in arrays by name, sorted; raises KeyError if a part of one is missing."""
    names = sorted({name.rpartition(".")[0] for name in tensors})
    return {name: Adapter(tensors[name + _DOWN], tensors[name + _UP]) for name in names}


def merged(state: Mapping[str, torch.Tensor], adapters: Mapping[str, Adapter]) -> dict[str, Any]:
    """Return the weights of the encoder with each adapter added to its layer.

    Raises DamagedWeightsError if an adapter names no linear layer of the encoder or has other shapes.
    """
    import torch  # noqa: PLC0415

    result = dict(state)
    for name, adapter in adapters.items():
        key = f"{name}.weight"
        change = torch.from_numpy(adapter.up @ adapter.down)
        if key not in result or result[key].shape != change.shape:
            raise DamagedWeightsError(f"the encoder has no layer {name} of shape {tuple(change.shape)}")
        result[key] = result[key] + change.to(result[key])
    return result
