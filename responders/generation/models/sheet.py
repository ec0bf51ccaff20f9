"""What a model is shown of a brief: masked asks, passages and facts, each with a short id."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from responders.generation.brief import Brief, Fact, Material
from responders.generation.slots import fill, slots_of

MAX_SOURCE_CHARS: Final = 4_000
"""Characters that a model is shown of one passage. Chosen by hand."""

MAX_SOURCES_CHARS: Final = 12_000
"""Characters of all passages that a model is shown, about 3,000 tokens. Chosen by hand."""

Mask = Callable[[str], str]
"""Hides personal values in a text."""


@dataclass(frozen=True, slots=True)
class ShownAsk:
    """One ask by its place in the brief, in masked words."""

    place: int
    text: str
    context: str


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A passage or a fact under a short id. `filled` are the facts whose values fill slots of the text."""

    short_id: str
    source_id: str
    title: str
    text: str
    filled: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The asks that a model answers, and everything that it may answer from."""

    asks: tuple[ShownAsk, ...]
    sources: tuple[ShownSource, ...]
    facts: tuple[ShownSource, ...]
    tone: str
    language: str

    def only(self, places: frozenset[int]) -> "Sheet":
        """Return the sheet with the asks at `places` alone."""
        return replace(self, asks=tuple(ask for ask in self.asks if ask.place in places))

    @property
    def given(self) -> dict[str, ShownSource]:
        """Return passages and facts by their short ids."""
        return {one.short_id: one for one in (*self.sources, *self.facts)}


def sheet_of(brief: Brief, mask: Mask) -> Sheet:
    """Return what a model is shown of a brief; `mask` hides personal values in every text.

    Asks without a passage are left out: they stay open. Passages are taken in turn, the best of each ask
    first, until MAX_SOURCES_CHARS. A public reply has no fact of the account.
    """
    asks = tuple(
        ShownAsk(place, mask(ask.text), mask(ask.context))
        for place, ask in enumerate(brief.asks)
        if ask.passages
    )
    facts = () if brief.public else brief.facts
    sources = tuple(
        _shown_passage(f"S{number}", material, facts, mask)
        for number, material in enumerate(_within_limit(brief), 1)
    )
    shown = tuple(
        ShownSource(f"F{number}", fact.source_id, fact.name.replace("_", " "), mask(fact.quote))
        for number, fact in enumerate(facts, 1)
    )
    return Sheet(asks, sources, shown, brief.tone, brief.language)


def _shown_passage(short_id: str, material: Material, facts: tuple[Fact, ...], mask: Mask) -> ShownSource:
    values = {fact.name: fact for fact in facts}
    slots = dict.fromkeys(slots_of(material.body))
    body = fill(material.body, {name: fact.value for name, fact in values.items()})
    heading = f"{material.title}: {material.heading}" if material.heading else material.title
    return ShownSource(
        short_id,
        material.source_id,
        mask(heading),
        mask(body)[:MAX_SOURCE_CHARS],
        tuple(values[slot] for slot in slots if slot in values),
    )


def _within_limit(brief: Brief) -> Iterator[Material]:
    left = MAX_SOURCES_CHARS
    for material in _in_turn(brief):
        size = min(len(material.body), MAX_SOURCE_CHARS)
        if size <= left:
            left -= size
            yield material


def _in_turn(brief: Brief) -> list[Material]:
    deepest = max((len(ask.passages) for ask in brief.asks), default=0)
    turns = [ask.passages[rank] for rank in range(deepest) for ask in brief.asks if rank < len(ask.passages)]
    return list({material.source_id: material for material in turns}.values())
