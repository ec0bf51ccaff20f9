"""The trained numbers of the personal head on disk: weights as safetensors, and a checked description."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from detectors.personal.decoding import TOLD, PersonalLimits
from detectors.personal.head import LAYERS, OUTPUTS, WINDOW, PersonalHead
from detectors.personal.signs import SIGNS
from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.file_pair import FilePair

FILES: Final = FilePair("personal.safetensors", "personal.json")
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class PersonalDescription:
    """The content of `personal.json`: origin, limits and the SHA-256 of the weights' file.

    `data` has the SHA-256 of each file that the weights were trained on, `versions` the libraries' versions.
    """

    encoder: str
    command: str
    limits: PersonalLimits
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = OUTPUTS
    layers: tuple[int, ...] = LAYERS
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class PersonalWeights:
    """What training learned."""

    head: PersonalHead
    description: PersonalDescription

    @property
    def version(self) -> str:
        """The id of the weights and limits."""
        read = json.dumps([self.description.sha256, asdict(self.description.limits)], sort_keys=True)
        return f"personal-{hashlib.sha256(read.encode()).hexdigest()[:8]}"

    def save(self, folder: Path) -> Self:
        """Write both files into `folder`, created if missing, and return the weights with their SHA-256.

        Numbers are stored as float16.
        """
        arrays = {part.name: getattr(self.head, part.name) for part in fields(PersonalHead)}
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
            head = PersonalHead(**FILES.tensors(folder, description.sha256))
        except TypeError as error:
            raise DamagedWeightsError(f"{FILES.weights} cannot be read: {error}") from error
        _check(head)
        return cls(head, description)


def _check(head: PersonalHead) -> None:
    parts = [getattr(head, part.name) for part in fields(PersonalHead)]
    shapes = [part.shape for part in parts]
    hidden, width = head.hidden_bias.shape[0], head.state_weight.shape[-1]
    outputs = len(OUTPUTS)
    wanted = [(hidden, width), (hidden, SIGNS), (hidden,), (hidden, len(WINDOW) * hidden), (hidden,)]
    if shapes != [*wanted, (outputs, 2 * hidden), (outputs,)] or width % len(LAYERS):
        raise DamagedWeightsError(f"unexpected shapes {shapes}")
    if not all(np.isfinite(part).all() for part in parts):
        raise DamagedWeightsError("a weight is not finite")


def _described(path: Path) -> PersonalDescription:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        limits = PersonalLimits(**told["limits"])
        least = [float(limits.found[kind]) for kind in TOLD]
        told |= {"limits": limits, "outputs": tuple(told["outputs"]), "layers": tuple(told["layers"])}
        described = PersonalDescription(**told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if (described.outputs, described.layers, described.format) != (OUTPUTS, LAYERS, FORMAT):
        raise DamagedWeightsError(f"{path.name} has unknown outputs, layers or an unknown format")
    if not all(0.0 <= limit <= least_found <= 1.0 for least_found in least for limit in _others(limits)):
        raise DamagedWeightsError(f"{path.name} has limits that are not in order")
    return described


def _others(limits: PersonalLimits) -> tuple[float, float]:
    return float(limits.grown), float(limits.doubted)
