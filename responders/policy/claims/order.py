"""What comes first: a claim must not turn round the order of two events of its source."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from responders.policy.claims.records import ReadClause, Token

_SOONER: Final = frozenset("before until".split())
_LATER: Final = frozenset("after".split())
_ONCE: Final = frozenset("once afterwards later".split())
_THEN: Final = frozenset("then afterwards subsequently later".split())


class TwoEvents(NamedTuple):
    """Two events in their order, each as the concepts that only it has."""

    first: frozenset[str]
    second: frozenset[str]


def order_reasons(claim: ReadClause, sources: Sequence[ReadClause]) -> Iterator[str]:
    """Yield a reason if a sentence of the sources has the same two events the other way round."""
    mine = _sequence(claim)
    if mine is None:
        return
    for source in sources:
        theirs = _sequence(source)
        if theirs is None:
            continue
        crossed = mine.first & theirs.second and mine.second & theirs.first
        if crossed and not (mine.first & theirs.first and mine.second & theirs.second):
            yield "order: the source has it the other way round"
            return


def _sequence(clause: ReadClause) -> TwoEvents | None:
    """Return the two events that "before", "after" or "then" connects; None if nothing does."""
    for place, token in enumerate(clause.tokens):
        raw = token.raw.lower()
        if raw in _THEN and place > 1:
            return _told(clause.tokens[:place], clause.tokens[place + 1 :])
        if token.kind != "marker" or not (token.key in _SOONER | _LATER or raw in _ONCE):
            continue
        inside, outside = _split(clause.tokens, place)
        return _told(outside, inside) if token.key in _SOONER else _told(inside, outside)
    return None


def _split(tokens: Sequence[Token], place: int) -> tuple[Sequence[Token], Sequence[Token]]:
    """Return the tokens that a connection governs, and the others of the sentence."""
    end = next((at for at in range(place + 1, len(tokens)) if tokens[at].raw == ","), len(tokens))
    return tokens[place + 1 : end], [*tokens[:place], *tokens[end:]]


def _told(first: Sequence[Token], second: Sequence[Token]) -> TwoEvents | None:
    early, late = _keys(first), _keys(second)
    found = TwoEvents(early - late, late - early)
    return found if found.first and found.second else None


def _keys(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.key for token in tokens if token.kind in {"word", "quantity"})
