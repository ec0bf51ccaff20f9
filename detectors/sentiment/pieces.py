"""A tokenised text as the mood model reads it: windows of tokens, and the sentence of each token."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.sentiment.arrays import Int64
from detectors.sentiment.sentences import SentenceSpan, sentence_numbers, sentence_spans
from detectors.sentiment.windows import WINDOW_TOKENS, Window, kept_starts


@dataclass(frozen=True, slots=True)
class Piece:
    """One window of a text.

    `window` holds the token ids with the special ids at both ends. `sentences` counts the tokens of each run
    of one sentence, special tokens left out; `numbers` are these sentences.
    """

    window: Window
    sentences: tuple[int, ...]
    numbers: tuple[int, ...]

    @property
    def runs(self) -> tuple[int, ...]:
        """The lengths of all runs of the window: the first special token, the sentences, the last."""
        return (1, *self.sentences, 1)

    def parts(self) -> list[tuple[int, "Piece"]]:
        """Return each sentence as a piece of its own, with its number in the text, in order."""
        first, *ids, last = self.window
        found, start = [], 0
        for number, length in zip(self.numbers, self.sentences, strict=True):
            found.append((number, Piece((first, *ids[start : start + length], last), (length,), (number,))))
            start += length
        return found


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """The pieces of a text and the spans of its sentences; `cut` tells that windows were left out."""

    pieces: tuple[Piece, ...]
    spans: tuple[SentenceSpan, ...]
    cut: bool


def tokenised(
    text: str,
    ids: Sequence[int],
    starts: Sequence[int],
    ends: Window,
    *,
    spans: tuple[SentenceSpan, ...] | None = None,
) -> TokenisedText:
    """Cut the tokens of `text` into pieces of WINDOW_TOKENS with the special ids `ends` around each.

    `starts` are the first characters of the tokens. At most MAX_WINDOWS pieces are kept, half from the
    beginning and half from the end of the text. Other `spans` that cover it may stand for its sentences.
    """
    spans = sentence_spans(text) if spans is None else spans
    numbers = sentence_numbers(starts, spans)
    width = WINDOW_TOKENS - 2
    starts_kept, cut = kept_starts(len(ids))
    pieces = [_piece(ids[at : at + width], numbers[at : at + width], ends) for at in starts_kept]
    return TokenisedText(tuple(pieces), spans, cut)


def _piece(ids: Sequence[int], numbers: Sequence[int], ends: Window) -> Piece:
    found = np.asarray(numbers, dtype=np.int64)
    changes: Int64 = np.flatnonzero(np.diff(found, prepend=-1))
    lengths = np.diff(changes, append=len(found))
    return Piece((ends[0], *ids, ends[1]), tuple(lengths.tolist()), tuple(found[changes].tolist()))
