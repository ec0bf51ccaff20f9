"""The systems of the speed comparison. Each is a function of texts (or windows) that returns nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from tests.benchmarks.sentiment_encoders import Encoder, packed_bert
from tests.benchmarks.sentiment_texts import LONGEST

Texts = Sequence[str]
Reader = Callable[[Texts], Any]

PIPELINE_BATCH = 32
"""Texts of a batch of the other systems."""

STAND_IN = "sentence-transformers (stand-in)"
WHOLE = "ours, end to end"
DEVICE = "ours, model alone"
PIPELINE = "transformers.pipeline"


class Ours:
    """Our model from token ids on: the packed forward pass, states of all layers pooled per window."""

    def __init__(self, encoder: Encoder, device: str) -> None:
        on_gpu = device.startswith("cuda")
        dtype = torch.bfloat16 if on_gpu else torch.float32
        self._bert = packed_bert().of(encoder.model, device=device, dtype=dtype)
        self._tokenizer = encoder.tokenizer

    def windows(self, texts: Texts) -> list[list[int]]:
        """Return the token ids of texts, cut to one window each."""
        encodings = self._tokenizer.encode_batch(list(texts))
        return [[*encoding.ids[: LONGEST - 1], encoding.ids[-1]][:LONGEST] for encoding in encodings]

    def of_windows(self, windows: Sequence[Sequence[int]]) -> None:
        """Run the model on windows and bring the states to the host."""
        self._bert.pooled(windows, last_only=False).cpu()

    def of_texts(self, texts: Texts) -> None:
        """Tokenise texts and run the model: for a machine without the packages of the whole product."""
        self.of_windows(self.windows(texts))


def whole_product(device: str) -> Any:
    """Return the product's SentimentModel; raise ModuleNotFoundError if one of its packages is missing."""
    from detectors.sentiment.model import SentimentModel

    return SentimentModel.load(device=device, dtype=torch.bfloat16 if device.startswith("cuda") else None)


def transformers_pipeline(encoder: Encoder, device: str) -> Reader:
    """Return transformers' text-classification pipeline with a classifier of the encoder's size."""
    config = encoder.model.config
    config.num_labels = 3
    model = BertForSequenceClassification(config).eval()
    model.bert.load_state_dict(encoder.model.state_dict(), strict=False)
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    classify = pipeline(
        "text-classification", model=model.to(dtype), tokenizer=_fast_tokenizer(encoder), device=device
    )

    def read(texts: Texts) -> None:
        classify(list(texts), batch_size=PIPELINE_BATCH, truncation=True, max_length=LONGEST)

    return read


def sentence_transformers(encoder: Encoder, device: str) -> tuple[str, Reader]:
    """Return sentence-transformers' encode, or the stand-in if it is not installed, with its name."""
    try:
        import sentence_transformers as library
        from sentence_transformers import models  # type: ignore[attr-defined]
    except ModuleNotFoundError:
        return STAND_IN, _stand_in(encoder, device)
    with tempfile.TemporaryDirectory() as folder:
        encoder.model.save_pretrained(folder)
        _fast_tokenizer(encoder).save_pretrained(folder)
        reads = models.Transformer(folder, max_seq_length=LONGEST)
        model = library.SentenceTransformer(modules=[reads, models.Pooling(encoder.model.config.hidden_size)])
    model = model.to(device, torch.bfloat16) if device.startswith("cuda") else model
    name = f"sentence-transformers {library.__version__}"

    def read(texts: Texts) -> None:
        model.encode(list(texts), batch_size=PIPELINE_BATCH, show_progress_bar=False)

    return name, read


def _stand_in(encoder: Encoder, device: str) -> Reader:
    """Do as encode does: sort by length, pad each batch, pool the mean over BertModel's last states."""
    tokenizer = _fast_tokenizer(encoder)
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    model = encoder.model if device == "cpu" else _copied(encoder).to(device, dtype)

    def read(texts: Texts) -> None:
        longest_first = sorted(texts, key=len, reverse=True)
        for start in range(0, len(longest_first), PIPELINE_BATCH):
            batch = tokenizer(
                longest_first[start : start + PIPELINE_BATCH],
                padding=True,
                truncation=True,
                max_length=LONGEST,
                return_tensors="pt",
            ).to(device)
            with torch.no_grad():
                states = model(**batch).last_hidden_state
            weights = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
            ((states * weights).sum(1) / weights.sum(1)).float().cpu()

    return read


def _copied(encoder: Encoder) -> Any:
    model = type(encoder.model)(encoder.model.config)
    model.load_state_dict(encoder.model.state_dict())
    return model.eval()


def _fast_tokenizer(encoder: Encoder) -> PreTrainedTokenizerFast:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.json"
        encoder.tokenizer.save(str(file))
        return PreTrainedTokenizerFast(
            tokenizer_file=str(file),
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            model_max_length=512,
        )
