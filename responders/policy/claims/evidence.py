"""What a clause of a claim is compared with."""

from dataclasses import dataclass

from responders.policy.claims.clauses import Clause


@dataclass(frozen=True)
class ClaimEvidence:
    """A clause of a source, the clauses of the same sentence around it, and what may be borrowed from afar.

    `borrowed` are concepts of the beginning of earlier clauses and of titles; `facts` are the clauses of
    short texts such as "plan Team", which may fill any gap. `said` is all that the claim's sentence says,
    `context` all words of the source.
    """

    clause: Clause
    sentence: tuple[Clause, ...]
    borrowed: frozenset[str]
    facts: tuple[Clause, ...]
    said: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
