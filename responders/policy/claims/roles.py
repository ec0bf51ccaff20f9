"""Who does what in a clause: two parties or two things must not change places."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from responders.policy.claims.phrases import VERBS
from responders.policy.claims.records import ReadClause, Token
from responders.policy.claims.swaps import is_turned

_YOU: Final = frozenset("you".split())
_BE: Final = frozenset("is are was were be been being get gets got".split())
_PARTICIPLES: Final = frozenset(
    """sent paid kept lost held told made found bought sold lent put read left known shown done given taken
    written chosen seen hidden withdrawn broken brought set reset cut lent met thrown begun run""".split()
)
_CONVERSE: Final = frozenset("receive lose need find see".split())
"""Concepts whose subject is the person that something is done for: "you get" and "we send you"."""

_RELATIVES: Final = frozenset("that which who whose".split())
_PREPOSITIONS: Final = frozenset("of to from with for in on at than about without within as".split())


def role_reasons(claim: ReadClause, source: ReadClause) -> Iterator[str]:
    """Yield a reason if the one who acts differs, or if two things changed places."""
    mine, theirs = _actor(claim), _actor(source)
    if mine and theirs and mine != theirs and not _may_stand_for(mine, theirs, claim):
        yield f"role: “{mine}” instead of “{theirs}”"
    elif mine and mine not in {"we", "you"} and not theirs and _is_acted_on(mine, claim, source):
        yield f"role: “{mine}” does not act in the source"
    elif not mine and theirs not in {"", "we", "you"} and _is_acted_on(theirs, source, claim):
        yield f"role: “{theirs}” acts in the source"
    elif mine == "we" and theirs != "we" and "will" in claim.raws - source.raws:
        yield "promise: the source does not say that we will do it"
    elif (to := _receivers(claim)) and (others := _receivers(source)) and not to & others:
        yield f"role: “{min(to)}” instead of “{min(others)}”"
    elif (_is_passive(claim) == _is_passive(source) and is_turned(claim, source)) or (
        _last(source) in {"us", "ours"} and _last(claim) in {"you", "yours"}
    ):
        yield "role: two parts of the sentence changed places"


def _receivers(clause: ReadClause) -> set[str]:
    """Return the parties directly after "to"."""
    found: set[str] = set()
    for place, token in enumerate(clause.tokens):
        if token.raw.lower() == "to":
            found |= {_named(later) for later in clause.tokens[place + 1 : place + 3]} - {""}
    return found


def _last(clause: ReadClause) -> str:
    return next((token.raw.lower() for token in reversed(clause.tokens) if token.kind != "stop"), "")


def _is_acted_on(actor: str, active: ReadClause, other: ReadClause) -> bool:
    """Tell whether the actor of one clause is only the object of the other, with the same verbs."""
    if actor not in other.keys or any(token.key in _CONVERSE for token in active.content):
        return False
    if _is_passive(other):
        before = takewhile(lambda token: token.raw.lower() not in _BE, other.tokens)
        return any(token.key == actor and token.is_party for token in before) and not _is_passive(active)
    previous = ""
    for token in other.tokens:
        if token.key == actor:
            return previous in {"to", "from"}
        previous = (
            token.raw.lower() if token.raw.lower() not in {"the", "a", "an", "your", "our"} else previous
        )
    return False


def _may_stand_for(mine: str, theirs: str, claim: ReadClause) -> bool:
    if "you" in {mine, theirs}:
        other = theirs if mine == "you" else mine
        return other != "we" or any(token.key in _CONVERSE for token in claim.content)
    return mine == "we" and theirs in {"company", "team"}


def _actor(clause: ReadClause) -> str:
    """Return who acts: after "by" in a passive clause, before the verb in others; "" if nobody is named."""
    agent = next(iter(_after_by(clause)), "")
    if agent:
        return agent
    if _is_passive(clause):
        return ""
    if _is_order(clause):
        return "you"
    previous = ""
    inside = False
    for token in clause.tokens:
        raw = token.raw.lower()
        if token.kind == "stop":
            inside = False
        elif token.kind == "marker" and token.key != "only":
            inside = True
        elif not inside and previous not in _PREPOSITIONS and (named := _named(token)):
            if not _is_compound(clause, token):
                return named
        if token.kind != "light" or raw in _PREPOSITIONS:
            previous = raw
    return ""


def _is_order(clause: ReadClause) -> bool:
    """Tell whether a clause tells the reader what to do: "inform your landlord", "please tell the staff"."""
    main = [token for token in clause.tokens if token.raw.lower() != "please"]
    if main and main[0].kind == "marker":
        ends = [place for place, token in enumerate(main) if token.kind == "stop"]
        main = main[ends[0] + 1 :] if ends else []
    if len(main) < 3 or main[0].kind != "word" or main[0].is_party:
        return False
    return main[1].raw.lower() in {"the", "your", "a", "an", "our"} and main[2].is_party


def _is_compound(clause: ReadClause, token: Token) -> bool:
    """Tell whether a party only describes the word after it: "guest network"."""
    if not token.is_party or token.raw.lower().endswith("s"):
        return False
    place = next(place for place, one in enumerate(clause.tokens) if one is token) + 1
    following = clause.tokens[place] if place < len(clause.tokens) else None
    return following is not None and following.kind == "word" and following.raw.lower() not in VERBS


def _named(token: Token) -> str:
    raw = token.raw.lower()
    if raw in {"we", "i"}:
        return "we"
    if raw in _YOU:
        return "you"
    return token.key if token.is_party and not token.name else ""


def _after_by(clause: ReadClause) -> Iterator[str]:
    for place, token in enumerate(clause.tokens):
        if token.raw.lower() == "by":
            for later in clause.tokens[place + 1 : place + 4]:
                named = "we" if later.raw.lower() == "us" else _named(later)
                if named:
                    yield named


def _is_passive(clause: ReadClause) -> bool:
    waits = 0
    for token in clause.tokens:
        raw = token.raw.lower()
        if raw in _RELATIVES:
            return False
        if raw in _BE:
            waits = 4
        elif waits and (raw.endswith("ed") or raw in _PARTICIPLES):
            return True
        elif waits:
            waits -= 1
    return False
