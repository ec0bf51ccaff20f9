"""Rows made ready to learn from: dressed, tokenised, and passed through the frozen lower layers once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

import torch

from detectors.sentiment.forward import PackedBert
from detectors.sentiment.pieces import Piece
from detectors.sentiment.tokens import SentenceTokenizer
from detectors.sentiment.training.adapters import FIRST_LAYER
from detectors.sentiment.training.augmentation import dressed, well_dressed
from detectors.sentiment.training.row import TrainingRow

_ROWS_AT_ONCE: Final = 512
"""Rows passed through the lower layers at once: bounds the memory. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row, the first piece of its text, and the states of its tokens before the first adapted layer.

    `states` is (tokens, d) in bfloat16. `twin` is the same message in another dress, which must be judged
    alike.
    """

    row: TrainingRow
    piece: Piece
    states: torch.Tensor
    twin: "Lesson | None" = None

    @property
    def tokens(self) -> int:
        """The number of tokens of the piece."""
        return len(self.piece.window)


class LessonMaker:
    """Makes lessons with a tokenizer and the lower layers of `model`, a transformers BertModel."""

    def __init__(self, tokenizer: SentenceTokenizer, model: Any) -> None:
        self._tokenizer = tokenizer
        self._lower = PackedBert(
            lower_weights(model.state_dict()),
            heads=model.config.num_attention_heads,
            eps=model.config.layer_norm_eps,
        )

    def plain(self, rows: Sequence[TrainingRow]) -> list[Lesson]:
        """Return a lesson per row, with its text as it is, in order."""
        return self._lessons(rows, [row.text for row in rows])

    def dressed(self, rows: Sequence[TrainingRow], seed: str, twins: float = 0.0) -> list[Lesson]:
        """Return a lesson per row with other words around each message; the seed decides which.

        The share `twins` of the messages stay as they are and have a dressed twin. Comments stay as they are.
        """
        randoms = [Random(f"{seed}-{number}") for number in range(len(rows))]
        has_twin = [
            row.signs is not None and random.random() < twins
            for row, random in zip(rows, randoms, strict=True)
        ]
        texts = [
            row.text if row.signs is None or is_pair else dressed(row.text, random)
            for row, random, is_pair in zip(rows, randoms, has_twin, strict=True)
        ]
        lessons = self._lessons(rows, texts)
        places = [place for place, is_pair in enumerate(has_twin) if is_pair]
        others = self._lessons(
            [rows[place] for place in places],
            [well_dressed(rows[place].text, randoms[place]) for place in places],
        )
        for place, other in zip(places, others, strict=True):
            lessons[place] = replace(lessons[place], twin=other)
        return lessons

    def _lessons(self, rows: Sequence[TrainingRow], texts: Sequence[str]) -> list[Lesson]:
        lessons = []
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            tokenised = self._tokenizer.tokenise(texts[start : start + _ROWS_AT_ONCE])
            pieces = [text.pieces[0] for text in tokenised]
            states = self._lower.hidden([piece.window for piece in pieces]).to(torch.bfloat16)
            parts = torch.split(states, [len(piece.window) for piece in pieces])
            block = rows[start : start + _ROWS_AT_ONCE]
            lessons += [
                Lesson(row, piece, part) for row, piece, part in zip(block, pieces, parts, strict=True)
            ]
        return lessons


def lower_weights(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of the embeddings and of the layers below the first adapted one."""
    return {
        name: weights
        for name, weights in state.items()
        if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < FIRST_LAYER
    }


@dataclass(frozen=True, slots=True)
class Batch:
    """Lessons side by side, padded to the longest.

    `states` is (b, t, d) and `mask` (b, t); `sentences` (b, t) is the row of each token's sentence, or the
    number of all sentences for a token of none; `owners` (s,) is the lesson of each sentence.
    """

    states: torch.Tensor
    mask: torch.Tensor
    sentences: torch.Tensor
    owners: torch.Tensor


def batch_of(lessons: Sequence[Lesson]) -> Batch:
    """Return the lessons as one batch, in order."""
    total = sum(len(lesson.piece.sentences) for lesson in lessons)
    longest = max(lesson.tokens for lesson in lessons)
    states = torch.zeros((len(lessons), longest, lessons[0].states.shape[1]), dtype=torch.bfloat16)
    mask = torch.zeros((len(lessons), longest), dtype=torch.bool)
    sentences = torch.full((len(lessons), longest), total, dtype=torch.long)
    owners: list[int] = []
    for row, lesson in enumerate(lessons):
        length, counts = lesson.tokens, torch.tensor(lesson.piece.sentences)
        states[row, :length], mask[row, :length] = lesson.states, True
        numbers = torch.arange(len(counts)) + len(owners)
        sentences[row, 1 : length - 1] = numbers.repeat_interleave(counts)
        owners += [row] * len(counts)
    return Batch(states, mask, sentences, torch.tensor(owners))
