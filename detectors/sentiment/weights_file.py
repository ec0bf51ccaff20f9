"""The trained weights of the mood model on disk: adapters, heads and a checked description."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from detectors.sentiment.adapter import Adapter, DamagedWeightsError, adapter_tensors, adapters_in
from detectors.sentiment.arrays import Float32
from detectors.sentiment.calibration import Calibration, calibration_of
from detectors.sentiment.file_pair import FilePair
from detectors.sentiment.heads import OUTPUTS, Heads

FILES: Final = FilePair("mood.safetensors", "mood.json")
FORMAT: Final = 2
"""The version of the two files; format 1 was one linear layer without adapters."""


@dataclass(frozen=True, slots=True)
class Description:
    """The content of `mood.json`: origin, calibration and the SHA-256 of the weights' file.

    `data` has the SHA-256 of each file that the weights were trained on, `versions` the libraries' versions.
    """

    version: str
    encoder: str
    command: str
    calibration: Calibration
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = OUTPUTS
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class MoodWeights:
    """What training learned: `adapters` by the name of their layer in the encoder, heads, description."""

    adapters: Mapping[str, Adapter]
    heads: Heads
    description: Description

    def save(self, folder: Path) -> None:
        """Write both files into `folder`, created if missing; numbers are stored as float16.

        The description gets the SHA-256 of the weights' file.
        """
        FILES.write(folder, self._tensors(), asdict(self.description))

    def _tensors(self) -> dict[str, Float32]:
        return adapter_tensors(self.adapters) | {
            part.name: getattr(self.heads, part.name) for part in fields(Heads)
        }

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check both files.

        Raises FileNotFoundError if a file is missing, and DamagedWeightsError if the files do not belong
        together, the outputs differ from OUTPUTS, a weight is not finite or a calibration is out of range.
        """
        description = _described(folder / FILES.description)
        try:
            tensors = FILES.tensors(folder, description.sha256)
            heads = Heads(**{part.name: tensors.pop(part.name) for part in fields(Heads)})
            adapters = adapters_in(tensors)
        except KeyError as error:
            raise DamagedWeightsError(f"{FILES.weights} cannot be read: {error}") from error
        _check(heads, adapters)
        return cls(adapters, heads, description)


def _check(heads: Heads, adapters: Mapping[str, Adapter]) -> None:
    outputs, width = len(OUTPUTS), heads.whole_weight.shape[-1]
    expected = {
        "whole_weight": (outputs, width),
        "whole_bias": (outputs,),
        "sentence_weight": (outputs, width),
        "sentence_bias": (outputs,),
        "rule_weight": (outputs, 3 * outputs),
        "rule_bias": (outputs,),
    }
    shapes = {name: getattr(heads, name).shape for name in expected}
    if shapes != expected:
        raise DamagedWeightsError(f"unexpected shapes {shapes}")
    arrays = [getattr(heads, name) for name in expected]
    arrays += [part for adapter in adapters.values() for part in (adapter.down, adapter.up)]
    if not all(np.isfinite(array).all() for array in arrays):
        raise DamagedWeightsError("a weight is not finite")
    if any(adapter.down.shape[:1] != adapter.up.shape[1:] for adapter in adapters.values()):
        raise DamagedWeightsError("an adapter has parts of different rank")


def _described(path: Path) -> Description:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        outputs, calibration = tuple(told["outputs"]), calibration_of(told["calibration"])
        described = Description(**(told | {"outputs": outputs, "calibration": calibration}))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if described.outputs != OUTPUTS or described.format != FORMAT:
        raise DamagedWeightsError(f"{path.name} has unknown outputs or an unknown format")
    return described
