"""Check a sentence against the passages that it cites, clause by clause."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from responders.policy.claims.clauses import clauses_of, whole_sentence
from responders.policy.claims.comparing import reasons_against
from responders.policy.claims.menus import missing_paths
from responders.policy.claims.records import ClaimEvidence, ReadClause
from responders.policy.claims.sources import SourceText, read_source
from responders.words import content_stems, sentences
from schemas.base import Record

MIN_WORD_SUPPORT: Final = 0.7
"""Share of a sentence's stems that its sources must have for the simple baseline. Chosen by hand."""

_CANDIDATES: Final = 6
"""Clauses of the sources that a clause of the claim is compared with. Chosen by hand."""

_FARTHER: Final = 1.0
"""Shared words that a clause may have fewer than the nearest and still be compared. By hand."""

_SHARED: Final = 0.45
"""Share of a clause of the claim that a clause of a source must have to support it. By hand."""

_ELLIPTIC: Final = 3
"""A clause with at most this many words takes the rest from the clauses before it: "but not for SVG"."""

_NEARLY_ALL: Final = 0.8
"""Share of a source's sentence that a claim must say to be compared with all of it at once. By hand."""

_ANSWER: Final = re.compile(r"^(?:yes|no|sure|of course)[,:]\s+", re.IGNORECASE)


class ClaimCheck(Record):
    """The result of checking one sentence: the reasons against it, none if it is supported.

    `support` is the share of its stems that its sources have, in [0, 1].
    """

    supported: bool
    support: float
    reasons: tuple[str, ...] = ()


def check_claim(sentence: str, quotes: Sequence[str]) -> ClaimCheck:
    """Compare one sentence with the passages that it cites.

    >>> check_claim("Exports expire after 7 days.", ["Exports expire after 7 days. Sign in."]).supported
    True
    >>> check_claim("Exports expire after 14 days.", ["Exports expire after 7 days."]).reasons
    ('number: 14 days',)
    """
    parts = sentences(sentence) or [sentence]
    reasons = tuple(dict.fromkeys(chain.from_iterable(_reasons(part, quotes) for part in parts)))
    held = {stem for quote in quotes for stem in content_stems(quote)}
    said = content_stems(sentence)
    support = sum(stem in held for stem in said) / len(said) if said else 1.0
    return ClaimCheck(supported=not reasons, support=support, reasons=reasons)


def _reasons(sentence: str, quotes: Sequence[str]) -> list[str]:
    sources = [read_source(quote) for quote in quotes]
    if any(" ".join(sentence.split()).rstrip(".").casefold() in source.sentences for source in sources):
        return []
    plain = _ANSWER.sub("", sentence)
    found = [f"name: {path}" for path in missing_paths(plain, quotes)]
    facts = tuple(place.clause for source in sources if source.is_fact for place in source.places)
    clauses = clauses_of(plain)
    said = frozenset().union(*(clause.said for clause in clauses))
    evidence = [
        ClaimEvidence(place.clause, place.sentence, place.borrowed, facts, said, source.words)
        for source in sources
        for place in source.places
    ]
    against = [reason for clause in clauses for reason in _clause_reasons(clause, evidence)]
    if against and _says_a_whole_sentence(clauses, sources, facts, said):
        return found
    return [*found, *against]


def _says_a_whole_sentence(
    clauses: Sequence[ReadClause],
    sources: Sequence[SourceText],
    facts: tuple[ReadClause, ...],
    said: frozenset[str],
) -> bool:
    """Tell whether the claim says nearly all of one sentence of a source and nothing against it."""
    wholes = [
        one
        for source in sources
        for one, count in source.wholes
        if sum(token.key in said for token in one.weighty) >= _NEARLY_ALL * len(one.weighty)
        and not _is_mixed(clauses, one, count)
    ]
    if not clauses or not wholes:
        return False
    claim = whole_sentence(clauses)
    return any(
        not list(reasons_against(claim, ClaimEvidence(one, (one,), frozenset(), facts, said)))
        for one in wholes
    )


def _is_mixed(clauses: Sequence[ReadClause], source: ReadClause, count: int) -> bool:
    """Tell whether a sentence of several clauses denies in one of them, or sets one against another."""
    denies = sum(clause.denials for clause in clauses) or source.denials
    return bool(denies) and (len(clauses) > 1 or count > 1)


def _clause_reasons(clause: ReadClause, evidence: Sequence[ClaimEvidence]) -> list[str]:
    if not clause.weighty:
        return []
    if clause.opener in {"not", "but"} and clause.denials:
        contrasts = [one for one in evidence if one.clause.opener in {"not", "but"} and one.clause.denials]
        evidence = [replace(one, borrowed=frozenset()) for one in contrasts] or evidence
    ranked = _nearest(clause, evidence)
    best: list[tuple[str, float]] | None = None
    for one in ranked:
        against = list(reasons_against(clause, one))
        if not against:
            return []
        if best is None or sum(weight for _, weight in against) < sum(weight for _, weight in best):
            best = against
    return [reason for reason, _ in best] if best else ["source: none says it"]


def _nearest(clause: ReadClause, evidence: Sequence[ClaimEvidence]) -> list[ClaimEvidence]:
    """Return the clauses that share most with a clause of the claim, the nearest first."""
    scored = sorted(((_nearness(clause, one), place) for place, one in enumerate(evidence)), reverse=True)
    least = max(scored[0][0] - _FARTHER, _SHARED * len(clause.weighty)) if scored else 0.0
    near = [evidence[place] for score, place in scored[:_CANDIDATES] if score >= least]
    return near or [evidence[place] for _, place in scored[:1]]


def _nearness(claim: ReadClause, one: ClaimEvidence) -> float:
    shared: float = sum(token.key in one.clause.said for token in claim.weighty)
    if shared and one.borrowed and len(one.clause.content) <= _ELLIPTIC:
        missing = {token.key for token in claim.weighty if token.key not in one.clause.said}
        shared += 0.7 * len(missing & one.borrowed)
    return shared - 0.001 * len(one.clause.tokens)
