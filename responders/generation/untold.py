"""An ask whose best passage is told already by an earlier ask, though another passage is as near to it.

A search hears the whole message, so the second question of a mail often finds the section of the first one
again. Then nothing new is left to tell, and the question would be dropped without a word.
"""

from typing import Final

from responders.generation.brief import AskBrief, Material

NEAR: Final = 0.4
"""Nearness to an ask that a sentence of another passage must have.

Chosen on three made-up companies: with 0.3 a reader who did not know which is which liked 5 of 23 changed
drafts better and 17 worse, because of text that nobody asked for.
"""

WORSE: Final = 0.1
"""Points of score by which a passage of another article may be worse than the best one. Chosen likewise."""

WORSE_SECTION: Final = 0.3
"""The same for another section of the same article. Chosen likewise."""


def with_another(ask: AskBrief) -> AskBrief | None:
    """Return an ask with the passage first whose nearest sentence is nearest; None if the best one is.

    >>> sign = Material(source_id="a#0", source_kind="article", title="Sign-in", body="Use the link.")
    >>> bills = Material(source_id="b#0", source_kind="article", title="Bills", body="Kept for 10 years.")
    >>> first = sign.model_copy(update={"score": 1.8, "nearness": (0.2,)})
    >>> other = bills.model_copy(update={"score": 1.75, "nearness": (0.5,)})
    >>> with_another(AskBrief(text="And old bills?", passages=(first, other))).passages[0].source_id
    'b#0'
    >>> with_another(AskBrief(text="And old bills?", passages=(other, first))) is None
    True
    """
    if not ask.passages:
        return None
    best, *others = ask.passages
    least = max(NEAR, best.nearest)
    fit = [one for one in others if one.nearest >= least and _is_close(one, best)]
    if not fit:
        return None
    own = max(fit, key=lambda one: one.nearest)
    return ask.model_copy(update={"passages": (own, *(one for one in ask.passages if one is not own))})


def _is_close(one: Material, best: Material) -> bool:
    return best.score - one.score <= (WORSE_SECTION if one.source == best.source else WORSE)
