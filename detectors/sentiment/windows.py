"""Windows of tokens: a text is cut into pieces of the length for which the encoder was trained."""

from collections.abc import Sequence
from dataclasses import dataclass

Window = tuple[int, ...]
"""The token ids of one window, with the special ids at both ends."""

WINDOW_TOKENS = 256
"""Tokens of a window with its two special tokens: the length for which all-MiniLM-L6-v2 was trained."""

MAX_WINDOWS = 32
"""Windows read of one text, about 8,000 tokens: bounds the work per message. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class RunReading:
    """Mean states of runs of tokens that are read of some windows.

    `windows` are the numbers of the windows, each once. `runs` has the lengths of the runs of each of them,
    which together cover it. `layers` ascend from 1.
    """

    windows: Sequence[int]
    runs: Sequence[Sequence[int]]
    layers: Sequence[int]


def token_windows(ids: Sequence[int], *, first: int, last: int) -> tuple[tuple[Window, ...], bool]:
    """Cut token ids into windows of WINDOW_TOKENS including the special ids `first` and `last`.

    At most MAX_WINDOWS windows are kept: half from the beginning and half from the end of the text. The
    second value tells whether windows were left out.

    >>> token_windows([7, 8], first=1, last=2)
    (((1, 7, 8, 2),), False)
    >>> windows, cut = token_windows(range(254 * 40), first=1, last=2)
    >>> len(windows), cut, windows[-1][-2]
    (32, True, 10159)
    """
    width = WINDOW_TOKENS - 2
    starts, cut = kept_starts(len(ids))
    return tuple((first, *ids[start : start + width], last) for start in starts), cut


def kept_starts(tokens: int) -> tuple[list[int], bool]:
    """Return the first tokens of the windows that are kept of a text, and whether others were left out.

    At most MAX_WINDOWS, half from the beginning and half from the end of the text.

    >>> kept_starts(300), kept_starts(254 * 40)[1]
    (([0, 254], False), True)
    """
    starts = list(range(0, tokens, WINDOW_TOKENS - 2))
    half = MAX_WINDOWS // 2
    is_cut = len(starts) > MAX_WINDOWS
    return ([*starts[:half], *starts[-half:]] if is_cut else starts), is_cut
