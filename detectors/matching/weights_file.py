"""The trained numbers of the matching encoder on disk: adapters, the projection of words, a description."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from detectors.sentiment.adapter import Adapter, DamagedWeightsError, adapter_tensors, adapters_in
from detectors.sentiment.arrays import Float32
from detectors.sentiment.file_pair import FilePair

FILES: Final = FilePair("matching.safetensors", "matching.json")
FORMAT: Final = 1
SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights"

_PROJECTION: Final = "projection"


@dataclass(frozen=True, slots=True)
class MatchingDescription:
    """The content of `matching.json`: origin and the SHA-256 of the weights' file.

    `data` has the SHA-256 of each file that the weights were trained on, `versions` the libraries' versions.
    """

    encoder: str
    command: str
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class MatchingWeights:
    """What training learned: `adapters` by layer, and the `projection` of the states of words, (384, w)."""

    adapters: Mapping[str, Adapter]
    projection: Float32
    description: MatchingDescription

    @property
    def version(self) -> str:
        """The id of the weights."""
        return f"matching-{self.description.sha256[:8]}"

    def save(self, folder: Path) -> Self:
        """Write both files into `folder`, created if missing, and return the weights with their SHA-256.

        Numbers are stored as float16.
        """
        tensors = adapter_tensors(self.adapters) | {_PROJECTION: self.projection}
        FILES.write(folder, tensors, asdict(self.description))
        return self.load(folder)

    @classmethod
    def load(cls, folder: Path = SHIPPED_WEIGHTS) -> Self:
        """Read and check both files.

        Raises FileNotFoundError if a file is missing, and DamagedWeightsError if the files do not belong
        together, a part is missing or a number is not finite.
        """
        description = _described(folder / FILES.description)
        tensors = FILES.tensors(folder, description.sha256)
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise DamagedWeightsError("a weight is not finite")
        try:
            projection = tensors.pop(_PROJECTION)
            return cls(adapters_in(tensors), projection, description)
        except KeyError as error:
            raise DamagedWeightsError(f"{FILES.weights} has no {error.args[0]}") from error


def _described(path: Path) -> MatchingDescription:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        described = MatchingDescription(**told)
    except (TypeError, ValueError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if described.format != FORMAT:
        raise DamagedWeightsError(f"{path.name} has an unknown format")
    return described
