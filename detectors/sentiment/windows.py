"""Windows of tokens: a text is cut into pieces of the length for which the encoder was trained."""

from collections.abc import Sequence

Window = tuple[int, ...]
"""The token ids of one window, with the special ids at both ends."""

WINDOW_TOKENS = 256
"""Tokens of a window with its two special tokens: the length for which all-MiniLM-L6-v2 was trained."""

MAX_WINDOWS = 32
"""Windows read of one text, about 8,000 tokens: bounds the work per message. Chosen by hand."""


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
    pieces = [(first, *ids[start : start + width], last) for start in range(0, len(ids), width)]
    if len(pieces) <= MAX_WINDOWS:
        return tuple(pieces), False
    half = MAX_WINDOWS // 2
    return (*pieces[:half], *pieces[-half:]), True
