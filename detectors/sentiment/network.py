"""The adapted encoder on one device: from pieces of tokens to the mean states of their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from detectors.sentiment.adapter import Adapter
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText
from detectors.sentiment.pretrained import BertWeights, read_pretrained
from detectors.sentiment.tokens import SentenceTokenizer

if TYPE_CHECKING:
    import torch

    from detectors.sentiment.forward import PackedBert


class MoodEncoder:
    """The encoder with adapters in its upper layers. One thread at a time may use the device."""

    def __init__(self, tokenizer: SentenceTokenizer, forward: PackedBert) -> None:
        self._tokenizer = tokenizer
        self._forward = forward

    @classmethod
    def load(
        cls,
        adapters: Mapping[str, Adapter],
        *,
        device: str = "cpu",
        dtype: torch.dtype | None = None,
        folder: Path | None = None,
    ) -> Self:
        """Load the encoder from its package (or `folder`), merge the adapters, put it onto `device`.

        Raises OSError if the model's files are missing, and DamagedWeightsError if an adapter does not fit.
        """
        tokenizer, model = read_pretrained(folder)
        return cls.of(SentenceTokenizer(tokenizer), model, adapters, device=device, dtype=dtype)

    @classmethod
    def of(
        cls,
        tokenizer: SentenceTokenizer,
        model: BertWeights,
        adapters: Mapping[str, Adapter],
        *,
        device: str = "cpu",
        dtype: torch.dtype | None = None,
    ) -> Self:
        """Copy an encoder with the adapters merged; raises DamagedWeightsError."""
        import torch  # noqa: PLC0415

        from detectors.sentiment.forward import PackedBert  # noqa: PLC0415

        used = dtype or torch.float32
        return cls(tokenizer, PackedBert.of(model, device=device, dtype=used, adapters=adapters))

    def tokenise(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Cut texts into pieces; see `SentenceTokenizer`."""
        return self._tokenizer.tokenise(texts)

    def run_means(self, pieces: Sequence[Piece]) -> Float32:
        """Return the mean last state of each run of the pieces' tokens, (runs, d), in order.

        The caller bounds the number of tokens.
        """
        import torch  # noqa: PLC0415

        if not pieces:
            return np.zeros((0, self._forward.width), dtype=np.float32)
        lengths = torch.tensor([length for piece in pieces for length in piece.runs])
        with torch.inference_mode():
            states = self._forward.hidden([piece.window for piece in pieces]).float()
            means = torch.segment_reduce(states, "mean", lengths=lengths.to(states.device), axis=0)
        return np.asarray(means.cpu().numpy(), dtype=np.float32)
