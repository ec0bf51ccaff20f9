"""A causal language model of transformers on the operator's own device: any folder with safetensors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from responders.generation.models.chat import ChatPrompt, ChatReply

MIN_CONTEXT: Final = 64
"""Tokens that a model must be able to read and write."""

DEFAULT_CONTEXT: Final = 4_096
"""Tokens of prompt and answer if the folder names no limit."""

_WITHOUT_ANSWER: Final = ChatReply("")


class CausalFolderError(ValueError):
    """A folder has no causal language model that can be used."""


class CausalModel:
    """Answers prompts in padded batches, without sampling, so that the seed changes nothing.

    A `BatchModel` of `GpuRunner`: it knows nothing of threads. A prompt that does not fit into the model's
    context gets an empty answer.
    """

    def __init__(self, model: Any, tokenizer: Any, *, name: str, max_seconds: float) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._name = name
        self._max_seconds = max_seconds
        self._pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self._context = int(model.config.get_text_config().to_dict().get("max_position_embeddings") or 0)

    @classmethod
    def load(
        cls, folder: Path, *, device: str = "cpu", dtype: torch.dtype | None = None, max_seconds: float = 60.0
    ) -> Self:
        """Load the model in `folder` onto `device`, in float32 or `dtype`; answers stop after `max_seconds`.

        Only safetensors are read, no code of the folder runs, and nothing is fetched. Raises
        CausalFolderError.
        """
        if not folder.is_dir():
            raise CausalFolderError(f"there is no folder {folder}")
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=dtype or torch.float32,
            )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            raise CausalFolderError(
                f"no model can be read from {folder}: {str(error).splitlines()[0]}"
            ) from error
        if tokenizer.pad_token_id is None and tokenizer.eos_token_id is None:
            raise CausalFolderError(f"the tokenizer in {folder} has no token that ends a text")
        return cls(model.to(device).eval(), tokenizer, name=folder.name, max_seconds=max_seconds)

    @property
    def name(self) -> str:
        """Return the name of the folder and how tokens are chosen."""
        return f"{self._name[:120]} by transformers, greedy"

    @property
    def context(self) -> int:
        """Return how many tokens prompt and answer may have together."""
        return self._context if self._context >= MIN_CONTEXT else DEFAULT_CONTEXT

    def lengths(self, items: Sequence[ChatPrompt]) -> list[int]:
        """Return the tokens of each prompt with its answer."""
        return [len(ids) + item.max_tokens for ids, item in zip(self._ids(items), items, strict=True)]

    def run(self, items: Sequence[ChatPrompt]) -> list[ChatReply]:
        """Answer prompts in one batch, padded on the left; one answer per prompt, in order."""
        ids = self._ids(items)
        fitting = [row for row, item in enumerate(items) if len(ids[row]) + item.max_tokens <= self.context]
        replies = [_WITHOUT_ANSWER] * len(items)
        if fitting:
            longest = max(items[row].max_tokens for row in fitting)
            for row, reply in zip(
                fitting, self._answers([ids[row] for row in fitting], longest), strict=True
            ):
                replies[row] = reply
        return replies

    def _answers(self, prompts: Sequence[Sequence[int]], max_tokens: int) -> list[ChatReply]:
        width = max(map(len, prompts))
        rows = [[self._pad] * (width - len(ids)) + list(ids) for ids in prompts]
        marks = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
        device = self._model.device
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(marks, device=device),
                do_sample=False,
                max_new_tokens=max_tokens,
                max_time=self._max_seconds,
                pad_token_id=self._pad,
            )
        written = [row[width:] for row in out.tolist()]
        return [
            ChatReply(
                self._tokenizer.decode(answer, skip_special_tokens=True),
                len(ids),
                len([token for token in answer if token != self._pad]),
            )
            for ids, answer in zip(prompts, written, strict=True)
        ]

    def _ids(self, items: Sequence[ChatPrompt]) -> list[list[int]]:
        return [self._tokenizer(self._text(item), add_special_tokens=False)["input_ids"] for item in items]

    def _text(self, item: ChatPrompt) -> str:
        if not self._tokenizer.chat_template:
            return f"{item.instructions}\n\n{item.data}\n\n"
        messages = [
            {"role": "system", "content": item.instructions},
            {"role": "user", "content": item.data},
        ]
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
