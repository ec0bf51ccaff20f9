"""Whether the account's own plan is what an "only" of a source asks for."""

from collections.abc import Sequence
from itertools import dropwhile, groupby, takewhile
from typing import Final

from responders.policy.claims.phrases import VERBS
from responders.policy.claims.records import ClaimEvidence, Limit, ReadClause, Token

_LEADING: Final = frozenset("on with for the a".split())
_JOINTS: Final = frozenset("and or ,".split())
_FOLLOWING: Final = VERBS | frozenset("you we plan".split())
"""Words after a plan's name that leave it the object of "only": "only on Team you can …"."""


def is_met(limit: Limit, found: ClaimEvidence) -> bool:
    """Tell whether an "only" asks for the plan that a fact of the account names."""
    own = {_own(clause) for clause in found.facts if clause is not found.clause}
    return any(name in own for name in _objects(found.clause.tokens, limit.place))


def _own(clause: ReadClause) -> tuple[str, ...]:
    """Return the name in a fact such as "plan Team"; a sentence about a plan is no fact."""
    words = clause.content
    is_fact = len(words) == len(clause.tokens) and words[0].raw == "plan"
    return tuple(word.key for word in words[1:]) if is_fact else ()


def _objects(tokens: Sequence[Token], place: int) -> list[tuple[str, ...]]:
    """Return the names that an "only" at a place is about: "only on Team or Works", "on Team only"."""
    after = [*dropwhile(lambda token: token.raw.lower() in _LEADING, tokens[place + 1 :])]
    if not after or after[0].kind == "stop":
        return [_name_before(tokens[:place])]
    named = [*takewhile(lambda token: token.name or token.raw in _JOINTS, after)]
    if not named or not _may_follow(named[-1], after[len(named) :]):
        return []
    runs = groupby(named, key=lambda token: token.name)
    return [tuple(token.key for token in run) for is_name, run in runs if is_name]


def _name_before(tokens: Sequence[Token]) -> tuple[str, ...]:
    last = dropwhile(lambda token: token.raw.lower() == "plan", reversed(tokens))
    return tuple(token.key for token in takewhile(lambda token: token.name, last))[::-1]


def _may_follow(last: Token, after: Sequence[Token]) -> bool:
    """Tell whether the words after a list of names leave it whole: not "only on Team and by owners"."""
    if last.raw in {"and", "or"}:
        return False
    return not after or after[0].kind in {"stop", "modal"} or after[0].raw.lower() in _FOLLOWING
