"""Two things of a clause that changed places: a guest plays with a member, a member with a guest."""

from collections.abc import Sequence
from typing import Final

from responders.policy.claims.phrases import RESTRICTIVE, VERBS
from responders.policy.claims.records import ReadClause, Token

_PERSON: Final = {"we": "we", "us": "we", "you": "you"}
_PAIRS: Final = frozenset({("we", "you"), ("you", "we")})
_SUBJECTS: Final = frozenset("we you they it he she i".split())
_FRONT: Final = frozenset("of to from with for in on at than about without within as by".split())


def is_turned(claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether two things changed places. Both clauses have the same voice."""
    mine, theirs = _unfronted(claim), _unfronted(source)
    if not _is_swapped(_main(claim.tokens), _main(source.tokens)):
        return not _has_condition(claim, source) and _crosses(claim, _line(mine), _line(theirs))
    return _is_swapped(_main(mine), _main(theirs))


def _has_condition(*clauses: ReadClause) -> bool:
    """Tell whether one of the clauses begins with a condition."""
    return any(token.kind == "marker" for clause in clauses for token in clause.tokens[:2])


def _unfronted(clause: ReadClause) -> Sequence[Token]:
    """Return the tokens with a condition or a phrase in front at the end; none if its end is unclear."""
    tokens = [*clause.tokens]
    while tokens and tokens[0].kind == "stop":
        del tokens[0]
    if not tokens or not (tokens[0].kind == "marker" or tokens[0].raw.lower() in _FRONT):
        return tokens
    for place, token in enumerate(tokens):
        if token.raw == "," or (token.raw.lower() in _SUBJECTS and tokens[0].kind != "marker"):
            return [*tokens[place:], *tokens[:place]]
    return ()


def _is_swapped(mine: list[str], theirs: list[str]) -> bool:
    """Tell whether the first and last shared words changed places."""
    shared = [key for key in mine if key in theirs]
    if len(shared) < 3:
        return False
    places = [theirs.index(key) for key in shared]
    return places[0] == max(places) and places[-1] == min(places)


def _crosses(claim: ReadClause, mine: list[str], theirs: list[str]) -> bool:
    """Tell whether a word before and a word after the same word changed places."""
    acting = {token.key for token in claim.content if token.is_party} | {"we", "you"} | RESTRICTIVE
    plain = {token.key for token in claim.tokens if token.raw.lower() in VERBS}
    for pivot in {key for key in mine if mine.count(key) == 1 and theirs.count(key) == 1}:
        before, after = _around(pivot, mine)
        earlier, later = _around(pivot, theirs)
        if _persons(pivot, mine) == _persons(pivot, theirs)[::-1] in _PAIRS:
            return True
        one, other = (before & later) - after - earlier, (after & earlier) - before - later
        if one and other and ((one | other) & acting or pivot in plain):
            return True
    return False


def _line(tokens: Sequence[Token]) -> list[str]:
    """Return the concepts and the persons "we" and "you" in order; an order begins with "you"."""
    line = [_PERSON.get(token.raw.lower(), token.key if token.kind == "word" else "") for token in tokens]
    orders = bool(tokens) and tokens[0].kind == "word" and not tokens[0].is_party and "you" not in line[:2]
    return [key for key in (["you", *line] if orders else line) if key]


def _around(pivot: str, line: list[str]) -> tuple[set[str], set[str]]:
    place = line.index(pivot)
    return set(line[:place]), set(line[place + 1 :])


def _persons(pivot: str, line: list[str]) -> tuple[str, str]:
    """Return who of "we" and "you" is nearest before and after a word; "" for nobody."""
    place = line.index(pivot)
    people = set(_PERSON.values())
    before = next((key for key in reversed(line[:place]) if key in people), "")
    return before, next((key for key in line[place + 1 :] if key in people), "")


def _main(tokens: Sequence[Token]) -> list[str]:
    """Return the distinct concepts outside conditions, in order."""
    found: list[str] = []
    inside = False
    for token in tokens:
        if token.kind == "stop":
            inside = False
        elif token.kind == "marker":
            inside = True
        elif token.kind == "word" and not inside and token.key not in found:
            found.append(token.key)
    return found
