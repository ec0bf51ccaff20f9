"""The trained numbers of the order head on disk: weights as safetensors, and a checked description."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from detectors.injections.grams import BUCKETS
from detectors.injections.head import OrderHead
from detectors.routes.layered import LAYERS
from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.file_pair import FilePair

FILES: Final = FilePair("orders.safetensors", "orders.json")
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """Scores from which something follows.

    A message is marked from `marked` on; then all its sentences from `dropped` on belong to the order. Below
    `doubted` nothing in a message sounds like an order, and a phrase of an order alone does not count.
    """

    marked: float
    dropped: float
    doubted: float


@dataclass(frozen=True, slots=True)
class OrderDescription:
    """The content of `orders.json`: origin, limits and the SHA-256 of the weights' file.

    `data` has the SHA-256 of each file that the weights were trained on, `versions` the libraries' versions.
    """

    encoder: str
    command: str
    limits: OrderLimits
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[int, ...] = LAYERS
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class OrderWeights:
    """What training learned."""

    head: OrderHead
    description: OrderDescription

    @property
    def version(self) -> str:
        """The id of the weights."""
        return f"orders-{self.description.sha256[:8]}"

    def save(self, folder: Path) -> Self:
        """Write both files into `folder`, created if missing, and return the weights with their SHA-256.

        Numbers are stored as float16.
        """
        arrays = {part.name: getattr(self.head, part.name) for part in fields(OrderHead)}
        FILES.write(folder, arrays, asdict(self.description))
        return self.load(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check both files.

        Raises FileNotFoundError if a file is missing, and DamagedWeightsError if the files do not belong
        together, the layers differ, or a number is not finite or out of range.
        """
        description = _described(folder / FILES.description)
        try:
            head = OrderHead(**FILES.tensors(folder, description.sha256))
        except TypeError as error:
            raise DamagedWeightsError(f"{FILES.weights} cannot be read: {error}") from error
        _check(head)
        return cls(head, description)


def _check(head: OrderHead) -> None:
    parts = [head.state_weight, head.state_bias, head.gram_weight, head.gram_bias]
    shapes = [part.shape for part in parts]
    width = head.state_weight.shape[-1]
    if shapes != [(width,), (1,), (BUCKETS,), (1,)] or width % len(LAYERS):
        raise DamagedWeightsError(f"unexpected shapes {shapes}")
    if not all(np.isfinite(part).all() for part in parts):
        raise DamagedWeightsError("a weight is not finite")


def _described(path: Path) -> OrderDescription:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        limits = OrderLimits(**{name: float(limit) for name, limit in told["limits"].items()})
        described = OrderDescription(**told | {"limits": limits, "layers": tuple(told["layers"])})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if (described.layers, described.format) != (LAYERS, FORMAT):
        raise DamagedWeightsError(f"{path.name} has unknown layers or an unknown format")
    if not limits.doubted <= limits.dropped <= limits.marked < float("inf"):
        raise DamagedWeightsError(f"{path.name} has limits that are not in order")
    return described
