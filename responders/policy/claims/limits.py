"""Conditions, limits and exceptions: what a claim leaves out, adds or turns around."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from responders.policy.claims.following import goes_on_about, is_said_before
from responders.policy.claims.own_plan import is_met
from responders.policy.claims.phrases import RESTRICTIVE, VERBS, WEAKENING
from responders.policy.claims.reading import CODE
from responders.policy.claims.records import ClaimEvidence, Limit, ReadClause, Token

_SHARE_OF_LIMIT: Final = 0.5
"""Share of the concepts of a condition that a claim must name to have kept it. Chosen by hand."""


_KEPT: Final = frozenset(
    "if unless only until before after while except without with even within minus".split()
)
"""Classes of limits that a claim may not leave out."""


_CONTRARY: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("before", "after"),
        ("until", "after"),
        ("with", "without"),
        ("if", "unless"),
        ("while", "after"),
        ("while", "before"),
        ("if", "before"),
    )
)


_NEAR_KINDS: Final = {
    "before": frozenset({"before", "until", "while"}),
    "after": frozenset({"after", "if", "within"}),
    "until": frozenset({"until", "before", "while"}),
}
"""Connections that a rewording may use for another."""


_IMPLIED: Final = {
    "before": frozenset("ahead earlier beforehand advance by first then prior".split()),
    "until": frozenset("to through by".split()),
    "after": frozenset("later once from following afterwards then first subsequently".split()),
}
"""Words that say the same as a connection of time."""


_STRONG: Final = frozenset("if unless only even".split())
"""Classes of limits that bind the whole clause."""


def limit_reasons(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield conditions that the claim leaves out, adds or connects otherwise."""
    mine = {limit.kind for limit in claim.limits}
    theirs = {limit.kind for limit in found.clause.limits}
    for limit in found.clause.limits:
        if limit.kind == "only":
            if "only" not in mine and not limit.guards and not is_met(limit, found):
                yield "condition: “only” is left out", 1.0
        elif _is_left_out(limit, claim, found):
            yield f"condition: “{limit.kind} …” is left out", 1.0
    for kind in sorted(mine - theirs):
        if kind in {"only", "even"}:
            if not _is_emphasis(kind, claim, found.clause):
                yield f"condition: the source does not say “{kind}”", 1.0
    for limit in claim.limits:
        yield from _turned(limit, found)


def _is_emphasis(kind: str, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether "only" or "even" stresses what the source says: a quantity, a duty, the same case."""
    if kind == "only":
        return "1 times" in source.said or _is_bound(source) or _stresses_quantity(claim, source)
    places = {limit.place + 1 for limit in claim.limits if limit.kind == "even"}
    told = [limit for limit in claim.limits if limit.place in places]
    return bool(told) and all(any(one.governed & other.governed for other in source.limits) for one in told)


def _stresses_quantity(claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether each "only" stands beside a quantity that the source has, and does not call the least."""
    exact = {token.key for token in source.quantities if token.comparison not in {"min", "over", "from"}}
    tokens = [token for token in claim.tokens if token.kind != "light"]
    places = [place for place, token in enumerate(tokens) if token.kind == "marker" and token.key == "only"]
    beside = [{token.key for token in tokens[max(0, place - 2) : place + 2]} for place in places]
    return bool(places) and all(near & exact for near in beside)


def _turned(limit: Limit, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield a reason if the source has the same condition with another or the opposite connection."""
    source = found.clause
    near = [other for other in source.limits if limit.governed & other.governed]
    if any(limit.actor and other.actor and limit.actor != other.actor for other in near):
        yield f"role: “{limit.actor}” in the condition", 1.0
    kinds = {other.kind for other in near}
    if limit.parallel and limit.kind == "after" and limit.place == 0 and goes_on_about(found):
        return
    if not limit.governed and limit.kind in _NEAR_KINDS:
        if limit.kind not in {other.kind for other in source.limits}:
            yield f"condition: the source does not say “{limit.kind}”", 1.0
        return
    if not kinds:
        kinds = {other.kind for other in source.limits} | _implied(source)
        if limit.kind in _NEAR_KINDS and not kinds & _NEAR_KINDS[limit.kind]:
            yield f"condition: the source does not say “{limit.kind}”", 1.0
        return
    contrary = [kind for kind in sorted(kinds) if frozenset((limit.kind, kind)) in _CONTRARY]
    if contrary and limit.kind not in kinds:
        yield f"condition: “{limit.kind}” instead of “{contrary[0]}”", 1.0


def _implied(source: ReadClause) -> set[str]:
    return {kind for kind, told in _IMPLIED.items() if source.raws & told}


def _is_bound(clause: ReadClause) -> bool:
    return bool(clause.keys_of("modal") & {"need", "must"})


def _is_left_out(limit: Limit, claim: ReadClause, found: ClaimEvidence) -> bool:
    """Tell whether a claim drops a condition that belongs to what it says.

    A limit of time or place binds only the part of the clause that it stands in.
    """
    is_light = limit.kind not in _KEPT or not limit.governed or limit.parallel
    if is_light or _names_a_code(limit, found) or is_said_before(limit, claim, found):
        return False
    said = found.said
    kept = sum(_is_said(key, said) for key in limit.governed) / len(limit.governed)
    if kept >= _SHARE_OF_LIMIT:
        return False
    if all(key[:1].isdigit() for key in limit.governed) and any(
        own.kind == limit.kind for own in claim.limits
    ):
        return False
    if limit.kind in _STRONG:
        return True
    if _speaks_of_another_part(limit, claim, found.clause):
        return False
    fronted = limit.place <= 1
    own = [
        token
        for place, (token, part) in enumerate(zip(found.clause.tokens, found.clause.parts, strict=True))
        if part == limit.part
        and token.kind in {"word", "quantity"}
        and token.key not in limit.governed
        and (fronted or place < limit.place)
    ]
    if limit.kind == "minus":
        own = own[-2:]
    return (not own and limit.kind != "minus") or any(token.key in claim.said for token in own)


def _names_a_code(limit: Limit, found: ClaimEvidence) -> bool:
    """Tell whether a "with" only names the code of an error that is explained: "with HY-140: overdue"."""
    return limit.kind == "with" and any(_explains(found, key) for key in limit.governed)


def _explains(found: ClaimEvidence, key: str) -> bool:
    """Tell whether a clause ends with "with" and a code such as HY-140, and another clause explains it."""
    if len(found.clause.tokens) < 2 or found.clause not in found.sentence[:-1]:
        return False
    if found.sentence[found.sentence.index(found.clause) + 1].raws & VERBS:
        return False
    joint, last = found.clause.tokens[-2:]
    return joint.raw.lower() == "with" and last.key == key and CODE.match(last.raw) is not None


def _speaks_of_another_part(limit: Limit, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether the claim takes its quantity from another part than the limit's, which has its own."""
    mine = {part for token, part in source.placed if token.kind == "quantity" and token.key in claim.said}
    here = any(token.kind == "quantity" and part == limit.part for token, part in source.placed)
    return bool(mine) and here and limit.part not in mine


def _is_said(key: str, said: frozenset[str]) -> bool:
    return key in said or (key.isdigit() and any(one.partition(" ")[0] == key for one in said))


def narrowing_reasons(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield narrowing words, plans, exceptions and cautious verbs that the claim leaves out."""
    for token, following in pairwise(found.clause.tokens):
        if _narrows(token, following, found.clause) and following.key in claim.keys - {token.key}:
            if token.key not in claim.keys:
                yield f"condition: “{token.raw.lower()}” is left out", 1.0
    for name in _places_left_out(claim, found):
        yield f"condition: “{name}” is left out", 1.0
    yield from _exceptions(claim, found)
    for verb in sorted((found.clause.keys - claim.keys) & WEAKENING):
        yield f"condition: “{verb}” is left out", 0.5


def _narrows(token: Token, following: Token, source: ReadClause) -> bool:
    """Tell whether a word narrows the noun after it; not if the noun comes twice, once without it."""
    if token.kind != "word" or following.kind != "word":
        return False
    if sum(one.key == following.key for one in source.tokens) > 1:
        return False
    of_party = following.is_party and not token.is_party and not following.name
    return of_party or token.raw.lower() in RESTRICTIVE or token.key in RESTRICTIVE


def _places_left_out(claim: ReadClause, found: ClaimEvidence) -> Iterator[str]:
    """Yield the plans and products that bind a part of the source, as in "on Premium", and are left out."""
    tokens = [token for token in found.clause.tokens if token.raw.lower() not in {"the", "a"}]
    for token, following in pairwise(tokens):
        if (
            token.raw.lower() not in {"on", "with", "for"}
            or not following.name
            or following.key in found.said
            or _explains(found, following.key)
        ):
            continue
        part = found.clause.part_of(following)
        here = {one.key for one, place in found.clause.placed if place == part and one.key != following.key}
        there = {one.key for one, place in found.clause.placed if place != part}
        if (here - there) & claim.said and not any(one.name for one in claim.content):
            yield following.raw


def _exceptions(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield the "but" after this clause if it takes something back and the claim is silent on it."""
    place = found.sentence.index(found.clause) + 1 if found.clause in found.sentence else len(found.sentence)
    for later in found.sentence[place : place + 1]:
        second = later.tokens[1] if len(later.tokens) > 1 else later.tokens[0]
        takes_back = second.raw.lower() in {"not", "must", "only", "never", "no"}
        guarded = later.has("marker", "only") and later.opener == "and"
        if (
            ((later.opener == "but" and takes_back) or guarded)
            and later.said
            and len(later.said & found.said) < len(later.said) / 2
        ):
            yield "exception: “but …” is left out", 1.0
