"""The trained output layer: a 3 x 2688 matrix, a bias and a temperature, with a checked description."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.scores import LABELS

WEIGHTS_FILE = "head.safetensors"
DESCRIPTION_FILE = "head.json"
FORMAT = 1
"""The version of the two files."""

MAX_TEMPERATURE = 20.0
"""Highest temperature that is accepted; training fits at most 8. Chosen by hand."""


class DamagedWeightsError(ValueError):
    """The weights on disk do not match their description, or are out of range."""


@dataclass(frozen=True, slots=True)
class Description:
    """The content of `head.json`: the origin of the weights and the SHA-256 of their file."""

    version: str
    labels: tuple[str, ...]
    temperature: float
    encoder: str
    command: str
    sha256: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer with calibration: logits are (states @ weight.T + bias) / temperature.

    `weight` is (3, d) and `bias` is (3,), in the order of LABELS.
    """

    weight: Float32
    bias: Float32
    description: Description

    def probabilities(self, states: Float32) -> Float64:
        """Return calibrated (n, 3) probabilities; a row of states that is not finite gives a row of NaN."""
        with np.errstate(invalid="ignore", over="ignore"):
            logits = (states.astype(np.float64) @ self.weight.T + self.bias) / self.description.temperature
            exponents = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
            return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write both files into `folder`, created if missing; the description gets the weights' SHA-256."""
        folder.mkdir(parents=True, exist_ok=True)
        data = save_safetensors({"weight": self.weight, "bias": self.bias})
        described = asdict(self.description) | {"sha256": hashlib.sha256(data).hexdigest()}
        (folder / WEIGHTS_FILE).write_bytes(data)
        (folder / DESCRIPTION_FILE).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check both files.

        Raises FileNotFoundError if a file is missing, and DamagedWeightsError if the files do not belong
        together, the labels differ from LABELS, a weight is not finite or the temperature is not in (0, 20].
        """
        description = _described(folder / DESCRIPTION_FILE)
        data = (folder / WEIGHTS_FILE).read_bytes()
        if hashlib.sha256(data).hexdigest() != description.sha256:
            raise DamagedWeightsError(
                f"the SHA-256 of {WEIGHTS_FILE} differs from the sum in {DESCRIPTION_FILE}"
            )
        tensors = load_safetensors(data)
        weight, bias = tensors["weight"], tensors["bias"]
        if weight.ndim != 2 or weight.shape[0] != len(LABELS) or bias.shape != (len(LABELS),):
            raise DamagedWeightsError(f"unexpected shapes {weight.shape} and {bias.shape}")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise DamagedWeightsError("a weight is not finite")
        return cls(weight, bias, description)


def _described(path: Path) -> Description:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        described = Description(**(fields | {"labels": tuple(fields["labels"])}))
        temperature_fits = 0.0 < float(described.temperature) <= MAX_TEMPERATURE
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedWeightsError(f"{path.name} cannot be read: {error}") from error
    if described.labels != LABELS or described.format != FORMAT or not temperature_fits:
        raise DamagedWeightsError(f"{path.name} has unknown labels, format or temperature")
    return described
