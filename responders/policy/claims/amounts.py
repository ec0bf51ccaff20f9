"""Quantities: equal values, units and comparisons, and what each of them belongs to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Final

from responders.policy.claims.phrases import VERBS
from responders.policy.claims.records import ClaimEvidence, ReadClause, Token

_NEAR: Final = frozenset({("max", ""), ("about", ""), ("", "within"), ("max", "within"), ("within", "max")})


_OPENERS: Final = frozenset("for on with in at from until to by within".split())


def quantity_reasons(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield the quantities of a claim that the source does not have, with another unit or comparison too."""
    own = found.clause.quantities
    others = [
        (one, clause)
        for clause in found.sentence
        if clause is not found.clause and not (clause.opener in {"but", "not"} and clause.denials)
        for one in clause.quantities
    ]
    facts = [(one, clause) for clause in found.facts for one in clause.quantities]
    yield from _repeated(claim, [*own, *(one for one, _ in (*others, *facts))])
    for said in claim.quantities:
        if any(_equal(said, one, claim, found.clause) for one in own):
            continue
        kind = dimension(said.key)
        rivals = [one for one in own if dimension(one.key) == kind and one.key not in _keys(claim)]
        if any(_equal(said, one, claim, clause) for one, clause in facts):
            continue
        if not rivals and any(_equal(said, one, claim, clause) for one, clause in others):
            continue
        if not rivals and _is_idle(said, claim, found.clause):
            continue
        yield _quantity_reason(said, [*own, *(one for one, _ in others)]), 2.0


def _repeated(claim: ReadClause, held: Sequence[Token]) -> Iterator[tuple[str, float]]:
    """Yield a number in digits that the claim says more often than the source: "every 6 or 6 weeks"."""
    counts = Counter(one.key for one in held)
    for key, count in Counter(one.key for one in claim.quantities if one.raw[:1].isdigit()).items():
        if 0 < counts[key] < count:
            yield f"number: {key} is said {count} times", 2.0


def _is_idle(said: Token, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether "one" is only a word for a thing, or "once" the beginning of a rate: "once an hour"."""
    each = source.keys_of("quantifier") & {"each", "all"} and not claim.keys_of("quantifier")
    if said.key == "1 times":
        return len(claim.quantities) > 1
    return said.key == "1" and said.raw.lower() == "one" and not each


def _quantity_reason(said: Token, held: Sequence[Token]) -> str:
    if any(one.key == said.key for one in held):
        return f"limit: “{said.raw}” is compared otherwise in the source"
    value = said.key.partition(" ")[0]
    if not said.raw[:1].isdigit() or any(one.key.partition(" ")[0] == value for one in held):
        return f"unit: “{said.raw}” is counted otherwise in the source"
    return f"number: {said.raw}"


def _keys(clause: ReadClause) -> set[str]:
    return {one.key for one in clause.quantities}


def dimension(key: str) -> str:
    """Return what a quantity measures: "money", "time", a unit, or "" for a count."""
    unit = key.partition(" ")[2]
    if unit in {"$", "€", "£", "¥", "chf", "money"}:
        return "money"
    if unit in {"second", "day", "month", "workday", "night"}:
        return "time"
    return unit


def _equal(said: Token, held: Token, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether two quantities are equal, and compared in the same way."""
    value, _, unit = said.key.partition(" ")
    other, _, held_unit = held.key.partition(" ")
    money = {"$", "€", "£", "¥", "money"}
    same_unit = unit == held_unit or ("money" in {unit, held_unit} and {unit, held_unit} <= money)
    if value == other and not held_unit and unit in {"day", "second"}:
        return True
    if not unit and held_unit == "month" and value.isdigit() and other == str(int(value) * 12):
        return True
    if value != other or not same_unit:
        return False
    mine, theirs = (_comparison(one, two).replace("from", "") for one, two in ((said, claim), (held, source)))
    return mine == theirs or (mine, theirs) in _NEAR or (theirs == "max" and _has_time(said, claim))


def _has_time(said: Token, claim: ReadClause) -> bool:
    """Tell whether somebody has a time to do something, as in "you have 14 days"."""
    place = next(place for place, token in enumerate(claim.tokens) if token is said)
    before = claim.tokens[place - 1].raw.lower() if place else ""
    return dimension(said.key) == "time" and before in {"have", "has"}


def _comparison(token: Token, clause: ReadClause) -> str:
    if token.comparison:
        return token.comparison
    for word in clause.content:
        near = clause.part_of(word) == clause.part_of(token)
        if word.key == "minimum" and near:
            return "min"
        if word.key in {"maximum", "limit"} and near and not word.denies:
            return "max"
    return ""


def binding_reasons(claim: ReadClause, source: ReadClause) -> Iterator[tuple[str, float]]:
    """Yield quantities that the source gives for something else in the clause: "€12, a reduced one €8"."""
    if len(source.quantities) <= 1:
        return
    mine = _keys(claim)
    for said in claim.quantities:
        own = {part for token, part in source.placed if token.key == said.key}
        if not own or not dimension(said.key):
            continue
        if _is_of_another(said.key, claim, source):
            yield f"number: {said.raw} belongs to something else in the source", 1.5
            continue
        for token in claim.weighty:
            parts = {part for other, part in source.placed if other.key == token.key}
            if token.key == said.key or not parts or parts & own or _is_rate(token):
                continue
            if all(_is_taken(token.key, part, said.key, mine, source) for part in parts):
                yield f"number: {said.raw} belongs to something else in the source", 1.5
                break


def _is_rate(token: Token) -> bool:
    return token.kind == "quantity" and token.raw.lower().startswith(("per ", "each "))


def _is_of_another(key: str, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether a quantity stands in a part with a subject of its own that the claim does not name."""
    first = next(token for token, _ in source.placed if token.key == key)
    if (
        first.raw.lower().startswith(("per ", "a ", "each "))
        or not _has_own_subject(key, source)
        or 0 in {part for token, part in source.placed if token.key == key}
    ):
        return False
    before = list(takewhile(lambda token: token.key != key, _inside(key, source)))
    named = [token for token in before if token.kind == "word"]
    return bool(named) and not any(token.key in claim.said for token in named)


def _is_taken(key: str, part: int, said: str, mine: set[str], source: ReadClause) -> bool:
    """Tell whether a part of the source gives another quantity of this kind for a word."""
    inside = [token for token, other in source.placed if other == part]
    place = next(place for place, token in enumerate(inside) if token.key == key)
    for rival, token in enumerate(inside):
        if token.kind != "quantity" or token.key in mine or dimension(token.key) != dimension(said):
            continue
        if rival < place:
            if _goes_on(said, source) and not (_has_pronoun(source) and _is_last(key, inside)):
                return True
        elif _has_own_subject(said, source) and _is_subject(key, source):
            return True
    return False


def _has_own_subject(key: str, source: ReadClause) -> bool:
    """Tell whether a word with content stands before a quantity in its part."""
    inside = _inside(key, source)
    opening = next(
        (token for token in inside if token.raw.lower() not in {",", "and", "or", "a", "an", "the"}), None
    )
    return opening is not None and opening.kind == "word" and opening.raw.lower() not in _OPENERS


def _inside(key: str, source: ReadClause) -> list[Token]:
    """Return all tokens of the part with a key."""
    part = next(part for token, part in source.placed if token.key == key)
    return [token for token, other in zip(source.tokens, source.parts, strict=True) if other == part]


def _goes_on(key: str, source: ReadClause) -> bool:
    """Tell whether words follow a quantity in its part, such as "30 days on Plus"."""
    inside = _inside(key, source)
    place = next(place for place, token in enumerate(inside) if token.key == key)
    return any(token.kind == "word" for token in inside[place + 1 :])


def _has_pronoun(source: ReadClause) -> bool:
    return bool(source.raws & {"one", "ones"})


def _is_last(key: str, inside: Sequence[Token]) -> bool:
    """Tell whether a key is the last word of its part."""
    return [token.key for token in inside if token.kind == "word"][-1:] == [key]


def _is_subject(key: str, source: ReadClause) -> bool:
    """Tell whether a word stands before the verb of its clause."""
    for token in source.tokens:
        if token.raw.lower() in VERBS or token.kind == "modal":
            return False
        if token.key == key:
            return True
    return False


def bound_reasons(claim: ReadClause, source: ReadClause) -> Iterator[tuple[str, float]]:
    """Yield bounds such as "above $20" that the claim leaves out or turns around."""
    for token, part in source.placed:
        if (
            token.kind != "quantity"
            or token.comparison not in {"over", "under", "min", "from"}
            or token.key in claim.said
        ):
            continue
        if token.comparison == "from" and dimension(token.key) not in {"", "money", "nth"}:
            continue
        others = {other.key for other, place in source.placed if place == part and other != token}
        if others & claim.said:
            yield f"limit: “{token.raw}” is left out", 1.0
    stray = (claim.raws - source.raws) & {"<over>", "<under>", "<min>", "<max>"}
    if stray and not claim.quantities:
        yield "limit: compared otherwise than in the source", 1.0
    if "<max>" in claim.raws and "<min>" in source.raws and "<min>" not in claim.raws:
        yield "limit: “or less” instead of “or more”", 1.0


def words_after_per(clause: ReadClause) -> set[str]:
    """Return the words directly after "per"."""
    pairs = pairwise(clause.tokens)
    return {second.key for first, second in pairs if first.raw.lower() == "per" and second.kind == "word"}
