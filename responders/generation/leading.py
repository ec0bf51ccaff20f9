"""The sentence, step or row of a passage that answers an ask comes first; then what is needed to act.

Articles tell things in their own order, and a customer wants the answer in the first line.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from responders.generation.brief import Material, Unit
from responders.generation.wanted import says_wanted, wanted_in
from responders.words import content_stems, sentences
from schemas.base import Record

WORDS_WEIGHT: Final = 0.3
"""Points of nearness for a unit that has all words of an ask. Chosen on three made-up companies."""

WANTED_WEIGHT: Final = 0.1
"""Points of nearness for a unit that says what an ask wants to hear, such as a time. Chosen likewise."""

CLEARLY: Final = 0.06
"""Points by which another unit must be better than the first one to be told before it. Chosen likewise."""

BESIDE: Final = 0.12
"""Points by which a unit may be worse than the answer to be told after it.

On the tickets of three made-up companies as many asks are answered with 0.12 as with 0.3, in shorter drafts.
"""

SAME_WORDS: Final = 0.6
"""Share of the stems of a unit that a sentence must have to be that unit as the article writes it."""

_REFERS: Final = re.compile(
    r"(?:if (?:not|so)|otherwise|but|however|this|that|these|those|it|they|then|after (?:that|this)"
    r"|until then|both|also|either way|the same|such|in (?:that|this) case|there|wenn nicht|sonst|aber"
    r"|dies\w*|das|si no|pero|este|esta)\b",
    re.IGNORECASE,
)
"""The beginning of a sentence that cannot be read without the sentence before it."""


class RatedUnit(Record):
    """A unit of a passage, how well it answers an ask (higher is better), and whether it must be told."""

    unit: Unit
    score: float
    needed: bool = False


def rated(
    units: Sequence[Unit], said: str, material: Material, needed: Collection[str] = ()
) -> list[RatedUnit]:
    """Return the units of a passage with how well each answers the words `said`, in order.

    Without the nearness of the passage's sentences only words count. `needed` are texts that must be told.
    """
    wanted, asked = wanted_in(said), set(content_stems(said))
    known = [set(content_stems(one)) for one in sentences(material.body)[: len(material.nearness)]]
    found = []
    for unit in units:
        stems = set(content_stems(unit.text))
        score = _nearness(stems, known, material.nearness)
        score += WORDS_WEIGHT * len(stems & asked) / (1 + len(asked))
        score += WANTED_WEIGHT * any(says_wanted(unit.text, kind) for kind in wanted)
        must = unit.is_own or unit.layout == "item" or unit.text in needed
        found.append(RatedUnit(unit=unit, score=score, needed=must))
    return found


def _nearness(stems: set[str], known: Sequence[set[str]], nearness: Sequence[float]) -> float:
    """Return the nearness of the sentence that has the words of a unit; 0 if no sentence has them."""
    same = [
        near
        for held, near in zip(known, nearness, strict=False)
        if stems and len(stems & held) >= SAME_WORDS * len(stems)
    ]
    return max(same, default=0.0)


def answer_first(units: Sequence[RatedUnit]) -> tuple[Unit, ...]:
    """Return the units with the block of the best one first, without blocks that have little to do with it.

    A paragraph or list stays whole and in order, with the sentence that announces it and the one that it
    refers to. Another block stays if a unit of it must be told, or is at most BESIDE worse.

    >>> told = [("Logs are kept for 30 days.", 0.5), ("A run lasts 24 hours.", 0.6), ("Runs cost.", 0.2)]
    >>> units = [
    ...     RatedUnit(unit=Unit(text=text, layout="sentence", block=place), score=score)
    ...     for place, (text, score) in enumerate(told)
    ... ]
    >>> [unit.text for unit in answer_first(units)]
    ['A run lasts 24 hours.', 'Logs are kept for 30 days.']
    """
    if len(units) < 2:
        return tuple(one.unit for one in units)
    best = max(range(len(units)), key=lambda place: (units[place].score, -place))
    if units[best].score - units[0].score < CLEARLY:
        best = 0
    lead, before_all = _lead(units, best), 1 + max(one.unit.block for one in units)
    first = [
        units[place].unit.model_copy(update={"block": units[place].unit.block - before_all}) for place in lead
    ]
    return _from_zero([*first, *_beside(units, lead)])


def _lead(units: Sequence[RatedUnit], best: int) -> list[int]:
    """Return the places of the block of the best unit, and of the sentence before it if it is needed."""
    block = units[best].unit.block
    lead = [place for place, one in enumerate(units) if one.unit.block == block]
    before = units[lead[0] - 1].unit if lead[0] else None
    announces = before is not None and before.text.endswith(":") and units[lead[0]].unit.layout != "sentence"
    refers = before is not None and _REFERS.match(units[lead[0]].unit.text) is not None
    return [lead[0] - 1, *lead] if announces or refers else lead


def _beside(units: Sequence[RatedUnit], lead: Collection[int]) -> list[Unit]:
    """Return the units told after the lead, in reading order; no sentence announces a missing list."""
    least = max(one.score for one in units) - BESIDE
    blocks = {one.unit.block for one in units if one.needed or one.score >= least}
    told = [
        place
        for place, one in enumerate(units)
        if place not in lead and (one.unit.block in blocks or one.unit.text.endswith(":"))
    ]
    return [
        units[place].unit
        for place, after in zip(told, [*told[1:], len(units)], strict=False)
        if not units[place].unit.text.endswith(":") or _is_list(units[place + 1 : after + 1])
    ]


def _is_list(following: Sequence[RatedUnit]) -> bool:
    """Tell whether the next unit of a passage is told next, and is an item of a list."""
    return len(following) == 1 and following[0].unit.layout != "sentence"


def _from_zero(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Return the units with their blocks numbered from 0, in order."""
    numbers = {block: number for number, block in enumerate(dict.fromkeys(unit.block for unit in units))}
    return tuple(unit.model_copy(update={"block": numbers[unit.block]}) for unit in units)
