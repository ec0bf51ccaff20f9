"""Check a sentence against the passages that it cites, clause by clause."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, Literal

from responders.policy.claims.clauses import clauses_of, whole_sentence
from responders.policy.claims.comparing import reasons_against
from responders.policy.claims.following import is_split
from responders.policy.claims.menus import missing_paths
from responders.policy.claims.order import order_reasons
from responders.policy.claims.records import ClaimEvidence, ReadClause
from responders.policy.claims.risks import unsourced_risks
from responders.policy.claims.sources import SourceText, read_source
from responders.policy.claims.wording import is_general
from responders.words import content_stems, sentences
from schemas.base import Record

MIN_WORD_SUPPORT: Final = 0.7
"""Share of a sentence's stems that its sources must have for the simple baseline. Chosen by hand."""

_NEARLY_VERBATIM: Final = 0.8
"""Share of a sentence's stems that its sources must have so that it is only marked. By hand."""

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

_BEARABLE: Final = 1.0
"""Weight of reasons from which on a clause is not supported: one plain reason. By hand."""

_AS_NEAR: Final = 0.3
"""Shared words by which a clause may be farther than the nearest and still bear light reasons. By hand."""

_ANSWER: Final = re.compile(r"^(?:yes|no|sure|of course)[,:]\s+", re.IGNORECASE)
_NAMED: Final = re.compile(r"\b(?:the|an?|your|our|this|that|these|those)\s+(\w+)", re.IGNORECASE)
_EXAMPLE: Final = re.compile(r",?\s+(?:for example|for instance|e\.g\.),?(?=\s)", re.IGNORECASE)


ClaimSeverity = Literal["none", "marked", "blocked"]
"""What becomes of a sentence: sent, shown with a mark for a person to look at, or left out."""


class ClaimCheck(Record):
    """The result of checking one sentence: the reasons against it, none if it is supported.

    `support` is the share of its stems that its sources have, in [0, 1].
    """

    supported: bool
    support: float
    reasons: tuple[str, ...] = ()
    severity: ClaimSeverity = "none"


def check_claim(sentence: str, quotes: Sequence[str], *, asked: str = "", before: str = "") -> ClaimCheck:
    """Compare one sentence with the passages that it cites.

    `asked` are the customer's words that it answers: they are no evidence, but a sentence that says a whole
    sentence of its source and names one of them is only marked. `before` are the sentences of the answer
    before it.

    >>> check_claim("Exports expire after 7 days.", ["Exports expire after 7 days. Sign in."]).supported
    True
    >>> check_claim("Exports expire after 14 days.", ["Exports expire after 7 days."]).reasons
    ('number: 14 days',)
    """
    parts = sentences(sentence) or [sentence]
    latest = map(clauses_of, [*(sentences(before)[-1:] or [""]), *parts])
    found = (_reasons(part, quotes, told) for part, told in zip(parts, latest, strict=False))
    reasons = tuple(dict.fromkeys(chain.from_iterable(found)))
    held = {stem for quote in quotes for stem in content_stems(quote)}
    support = _share(sentence, held)
    severity = _severity(sentence, reasons, _share(sentence, held | _heard(sentence, quotes, asked)))
    return ClaimCheck(supported=not reasons, support=support, reasons=reasons, severity=severity)


def _share(sentence: str, held: set[str]) -> float:
    """Return the share of a sentence's stems that are held, 1 if it has none."""
    said = content_stems(sentence)
    return sum(stem in held for stem in said) / len(said) if said else 1.0


def _heard(sentence: str, quotes: Sequence[str], asked: str) -> set[str]:
    """Return the customer's words that a sentence names, if it also says a whole sentence of a source."""
    said = set(content_stems(sentence))
    told = [set(content_stems(one)) for quote in quotes for one in sentences(quote) if one[:1] != "#"]
    if not any(one and one <= said for one in told):
        return set()
    named = {stem for word in _NAMED.findall(sentence) for stem in content_stems(word)}
    return named & set(content_stems(asked))


def _severity(sentence: str, reasons: Sequence[str], support: float) -> ClaimSeverity:
    """Return "marked" if a sentence is nearly the text of its source and only says harmless words more.

    Changed quantities, names, conditions, denials, actions, roles and order block, and so does any unknown
    word beside a quantity, a date, a promise, a policy or a denial.
    """
    if not reasons:
        return "none"
    light = support >= _NEARLY_VERBATIM and all(reason.startswith("words: ") for reason in reasons)
    denies = any(clause.denials for clause in clauses_of(sentence))
    return "marked" if light and not denies and not unsourced_risks(sentence) else "blocked"


def _reasons(sentence: str, quotes: Sequence[str], latest: tuple[ReadClause, ...]) -> list[str]:
    sources = [read_source(quote) for quote in quotes]
    if any(" ".join(sentence.split()).rstrip(".").casefold() in source.sentences for source in sources):
        return []
    plain = _EXAMPLE.sub("", _ANSWER.sub("", sentence))
    found = [f"name: {path}" for path in missing_paths(plain, quotes)]
    facts = tuple(place.clause for source in sources if source.is_fact for place in source.places)
    clauses = clauses_of(plain)
    said = frozenset().union(*(clause.said for clause in clauses))
    evidence = [
        ClaimEvidence(
            clause=place.clause,
            sentence=place.sentence,
            borrowed=place.borrowed,
            facts=facts,
            said=said,
            context=source.words,
            topic=source.topic,
            latest=latest,
            previous=place.previous,
            halves=place.halves,
        )
        for source in sources
        for place in source.places
    ]
    against = [reason for clause in clauses for reason in _clause_reasons(clause, evidence)]
    wholes = [one for source in sources for one, _ in source.wholes]
    found += order_reasons(whole_sentence(clauses), wholes) if clauses else []
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
        _weight(reasons_against(claim, ClaimEvidence(one, (one,), frozenset(), facts, said))) < _BEARABLE
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
    nearest = _nearest(clause, [one for one in evidence if not one.halves])
    if nearest and _nearness(clause, nearest[0]) <= 0 and _says_something(clause):
        return ["source: none says it"]
    judged = [(list(reasons_against(clause, one)), one) for one in nearest]
    if _is_said(clause, judged) or _is_borne(clause, judged) or _is_said_by_two(clause, nearest, evidence):
        return []
    best = min((against for against, _ in judged), key=_weight, default=[])
    return [reason for reason, _ in best] if best else ["source: none says it"]


def _is_said_by_two(
    clause: ReadClause, nearest: Sequence[ClaimEvidence], evidence: Sequence[ClaimEvidence]
) -> bool:
    """Tell whether two sentences that go on say a clause, and share more words with it than one of them."""
    least = max((_nearness(clause, one) for one in nearest), default=0.0)
    joined = [one for one in evidence if one.halves and _nearness(clause, one) > least]
    return any(is_split(clause, one) and not list(reasons_against(clause, one)) for one in joined)


def _says_something(clause: ReadClause) -> bool:
    """Tell whether a clause denies, or has a word of its own."""
    return bool(clause.denials or any(not is_general(token) for token in clause.weighty))


def _is_said(clause: ReadClause, judged: Sequence[tuple[list[tuple[str, float]], ClaimEvidence]]) -> bool:
    """Tell whether a clause has no reason against, and no nearer clause contradicts."""
    denied = [_nearness(clause, one) for against, one in judged if _contradicts(against)]
    clear = [_nearness(clause, one) for against, one in judged if not against]
    return bool(clear) and max(clear) >= max(denied, default=0.0) - _AS_NEAR


def _is_borne(clause: ReadClause, judged: Sequence[tuple[list[tuple[str, float]], ClaimEvidence]]) -> bool:
    """Tell whether one of the nearest clauses has light reasons only, and none as near contradicts."""
    nearest = max((_nearness(clause, one) for _, one in judged), default=0.0)
    near = [against for against, one in judged if _nearness(clause, one) >= nearest - _AS_NEAR]
    light = any(_weight(against) < _BEARABLE for against in near)
    return light and not any(_contradicts(against) for against in near)


def _contradicts(against: Sequence[tuple[str, float]]) -> bool:
    """Tell whether a clause says the same words and denies them."""
    grave = [reason for reason, weight in against if weight >= _BEARABLE]
    return bool(grave) and all(reason.startswith(("negation", "opposite")) for reason in grave)


def _weight(against: Iterable[tuple[str, float]]) -> float:
    return sum(weight for _, weight in against)


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
