"""A draft as it is read: its text with a numbered marker after every sentence that has a source."""

from dataclasses import dataclass

from schemas.tickets import Claim, Draft


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a draft's text. `supported` is None where nothing checkable is said.

    `markers` are positions in the draft's citations, counted from 1.
    """

    text: str
    markers: tuple[int, ...] = ()
    supported: bool | None = None


def segments(draft: Draft) -> tuple[Segment, ...]:
    """Return the body cut at its claims, in order; the texts put together are the body.

    A claim that does not stand in the body word for word (after the one before it) has no segment.
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
    """Return the numbers (from 1) of the draft's citations that carry the claim."""
    wanted = set(claim.source_ids)
    return tuple(n for n, citation in enumerate(draft.citations, 1) if citation.source_id in wanted)
