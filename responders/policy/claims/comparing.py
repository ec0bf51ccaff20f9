"""Comparing one clause of a claim with one clause of a source: what it adds, leaves out or turns around."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from responders.policy.claims.amounts import (
    binding_reasons,
    bound_reasons,
    quantity_reasons,
    words_after_per,
)
from responders.policy.claims.limits import limit_reasons, narrowing_reasons
from responders.policy.claims.phrases import PAST, WEAK_QUANTIFIERS
from responders.policy.claims.records import ClaimEvidence, ReadClause, Token
from responders.policy.claims.roles import role_reasons
from responders.policy.claims.wording import word_reasons


def reasons_against(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield why the clause does not follow from the evidence, each with its weight; nothing if it does."""
    yield from quantity_reasons(claim, found)
    yield from binding_reasons(claim, found.clause)
    yield from word_reasons(claim, found)
    yield from _denial(claim, found)
    yield from limit_reasons(claim, found)
    yield from _modals(claim, found)
    yield from _amounts(claim, found)
    yield from narrowing_reasons(claim, found)
    yield from ((reason, 1.0) for reason in role_reasons(claim, found.clause))
    yield from bound_reasons(claim, found.clause)
    yield from _turned_around(claim, found.clause)
    if _tells_of_the_past(claim) and not found.clause.raws & PAST:
        yield "tense: the source does not say that it has happened", 1.0


def _tells_of_the_past(claim: ReadClause) -> bool:
    """Tell whether a clause reports something as done, outside of a condition or a relative clause."""
    for token in claim.tokens:
        if token.kind == "marker" or token.raw.lower() in _SUBORDINATE:
            return False
        if token.raw.lower() in PAST:
            return True
    return False


_SUBORDINATE: Final = frozenset("that who which whose where as".split())
"""Words that begin a clause about a thing, such as "a ticket that was cancelled"."""


def _turned_around(claim: ReadClause, source: ReadClause) -> Iterator[tuple[str, float]]:
    """Yield "on" for "off", and another word after "per"."""
    mine, theirs = words_after_per(claim), words_after_per(source)
    if mine and theirs and not mine & theirs:
        yield f"unit: per “{min(mine)}” instead of per “{min(theirs)}”", 1.0
    if "off" in source.raws and "on" in claim.raws and "off" not in claim.raws:
        yield "opposite: “on” instead of “off”", 1.0


def _denial(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    if "otherwise" in found.clause.raws and any(limit.kind == "if" for limit in claim.limits):
        if claim.denials == found.clause.denials:
            yield "condition: the source says it of the other case", 1.0
        return
    touched = found.clause.touched(claim.said)
    if claim.denials not in {found.clause.denials, found.clause.denials_in(touched)}:
        yield "negation: differs from the source", 1.0


def _denied_modal(clause: ReadClause) -> bool:
    """Tell whether a denial follows a modal verb: "must not", "cannot"."""
    pairs = pairwise(clause.tokens)
    return any(first.kind == "modal" and second.denies for first, second in pairs) or any(
        token.kind == "modal" and token.denies for token in clause.tokens
    )


def _modals(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    mine, theirs = claim.keys_of("modal"), found.clause.keys_of("modal")
    if _denied_modal(claim) and _denied_modal(found.clause):
        if "need" in mine and "need" not in theirs and theirs & {"can", "must"}:
            yield "duty: “need not” instead of “must not”", 1.0
        if mine & {"must", "can"} and theirs == {"need"} and "need" not in mine:
            yield "duty: “must not” instead of “need not”", 1.0
        return
    if mine == {"can"} and theirs and "can" not in theirs:
        yield "duty: “can” instead of “must”", 1.0
    binds = mine & {"must", "need"} and "can" not in mine
    if binds and theirs == {"can"} and not found.clause.has("marker", "only"):
        yield "duty: “must” instead of “can”", 1.0


_PLENTY: Final = {"several": 3, "many": 20}
"""The least number that a claim may call so. Chosen by hand."""

_MOST_BOUND: Final = 100
"""The least number that is plenty although the source says "up to" it. Chosen by hand."""


def _is_plenty(kind: str, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether a clause counts so much of a thing that a claim may call it "many" or "several"."""
    things = {_counted(claim, token) for token in claim.tokens if token.kind == "quantifier"} - {""}
    return any(
        int(token.key) >= (_MOST_BOUND if token.comparison in {"max", "under", "about"} else _PLENTY[kind])
        for token in source.quantities
        if token.key.isdigit() and _counted(source, token) in things
    )


def _counted(clause: ReadClause, token: Token) -> str:
    """Return the word directly after a number or a quantifier, or ""."""
    place = next(place for place, one in enumerate(clause.tokens) if one is token) + 1
    following = clause.tokens[place] if place < len(clause.tokens) else token
    return following.key if following.kind == "word" else ""


def _amounts(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    mine, theirs = claim.keys_of("quantifier"), found.clause.keys_of("quantifier")
    for kind in sorted(mine - theirs):
        if kind == "all" and theirs & {"each", "always"}:
            continue
        if kind in {"all", "always", "both"}:
            yield f"quantity: the source does not say “{kind}”", 1.0
        elif kind in WEAK_QUANTIFIERS and not (kind in _PLENTY and _is_plenty(kind, claim, found.clause)):
            yield f"quantity: the source does not say “{kind}”", 1.0
    for kind in sorted((theirs & WEAK_QUANTIFIERS) - mine):
        yield f"quantity: “{kind}” is left out", 1.0
