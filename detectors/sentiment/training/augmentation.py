"""Words around a message that change nothing of its mood: greetings, courtesies, names, a closing question.

Training meets each message in other dress every time, and some messages in two dresses side by side, so that
the model learns to look past the dress.
"""

from random import Random
from typing import Final

from detectors.sentiment.training.courtesies import Courtesy, courtesy

_OPENED, _ASKED, _CLOSED, _SIGNED = 0.25, 0.15, 0.25, 0.05
"""Shares of the messages that get an opening, a closing question, a closing, a signature. Chosen by hand."""

_RUN_IN: Final = 0.3
"""Share of the openings that stand inside the first sentence of the message. Chosen by hand."""

_LOWERED, _UNSTOPPED = 0.08, 0.04
"""Shares of the messages that lose their capitals, and their full stops and commas. Chosen by hand."""

_BLANKS = (" ", "\n", "\n\n")

_KINDS: Final[tuple[Courtesy, ...]] = ("opening", "question", "closing", "signature")
_KIND_WEIGHTS: Final = (4, 3, 3, 1)
"""How often `well_dressed` takes each kind. Chosen by hand: openings move moods most."""


def dressed(text: str, random: Random) -> str:
    """Return `text` with random words around it and, rarely, without capitals or full stops.

    >>> from random import Random
    >>> dressed("It failed.", Random(32))
    'Greetings - It failed'
    """
    if random.random() < _OPENED:
        text = _opened(text, random)
    if random.random() < _ASKED:
        text = _followed(text, "question", random)
    if random.random() < _CLOSED:
        text = _followed(text, "closing", random)
    elif random.random() < _SIGNED:
        text = _followed(text, "signature", random)
    chance = random.random()
    if chance < _LOWERED:
        return text.lower()
    if chance < _LOWERED + _UNSTOPPED:
        return text.replace(".", "").replace(",", "")
    return text


def well_dressed(text: str, random: Random) -> str:
    """Return `text` with at least one opening, closing question, closing or signature, as it was written.

    >>> from random import Random
    >>> well_dressed("It failed.", Random(3))
    'It failed. Should I call?'
    """
    chosen = random.choices(_KINDS, weights=_KIND_WEIGHTS, k=random.choice((1, 1, 2)))
    if "opening" in chosen:
        text = _opened(text, random)
    for kind in _KINDS[1:]:
        if kind in chosen:
            text = _followed(text, kind, random)
    return text


def _opened(text: str, random: Random) -> str:
    if random.random() < _RUN_IN:
        greeting = courtesy("greeting", random).rstrip(".!")
        return f"{greeting.removesuffix(',')}{random.choice((',', ',', ' -'))} {text}"
    return courtesy("opening", random) + random.choice(_BLANKS) + text


def _followed(text: str, kind: Courtesy, random: Random) -> str:
    return text + random.choice(_BLANKS) + courtesy(kind, random)
