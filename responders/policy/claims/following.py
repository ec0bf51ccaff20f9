"""What goes on about the sentence before: "Until then …", "After that …", and conditions said already."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from responders.policy.claims.records import ClaimEvidence, Limit, ReadClause, Token

_SAID_BEFORE: Final = 0.5
"""Share of the source's sentence that the last sentence of the answer must say for "after that". By hand."""

_PRONOUNS: Final = frozenset("it they he she this that these those".split())


def is_split(claim: ReadClause, found: ClaimEvidence) -> bool:
    """Tell whether a claim says the first of two joined sentences as its limit, and else only the second.

    "You keep it until the end of May" follows from "It changes at the end of May. Until then you keep it."
    """
    first, second = found.halves
    if not {token.key for token in first.quantities} <= claim.said:
        return False
    limits = [limit for limit in claim.limits if limit.kind == _connection(second)]
    return any(_is_of(first, _inside(one, claim)) and _is_of(second, _outside(one, claim)) for one in limits)


def _is_of(sentence: ReadClause, tokens: Sequence[Token]) -> bool:
    """Tell whether tokens have words or quantities, all of a sentence."""
    keys = {token.key for token in tokens if token.kind in {"word", "quantity"}}
    return bool(keys) and keys <= sentence.said


def _connection(second: ReadClause) -> str:
    """Return the class of limit that a sentence opens with; "then" and "from then" mean after."""
    opening = second.tokens[0]
    return opening.key if opening.kind == "marker" else "after"


def goes_on_about(found: ClaimEvidence) -> bool:
    """Tell whether the answer has just said what the source says before: "after that" is after it."""
    words = {token.key for clause in found.previous for token in clause.weighty}
    counted = {token.key for clause in found.previous for token in clause.quantities}
    latest = _said(found.latest)
    return bool(words) and counted <= latest and len(words & latest) >= _SAID_BEFORE * len(words)


def is_said_before(limit: Limit, claim: ReadClause, found: ClaimEvidence) -> bool:
    """Tell whether the sentence before has said a condition word for word, of what the source says it.

    The claim must go on about that sentence with a pronoun: "It can push the bill up."
    """
    opens = bool(claim.tokens) and claim.tokens[0].raw.lower() in _PRONOUNS
    if not opens or not _said(found.latest) <= _said(found.sentence):
        return False
    words = _words(limit, found.clause)
    return any(
        words == _words(one, clause) and any(token.kind == "word" for token in _outside(one, clause))
        for clause in found.latest
        for one in clause.limits
    )


def _said(clauses: Sequence[ReadClause]) -> frozenset[str]:
    return frozenset().union(*(clause.said for clause in clauses))


def _words(limit: Limit, clause: ReadClause) -> list[str]:
    return [token.raw.lower() for token in _inside(limit, clause)]


def _inside(limit: Limit, clause: ReadClause) -> list[Token]:
    """Return the tokens of a condition, up to the next stop."""
    return [*takewhile(lambda token: token.kind != "stop", clause.tokens[limit.place :])]


def _outside(limit: Limit, clause: ReadClause) -> list[Token]:
    return [*clause.tokens[: limit.place], *clause.tokens[limit.place + len(_inside(limit, clause)) :]]
