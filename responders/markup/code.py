"""Code in Markdown: fenced blocks, and words between backticks on one line."""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

MAX_INLINE_CHARACTERS: Final = 2_000
"""Backticks that are further apart than this belong to two pieces of code."""

_FENCE = re.compile(r"[ >]{0,12}(`{3,}|~{3,})")
_CLOSING = re.compile(r"[ >]{0,12}(`{3,}|~{3,})[`~]*[ \t]*$")
_TICKS = re.compile(r"`+")
_MOST_TICKS: Final = 3
"""A longer run of backticks does not open code within a line."""


class Code(NamedTuple):
    """A stretch of code with its marks, text[start:end]; `fenced` for a block of whole lines."""

    start: int
    end: int
    fenced: bool


def code_spans(text: str) -> list[Code]:
    r"""Return the stretches of code in a text, in order; a fence that is never closed is not code.

    >>> text = "a `b` c\n```sh\nx\n```\n"
    >>> [text[code.start : code.end] for code in code_spans(text)]
    ['`b`', '```sh\nx\n```']
    """
    if "`" not in text and "~~~" not in text:
        return []
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    ends = _block_ends(lines)
    found: list[Code] = []
    number = 0
    while number < len(lines):
        last = ends.get(number, number)
        if last > number:
            found.append(Code(starts[number], starts[last] + len(lines[last]), fenced=True))
        else:
            found += _inline(lines[number], starts[number])
        number = last + 1
    return found


def without_code(text: str, *, fenced_only: bool = False) -> str:
    r"""Return a text with a blank in place of each stretch of code; with `fenced_only` of each block only.

    >>> without_code("Use `<b>`."), without_code("Use `a`:\n```\nb\n```", fenced_only=True)
    ('Use  .', 'Use `a`:\n ')
    """
    pieces, end = [], 0
    for code in code_spans(text):
        if code.fenced or not fenced_only:
            pieces += [text[end : code.start], " "]
            end = code.end
    return "".join([*pieces, text[end:]])


def _block_ends(lines: list[str]) -> dict[int, int]:
    """Return the last line of each fenced block by its first line, blocks inside a block included.

    A block ends at the next fence that is at least as wide; if there is none, at the widest fence below.
    """
    ends: dict[int, int] = {}
    below: dict[str, list[tuple[int, int]]] = {"`": [], "~": []}
    for number in range(len(lines) - 1, -1, -1):
        fence = _FENCE.match(lines[number])
        if fence is None:
            continue
        mark, width = fence[1][0], len(fence[1])
        closers = below[mark]
        if closers:
            ends[number] = next((at for at, other in reversed(closers) if other >= width), closers[0][0])
        if _CLOSING.match(lines[number]):
            while closers and closers[-1][1] <= width:
                closers.pop()
            closers.append((number, width))
    return ends


def _inline(line: str, start: int) -> Iterator[Code]:
    """Yield the code between backticks of one line; it ends at a run as wide as the run that opens it."""
    runs = [run.span() for run in _TICKS.finditer(line)]
    following: list[int | None] = [None] * len(runs)
    nearest: dict[int, int] = {}
    for place in range(len(runs) - 1, -1, -1):
        width = runs[place][1] - runs[place][0]
        following[place] = nearest.get(width) if width <= _MOST_TICKS else None
        nearest[width] = place
    place = 0
    while place < len(runs):
        close = following[place]
        if close is not None and runs[close][0] - runs[place][1] <= MAX_INLINE_CHARACTERS:
            yield Code(start + runs[place][0], start + runs[close][1], fenced=False)
            place = close
        place += 1
