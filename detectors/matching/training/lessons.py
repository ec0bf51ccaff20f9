"""Help centres as the trained layers read them: states of the frozen layers, made once."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

from detectors.matching.records import HelpCentre
from detectors.sentiment.training.adapters import FIRST_LAYER

PlacedStems = Callable[[str], Sequence[tuple[str, int, int]]]
"""Returns the stems of the words of a text with a meaning of their own, and the characters they stand at."""

MOST_TOKENS: Final = 256
"""Tokens of a text that are read: the encoder's first window."""

MOST_WORDS: Final = 96
"""Words of a text that have a vector, as in the product."""

_NOWHERE: Final = (0, 0)
"""The place of a special token."""

_AT_ONCE: Final = 32
"""Texts that the frozen layers read at once. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A text after the frozen layers: states (tokens, 384) in half precision, and its words.

    A word is (first token, token after the last); `stems` are in the same order.
    """

    states: torch.Tensor
    words: tuple[tuple[int, int], ...]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CentreLesson:
    """One help centre: its parts, and which of them answer each question.

    `rarity` has one weight for each word of a question. `right` is (questions, sections), `owners` the
    section of each sentence, `telling` is (questions, sentences).
    """

    name: str
    names: tuple[ReadPart, ...]
    texts: tuple[ReadPart, ...]
    sentences: tuple[ReadPart, ...]
    questions: tuple[ReadPart, ...]
    rarity: tuple[torch.Tensor, ...]
    right: torch.Tensor
    owners: torch.Tensor
    telling: torch.Tensor


class LessonReader:
    """Reads texts with the frozen layers of `model`, a transformers BertModel."""

    def __init__(self, tokenizer: Any, model: Any, placed: PlacedStems) -> None:
        self._tokenizer = tokenizer
        self._model = model
        self._placed = placed
        self._first: int = tokenizer.token_to_id("[CLS]")
        self._last: int = tokenizer.token_to_id("[SEP]")

    def lesson(self, centre: HelpCentre) -> CentreLesson:
        """Return a help centre as a lesson."""
        starts = [0]
        for section in centre.sections:
            starts.append(starts[-1] + len(section.sentences))
        right = torch.zeros(len(centre.questions), len(centre.sections), dtype=torch.bool)
        telling = torch.zeros(len(centre.questions), starts[-1], dtype=torch.bool)
        for row, question in enumerate(centre.questions):
            right[row, list(question.sections)] = True
            telling[row, [starts[section] + number for section, number in question.sentences]] = True
        texts = self.read([section.text for section in centre.sections])
        questions = self.read([question.text for question in centre.questions])
        rarity = _rarity(texts)
        return CentreLesson(
            name=centre.name,
            names=self.read([section.name for section in centre.sections]),
            texts=texts,
            sentences=self.read([one for section in centre.sections for one in section.sentences]),
            questions=questions,
            rarity=tuple(torch.tensor([rarity(stem) for stem in one.stems] or [1.0]) for one in questions),
            right=right,
            owners=torch.repeat_interleave(
                torch.arange(len(centre.sections)),
                torch.tensor([len(one.sentences) for one in centre.sections]),
            ),
            telling=telling,
        )

    @torch.no_grad()
    def read(self, texts: Sequence[str]) -> tuple[ReadPart, ...]:
        """Return each text after the frozen layers, in order; texts of like length are read together."""
        encoded = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        windows = [[self._first, *one.ids[: MOST_TOKENS - 2], self._last] for one in encoded]
        order = sorted(range(len(texts)), key=lambda row: len(windows[row]))
        states: dict[int, torch.Tensor] = {}
        for start in range(0, len(order), _AT_ONCE):
            rows = order[start : start + _AT_ONCE]
            states |= dict(zip(rows, self._frozen([windows[row] for row in rows]), strict=True))
        offsets = [[_NOWHERE, *one.offsets[: MOST_TOKENS - 2], _NOWHERE] for one in encoded]
        return tuple(_part(states[row], self._placed(text), offsets[row]) for row, text in enumerate(texts))

    def _frozen(self, windows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        lengths = [len(window) for window in windows]
        ids = torch.zeros(len(windows), max(lengths), dtype=torch.long)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = torch.tensor(window)
        visible = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        states = self._model.embeddings(input_ids=ids)
        for layer in self._model.encoder.layer[:FIRST_LAYER]:
            states = layer(states, hidden_mask(visible))
        return [states[row, :length].half().clone() for row, length in enumerate(lengths)]


def hidden_mask(visible: torch.Tensor) -> torch.Tensor:
    """Return what attention adds to its logits, (b, 1, 1, n), for the visible tokens (b, n)."""
    return (~visible)[:, None, None, :].float() * -1e9


def _part(
    states: torch.Tensor, placed: Sequence[tuple[str, int, int]], offsets: Sequence[tuple[int, int]]
) -> ReadPart:
    words: list[tuple[int, int]] = []
    stems: list[str] = []
    for stem, first, last in placed:
        held = [place for place, (start, end) in enumerate(offsets) if first <= start < end <= last]
        if held and len(words) < MOST_WORDS:
            words.append((held[0], held[-1] + 1))
            stems.append(stem)
    return ReadPart(states, tuple(words), tuple(stems))


def _rarity(texts: Sequence[ReadPart]) -> Callable[[str], float]:
    """Return BM25's rarity of a stem among the sections."""
    holding = Counter(stem for text in texts for stem in set(text.stems))
    count = len(texts)
    return lambda stem: math.log(1 + (count - holding[stem] + 0.5) / (holding[stem] + 0.5))
