"""How often the section that answers an ask is found first, among all sections of a company."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from detectors.sentiment.arrays import Float64
from responders.chunks.chunk import KnowledgeChunk
from streams.evaluate.bootstrap import Resampling, sampled
from streams.evaluate.drafts import AskExample, own_forms, plain
from streams.evaluate.measured import EvaluationReport, Measured, MeasuredFigures, by_group

PLACES: Final = (1, 2, 3)
"""Places up to which a right section counts as found: a draft tells the first one, and seldom two more."""

SEED: Final = 13
"""The seed of the draws: the same results give the same intervals."""


@dataclass(frozen=True, slots=True)
class SectionFound:
    """An ask and the place of its first right section, from 1; None if the search did not return one.

    `kind` groups the figures, `ticket` numbers the messages: asks of one message are drawn together.
    """

    ask_id: str
    kind: str
    ticket: int
    place: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the result, as one line of the output file."""
        return {"id": self.ask_id, "place": self.place}


def right_sections(ask: AskExample, chunks: Sequence[KnowledgeChunk], owners: Sequence[str]) -> set[str]:
    """Return the ids of the chunks of the ask's sources that say every `must`; `owners` has their own ids.

    Empty if the ask has no `must` or no source, or if only several chunks together say everything.

    >>> chunk = {"chunk_id": "article:a#0", "source_id": "article:a", "source_kind": "article"}
    >>> told = {"title": "Exports", "body": "Kept for 7 days.", "updated_at": "2026-01-01T00:00:00Z"}
    >>> ask = AskExample(sources=["a"], must=[["7 days", "a week"]])
    >>> right_sections(ask, [KnowledgeChunk(**chunk, **told)], ["a"])
    {'article:a#0'}
    """
    if not ask.must:
        return set()
    sources = set(own_forms(ask.sources))
    held = [chunk for chunk, owner in zip(chunks, owners, strict=True) if owner in sources]
    return {chunk.chunk_id for chunk in held if _says_all(ask, chunk)}


def _says_all(ask: AskExample, chunk: KnowledgeChunk) -> bool:
    told = plain(f"{chunk.title} {chunk.heading} {chunk.body}")
    return all(any(plain(variant) in told for variant in group) for group in ask.must)


def place_of(right: set[str], ranked: Sequence[Sequence[str]]) -> int | None:
    """Return the best place of a right section, from 1, in the lists of the asks of a message.

    >>> place_of({"b"}, [["a", "b"], ["c", "d", "b"]]), place_of({"b"}, [["a"]])
    (2, None)
    """
    places = [place for found in ranked for place, one in enumerate(found, start=1) if one in right]
    return min(places, default=None)


def section_figures(found: Sequence[SectionFound]) -> dict[str, Measured]:
    """Return the share of asks with a right section among the first 1, 2 and 3, and the mean reciprocal rank.

    A section that was not found counts as 0. The intervals draw whole messages.
    """
    if not found:
        return {}
    reciprocal = np.array([0.0 if one.place is None else 1 / one.place for one in found])
    values = {f"section_at_{place}": (reciprocal >= 1 / place).astype(float) for place in PLACES}
    values["section_mrr"] = reciprocal

    def measures(weights: Float64) -> dict[str, Float64]:
        return {name: weights @ value / weights.sum(axis=1) for name, value in values.items()}

    messages = np.array([one.ticket for one in found])
    drawn = sampled(measures, len(found), Resampling(SEED, clusters=messages))
    return {name: Measured.drawn(sample, len(found)) for name, sample in drawn.items()}


def section_report(found: Sequence[SectionFound], cosine: Sequence[SectionFound]) -> EvaluationReport:
    """Return the figures of asks, by kind, beside a search by the cosine of the whole section only."""
    groups: dict[str, MeasuredFigures] = by_group(found, lambda one: one.kind, section_figures)
    return EvaluationReport(
        len(found), section_figures(found), {"cosine_only": section_figures(cosine)}, {"kind": groups}
    )
