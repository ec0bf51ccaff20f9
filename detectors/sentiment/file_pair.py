"""Trained weights on disk: a safetensors file, and a JSON description that holds its SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.arrays import Float32


class FilePair(NamedTuple):
    """The names of the two files in their folder."""

    weights: str
    description: str

    def write(self, folder: Path, tensors: Mapping[str, Float32], described: Mapping[str, Any]) -> None:
        """Write both files into `folder`, created if missing; numbers are stored as float16.

        The description gets the SHA-256 of the weights' file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        data = save_safetensors({name: np.asarray(t, dtype=np.float16) for name, t in tensors.items()})
        told = {**described, "sha256": hashlib.sha256(data).hexdigest()}
        (folder / self.weights).write_bytes(data)
        (folder / self.description).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def tensors(self, folder: Path, sha256: str) -> dict[str, Float32]:
        """Read the weights' file by name of tensor.

        Raises FileNotFoundError if it is missing, and DamagedWeightsError if its sum is not `sha256` or it
        cannot be read.
        """
        data = (folder / self.weights).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedWeightsError(
                f"the SHA-256 of {self.weights} differs from the sum in {self.description}"
            )
        try:
            return {name: t.astype(np.float32) for name, t in load_safetensors(data).items()}
        except SafetensorError as error:
            raise DamagedWeightsError(f"{self.weights} cannot be read: {error}") from error
