"""The part of a passage that answers an ask: whole steps, and the paragraphs and items that belong to it."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from responders.generation.brief import Unit
from responders.generation.wanted import says_wanted, wanted_in
from responders.words import content_stems

MAX_ANSWER_CHARS: Final = 900
MAX_ANSWER_UNITS: Final = 10
"""Characters, and sentences and items, of an answer. A longer passage is cut to its best blocks."""

MAX_BULLETS: Final = 4
"""A longer list without numbers is cut to the items that share words with the query."""

WHOLE_CHARS: Final = 160
"""Characters of a passage that is told whole, because there is little to leave out. Chosen by hand."""

STRONG: Final = 2
"""Words that a block must share with an ask, or a thing that it wants to hear, so that others are left out.

Chosen by hand: one common word is often chance.
"""

_GOES_ON: Final = re.compile(
    r"(?:if|otherwise|but|however|this|that|these|those|it|they|then|after (?:that|this)|until then"
    r"|only|without"
    r"|except|unless|also|both|the same|such|wenn|sonst|aber|dies\w*|das|si|pero|este|esta)\b",
    re.IGNORECASE,
)
"""The beginning of a paragraph that belongs to the paragraph before it."""


def best_units(
    units: Sequence[Unit], query: str, most: int = MAX_ANSWER_CHARS, *, is_whole: bool = False
) -> tuple[Unit, ...]:
    """Return the units that answer `query`, in reading order, within `most` characters and MAX_ANSWER_UNITS.

    A passage keeps the blocks that share words with the query or say what it wants to hear, such as a time,
    with the paragraphs that belong to them; if no block does, it stays whole. Each block stays whole, and a
    list together with the block that introduces it. A passage that is too long keeps its best blocks. With
    `is_whole`, as for a macro that is a reply by itself, only a passage that is too long is cut.
    """
    wanted = set(content_stems(query))
    kept = _without_unrelated_bullets(units, wanted)
    if not is_whole and sum(len(unit.text) for unit in kept) > WHOLE_CHARS:
        kept = _related(kept, wanted, query)
    if _fits(kept, most):
        return tuple(kept)
    blocks = sorted({unit.block for unit in kept})
    by_block = {block: [unit for unit in kept if unit.block == block] for block in blocks}
    ranked = sorted(blocks, key=lambda block: (-_hits(by_block[block], wanted), block))
    chosen: list[int] = []
    for block in ranked:
        group = _with_lead(block, blocks, by_block)
        together = [unit for unit in kept if unit.block in {*chosen, *group}]
        if _fits(together, most):
            chosen = sorted({*chosen, *group})
    found = [unit for unit in kept if unit.block in chosen]
    return tuple(found) if found else _cut(by_block[ranked[0]], most)


def _related(units: Sequence[Unit], wanted: set[str], query: str) -> list[Unit]:
    """Return the units without the blocks that have nothing to do with a query, if others have."""
    blocks = sorted({unit.block for unit in units})
    by_block = {block: [unit for unit in units if unit.block == block] for block in blocks}
    texts = {block: " ".join(unit.text for unit in by_block[block]) for block in blocks}
    stems = {block: set(content_stems(texts[block])) for block in blocks}
    common = Counter(stem for block in blocks for stem in stems[block])
    # A word of every block names the topic of the passage: it tells no block from another.
    telling = {stem for stem in wanted if 0 < common[stem] < max(2, len(blocks))}
    kinds = wanted_in(query)
    strength = {
        block: len(stems[block] & telling) + 2 * sum(says_wanted(texts[block], kind) for kind in kinds)
        for block in blocks
    }
    if max(strength.values(), default=0) < STRONG:
        return list(units)
    chosen: set[int] = set()
    for place, block in enumerate(blocks):
        follows = place > 0 and blocks[place - 1] in chosen and _GOES_ON.match(texts[block]) is not None
        if strength[block] or follows or any(unit.is_named or unit.is_own for unit in by_block[block]):
            chosen |= {block, *_with_lead(block, blocks, by_block)}
    return [unit for unit in units if unit.block in chosen]


def _without_unrelated_bullets(units: Sequence[Unit], wanted: set[str]) -> list[Unit]:
    """Return the units; of a long list with dashes only the items that share most words with the query."""
    bullets = [unit for unit in units if unit.layout == "bullet" and not unit.is_row]
    if len(bullets) <= MAX_BULLETS:
        return list(units)
    hits = {unit.text: len(wanted & set(content_stems(unit.text))) for unit in bullets}
    enough = max(hits.values()) / 2
    return [
        unit for unit in units if unit.text not in hits or hits[unit.text] >= max(enough, 0.5) or not enough
    ]


def _fits(units: Sequence[Unit], most: int) -> bool:
    return len(units) <= MAX_ANSWER_UNITS and sum(len(unit.text) for unit in units) <= most


def _hits(units: Sequence[Unit], wanted: set[str]) -> float:
    held = set(content_stems(" ".join(unit.text for unit in units)))
    steps = any(unit.layout != "sentence" for unit in units)
    return len(held & wanted) / (1 + len(wanted)) + (0.25 if steps else 0.0)


def _with_lead(block: int, blocks: Sequence[int], by_block: dict[int, list[Unit]]) -> list[int]:
    place = blocks.index(block)
    lead = (
        place > 0
        and by_block[block][0].layout != "sentence"
        and by_block[blocks[place - 1]][-1].text.endswith(":")
    )
    return [blocks[place - 1], block] if lead else [block]


def _cut(units: Sequence[Unit], most: int) -> tuple[Unit, ...]:
    kept: list[Unit] = []
    for unit in units:
        if kept and not _fits([*kept, unit], most):
            break
        kept.append(unit)
    return tuple(kept)
