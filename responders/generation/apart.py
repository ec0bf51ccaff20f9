"""Asks of one message that found the same passage, though another section of its article answers one of them.

A search hears the whole message, so that "max video length?" beside "max pics per job?" finds the section
about photos as well. The ask that the section suits best keeps it; another one takes a section of the same
article whose sentences are as near to it.
"""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import AskBrief, Material
from responders.generation.tables import is_table_line

NEAR: Final = 0.3
"""Nearness to an ask that a sentence of its own section must have. Chosen on three made-up companies."""

AS_NEAR: Final = 0.05
"""By how much that sentence may be farther than the nearest one of the shared passage. Chosen likewise."""


def apart(asks: Sequence[AskBrief]) -> tuple[AskBrief, ...]:
    """Return the asks in order, each with the passage that answers it first.

    >>> photos = Material(source_id="a#0", source_kind="article", title="App", body="Up to 60 photos.")
    >>> videos = Material(source_id="a#1", source_kind="article", title="App", body="Up to 90 seconds.")
    >>> def found(one: Material, score: float, nearness: float) -> Material:
    ...     return one.model_copy(update={"score": score, "nearness": (nearness,)})
    >>> long = AskBrief(text="How long?", passages=(found(photos, 1.8, 0.46), found(videos, 1.3, 0.56)))
    >>> many = AskBrief(text="How many?", passages=(found(photos, 2.0, 0.78),))
    >>> [ask.passages[0].source_id for ask in apart([long, many])]
    ['a#1', 'a#0']
    """
    return tuple(_with_own(ask, [other for other in asks if other is not ask]) for ask in asks)


def _with_own(ask: AskBrief, others: Sequence[AskBrief]) -> AskBrief:
    if not ask.passages or _has_table(ask.passages[0]) or not _suits_another_better(ask.passages[0], others):
        return ask
    shared, *left = ask.passages
    least = max(NEAR, shared.nearest - AS_NEAR)
    own = max((one for one in left if one.source == shared.source), key=lambda one: one.nearest, default=None)
    if own is None or own.nearest < least:
        return ask
    return ask.model_copy(update={"passages": (own, *(one for one in left if one is not own))})


def _suits_another_better(shared: Material, others: Sequence[AskBrief]) -> bool:
    firsts = [other.passages[0] for other in others if other.passages]
    return any(first.source_id == shared.source_id and first.score > shared.score for first in firsts)


def _has_table(one: Material) -> bool:
    """Tell whether a passage has a table, whose rows answer although no sentence of it is near."""
    return any(is_table_line(line) for line in one.body.splitlines())
