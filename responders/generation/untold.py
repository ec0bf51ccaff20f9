"""An ask whose best passage is told already by an earlier ask, though another passage is as near to it.

A search hears the whole message, so the second question of a mail often finds the section of the first one
again. Then nothing new is left to tell, and the question would be dropped without a word.
"""

from typing import Final

from responders.generation.brief import AskBrief

NEAR: Final = 0.3
"""Nearness to an ask that a sentence of another passage must have. Chosen on three made-up companies."""

WORSE: Final = 0.3
"""Points of score by which another passage may be worse than the best one. Chosen likewise."""


def with_another(ask: AskBrief) -> AskBrief | None:
    """Return an ask with the passage first whose nearest sentence is nearest; None if the best one is.

    >>> from responders.generation.brief import Material
    >>> sign = Material(source_id="a#0", source_kind="article", title="Sign-in", body="Use the link.")
    >>> bills = Material(source_id="b#0", source_kind="article", title="Bills", body="Kept for 10 years.")
    >>> first = sign.model_copy(update={"score": 1.8, "nearness": (0.2,)})
    >>> other = bills.model_copy(update={"score": 1.6, "nearness": (0.5,)})
    >>> with_another(AskBrief(text="And old bills?", passages=(first, other))).passages[0].source_id
    'b#0'
    >>> with_another(AskBrief(text="And old bills?", passages=(other, first))) is None
    True
    """
    if not ask.passages:
        return None
    best, *others = ask.passages
    least = max(NEAR, best.nearest)
    fit = [one for one in others if one.nearest >= least and best.score - one.score <= WORSE]
    if not fit:
        return None
    own = max(fit, key=lambda one: one.nearest)
    return ask.model_copy(update={"passages": (own, *(one for one in ask.passages if one is not own))})
