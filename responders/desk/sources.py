"""A draft for reading: its text, with a numbered marker after every sentence that has a source."""

from dataclasses import dataclass

from schemas.tickets import Claim, Draft


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a draft's text. `supported` is None if the stretch has no claim to check.

    `markers` are positions in the draft's citations, counted from 1.
    """

    text: str
    markers: tuple[int, ...] = ()
    supported: bool | None = None


def segments(draft: Draft) -> tuple[Segment, ...]:
    """Return the body cut at its claims, in order; the segments' texts joined are the body.

    A claim has no segment unless its text is in the body, word for word, after the previous claim.
    """
    found: list[Segment] = []
    position = 0
    for claim in draft.claims:
        start = draft.body.find(claim.text, position) if claim.text else -1
        if start < 0:
            continue
        if start > position:
            found.append(Segment(draft.body[position:start]))
        found.append(Segment(claim.text, markers(draft, claim), claim.supported))
        position = start + len(claim.text)
    rest = draft.body[position:]
    return (*found, Segment(rest)) if rest else tuple(found)


def markers(draft: Draft, claim: Claim) -> tuple[int, ...]:
    """Return the numbers (from 1) of the draft's citations that support the claim."""
    wanted = set(claim.source_ids)
    return tuple(n for n, citation in enumerate(draft.citations, 1) if citation.source_id in wanted)
