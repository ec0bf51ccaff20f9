"""The trained numbers of the route head on disk: weights as safetensors, and a checked description."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from detectors.routes.head import OUTPUTS, RouteHead
from detectors.routes.layered import LAYERS
from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.file_pair import FilePair

FILES: Final = FilePair("routes.safetensors", "routes.json")
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RouteDescription:
    """The content of `routes.json`: origin, least probabilities and the SHA-256 of the weights' file.

    `likely` has, for each reason, the probability of any reason from which a message is routed, `possible`
    the lower one from which a message without an answer is. `data` has the SHA-256 of each file that the
    weights were trained on, `versions` the libraries' versions.
    """

    encoder: str
    command: str
    likely: Mapping[str, float]
    possible: Mapping[str, float]
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = OUTPUTS
    layers: tuple[int, ...] = LAYERS
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class RouteWeights:
    """What training learned."""

    head: RouteHead
    description: RouteDescription

    @property
    def version(self) -> str:
        """The id of the weights."""
        return f"routes-{self.description.sha256[:8]}"

    def save(self, folder: Path) -> Self:
        """Write both files into `folder`, created if missing, and return the weights with their SHA-256.

        Numbers are stored as float16.
        """
        arrays = {part.name: getattr(self.head, part.name) for part in fields(RouteHead)}
        FILES.write(folder, arrays, asdict(self.description))
        return self.load(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check both files.

        Raises FileNotFoundError if a file is missing, and DamagedWeightsError if the files do not belong
        together, outputs or layers differ, or a number is not finite or out of range.
        """
        description = _described(folder / FILES.description)
        try:
            head = RouteHead(**FILES.tensors(folder, description.sha256))
        except TypeError as error:
            raise DamagedWeightsError(f"{FILES.weights} cannot be read: {error}") from error
        _check(head)
        return cls(head, description)


def _check(head: RouteHead) -> None:
    outputs, width = len(OUTPUTS), head.whole_weight.shape[-1]
    shapes = [getattr(head, part.name).shape for part in fields(RouteHead)]
    if shapes != [(outputs, width), (outputs,)] * 2 or width % len(LAYERS):
        raise DamagedWeightsError(f"unexpected shapes {shapes}")
    if not all(np.isfinite(getattr(head, part.name)).all() for part in fields(RouteHead)):
        raise DamagedWeightsError("a weight is not finite")


def _described(path: Path) -> RouteDescription:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        told |= {"outputs": tuple(told["outputs"]), "layers": tuple(told["layers"])}
        described = RouteDescription(**told)
        least = [
            float(limit[reason]) for limit in (described.likely, described.possible) for reason in OUTPUTS[1:]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if (described.outputs, described.layers, described.format) != (OUTPUTS, LAYERS, FORMAT):
        raise DamagedWeightsError(f"{path.name} has unknown outputs, layers or an unknown format")
    if not all(0.0 <= value <= 1.0 for value in least):
        raise DamagedWeightsError(f"{path.name} has a least chance that is no probability")
    return described
