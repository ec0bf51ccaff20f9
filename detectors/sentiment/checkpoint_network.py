"""The network and tokenizer of a checkpoint, and the windows that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from detectors.sentiment.arrays import Float32
from detectors.sentiment.batching import padded_batches
from detectors.sentiment.checkpoint_folder import CheckpointError, json_object
from detectors.sentiment.windows import Window

if TYPE_CHECKING:
    import torch

READ_TOKENS: Final = 8192
"""Tokens read of one text, in windows from both ends: bounds the work. As many as of the shipped model."""

DEFAULT_TOKENS: Final = 512
"""The longest window of a model that names no length itself. Chosen by hand."""

_UNLIMITED: Final = 1 << 20
"""A tokenizer without a length of its own writes a huge number instead."""


@dataclass(frozen=True, slots=True)
class WindowCutter:
    """Cuts token ids into windows of at most `longest` ids, with the special ids `before` and `after`."""

    before: Window
    after: Window
    longest: int

    def cut(self, ids: Sequence[int]) -> tuple[tuple[Window, ...], bool]:
        """Return the windows, and whether the middle of the text was left out to stay within READ_TOKENS.

        >>> WindowCutter(before=(1,), after=(2,), longest=4).cut([7, 8, 9])
        (((1, 7, 8, 2), (1, 9, 2)), False)
        """
        width = self.longest - len(self.before) - len(self.after)
        pieces = [
            (*self.before, *ids[start : start + width], *self.after) for start in range(0, len(ids), width)
        ]
        most = max(1, READ_TOKENS // self.longest)
        if len(pieces) <= most:
            return tuple(pieces), False
        head = (most + 1) // 2
        return (*pieces[:head], *pieces[len(pieces) - (most - head) :]), True


class Network:
    """The network and tokenizer of a checkpoint on one device."""

    def __init__(self, tokenizer: Any, model: Any, padding: int) -> None:
        self._tokenizer = tokenizer
        self._model = model
        self._padding = padding
        self._device = "cpu"

    @classmethod
    def load(cls, folder: Path, *, outputs: int) -> Self:
        """Load both from a checked folder, in float32 on the CPU. Raises CheckpointError."""
        import torch  # noqa: PLC0415
        from safetensors import SafetensorError  # noqa: PLC0415
        from transformers import AutoModelForSequenceClassification  # noqa: PLC0415

        tokenizer = _load_tokenizer(folder)
        try:
            model, report = AutoModelForSequenceClassification.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                output_loading_info=True,
                dtype=torch.float32,
            )
        except (
            OSError,
            ValueError,
            RuntimeError,
            KeyError,
            ImportError,
            TypeError,
            SafetensorError,
        ) as error:
            raise CheckpointError(f"transformers cannot load the model: {_first_line(error)}") from error
        if missing := sorted(report["missing_keys"]):
            raise CheckpointError(f"the weights lack {missing[0]}, so the model is not a trained classifier")
        if model.config.num_labels != outputs:
            raise CheckpointError(f"the model has {model.config.num_labels} outputs and {outputs} labels")
        return cls(tokenizer, model.eval(), _padding_id(model, tokenizer))

    def special_ids(self) -> tuple[Window, Window]:
        """Return the special ids that the tokenizer puts before and after a text."""
        encoding = self._tokenizer.encode("a")
        plain = [place for place, special in enumerate(encoding.special_tokens_mask) if not special]
        if not plain:
            return tuple(encoding.ids), ()
        return tuple(encoding.ids[: plain[0]]), tuple(encoding.ids[plain[-1] + 1 :])

    def own_length(self, folder: Path) -> int:
        """Return the longest window by the tokenizer's and the model's own words, or DEFAULT_TOKENS.

        Models that number their positions after the padding id (RoBERTa and its kin) read fewer tokens than
        they have positions.
        """
        positions = _positions(self._model)
        named = _declared_length(folder)
        lengths = [length for length in (positions, named) if length is not None]
        return min(lengths, default=DEFAULT_TOKENS)

    def try_length(self, longest: int, *, outputs: int) -> None:
        """Run one window of `longest` tokens. Raises CheckpointError if the model cannot read it."""
        before, after = self.special_ids()
        filler = [max(0, self._tokenizer.get_vocab_size() - 1)] * (longest - len(before) - len(after))
        try:
            logits, _ = self.run([(*before, *filler, *after)], max_tokens=longest)
        except (IndexError, RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"the model cannot read a window of {longest} tokens ({_first_line(error)}); "
                "set a smaller max_tokens in rapport.json"
            ) from error
        if logits.shape != (1, outputs):
            raise CheckpointError(f"the model gives {logits.shape[-1]} numbers for {outputs} labels")

    def move(self, device: str, dtype: torch.dtype | None) -> None:
        """Put the weights onto `device`, in `dtype` if it is given."""
        self._model = self._model.to(device=device, dtype=dtype)
        self._device = device

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text without special ids, in order; lone surrogates become `?`."""
        valid = [text.encode("utf-8", errors="replace").decode("utf-8") for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(valid, add_special_tokens=False)]

    def run(self, windows: Sequence[Window], *, max_tokens: int) -> tuple[Float32, Float32]:
        """Return logits (n, outputs) and the last states, (n, d), averaged over real tokens; in order."""
        found: dict[int, tuple[Float32, Float32]] = {}
        for rows in padded_batches([len(window) for window in windows], max_tokens):
            logits, states = self._forward([windows[row] for row in rows])
            found.update((row, (logits[place], states[place])) for place, row in enumerate(rows))
        if not found:
            outputs = self._model.config.num_labels
            return np.zeros((0, outputs), dtype=np.float32), np.zeros((0, 1), dtype=np.float32)
        ordered = [found[row] for row in range(len(windows))]
        return np.stack([logits for logits, _ in ordered]), np.stack([states for _, states in ordered])

    def _forward(self, windows: Sequence[Window]) -> tuple[Float32, Float32]:
        import torch  # noqa: PLC0415

        longest = max(map(len, windows))
        ids = torch.full((len(windows), longest), self._padding, dtype=torch.long)
        mask = torch.zeros((len(windows), longest), dtype=torch.long)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = torch.tensor(window)
            mask[row, : len(window)] = 1
        ids, mask = ids.to(self._device), mask.to(self._device)
        with torch.inference_mode():
            output = self._model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
            weights = mask.unsqueeze(-1).float()
            states = (output.hidden_states[-1].float() * weights).sum(dim=1) / weights.sum(dim=1)
        return output.logits.float().cpu().numpy(), states.cpu().numpy()


def _load_tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer  # noqa: PLC0415

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises plain Exception for a damaged file
        raise CheckpointError(f"tokenizer.json cannot be read: {_first_line(error)}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _padding_id(model: Any, tokenizer: Any) -> int:
    padding = model.config.pad_token_id
    if not isinstance(padding, int):
        raise CheckpointError("config.json names no pad_token_id, so texts cannot be read together")
    if tokenizer.get_vocab_size() > model.get_input_embeddings().num_embeddings:
        raise CheckpointError("the tokenizer has more tokens than the model, so they do not belong together")
    return padding


def _positions(model: Any) -> int | None:
    """Return how many tokens the position embeddings have room for; None if the model has none."""
    from torch.nn import Embedding  # noqa: PLC0415

    positions = model.config.to_dict().get("max_position_embeddings")
    if not isinstance(positions, int) or positions < 1:
        return None
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, Embedding):
            return positions if module.padding_idx is None else positions - module.padding_idx - 1
    return positions


def _declared_length(folder: Path) -> int | None:
    path = folder / "tokenizer_config.json"
    length = json_object(path).get("model_max_length") if path.exists() else None
    return int(length) if isinstance(length, int | float) and 0 < length < _UNLIMITED else None


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message without its full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:300]
