"""Comparing one clause of a claim with one clause of a source: what it adds, leaves out or turns around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from responders.policy.claims.clauses import VERBS, Clause, Limit
from responders.policy.claims.phrases import FAINT_WORDS, OPPOSITES, RESTRICTIVE, WEAK_QUANTIFIERS
from responders.policy.claims.reading import Token
from responders.policy.claims.roles import role_reasons
from responders.policy.claims.synonyms import concept
from responders.words import stem

_SHARE_OF_LIMIT: Final = 0.5
"""Share of the concepts of a condition that a claim must name to have kept it. Chosen by hand."""

_KEPT: Final = frozenset("if unless only until before after while except without with even within minus".split())
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


@dataclass(frozen=True)
class Evidence:
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


def reasons_against(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    """Yield why the clause does not follow from the evidence, each with its weight; nothing if it does."""
    yield from _quantities(claim, found)
    yield from _bindings(claim, found.clause)
    yield from _words(claim, found)
    yield from _denial(claim, found)
    yield from _limits(claim, found)
    yield from _modals(claim, found)
    yield from _amounts(claim, found)
    yield from _narrowing(claim, found)
    yield from ((reason, 1.0) for reason in role_reasons(claim, found.clause))
    yield from _bounds(claim, found.clause)
    if claim.is_past and not found.clause.is_past:
        yield "tense: the source does not say that it has happened", 1.0


def _quantities(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    own = found.clause.quantities
    others = [
        (one, clause)
        for clause in found.sentence
        if clause is not found.clause and not (clause.opener in {"but", "not"} and clause.denials)
        for one in clause.quantities
    ]
    facts = [one for clause in found.facts for one in clause.quantities]
    for said in claim.quantities:
        if any(_equal(said, one, claim, found.clause) for one in own):
            continue
        kind = _dimension(said.key)
        rivals = [one for one in own if _dimension(one.key) == kind and one.key not in _keys(claim)]
        if any(said.key == one.key for one in facts):
            continue
        if not rivals and any(_equal(said, one, claim, clause) for one, clause in others):
            continue
        yield _quantity_reason(said, [*own, *(one for one, _ in others)]), 2.0


def _quantity_reason(said: Token, held: Sequence[Token]) -> str:
    if any(one.key == said.key for one in held):
        return f"limit: “{said.raw}” is compared otherwise in the source"
    value = said.key.partition(" ")[0]
    if any(one.key.partition(" ")[0] == value for one in held):
        return f"unit: “{said.raw}” has another unit in the source"
    return f"number: {said.raw}"


def _keys(clause: Clause) -> set[str]:
    return {one.key for one in clause.quantities}


def _dimension(key: str) -> str:
    unit = key.partition(" ")[2]
    if unit in {"$", "€", "£", "¥", "chf", "money"}:
        return "money"
    if unit in {"second", "day", "month", "workday", "night"}:
        return "time"
    return unit


def _equal(said: Token, held: Token, claim: Clause, source: Clause) -> bool:
    """Tell whether two quantities are equal, and compared in the same way."""
    value, _, unit = said.key.partition(" ")
    other, _, held_unit = held.key.partition(" ")
    money = {"$", "€", "£", "¥", "money"}
    same_unit = unit == held_unit or ("money" in {unit, held_unit} and {unit, held_unit} <= money)
    if value == other and not held_unit and unit in {"day", "second"}:
        return True
    if value != other or not same_unit:
        return False
    mine, theirs = (_comparison(one, two).replace("from", "") for one, two in ((said, claim), (held, source)))
    return mine == theirs or (mine, theirs) in _NEAR


_NEAR: Final = frozenset({("max", ""), ("about", ""), ("", "within"), ("max", "within"), ("within", "max")})


def _comparison(token: Token, clause: Clause) -> str:
    if token.comparison:
        return token.comparison
    for word in clause.content:
        near = clause.part_of(word) == clause.part_of(token)
        if word.key == "minimum" and near:
            return "min"
        if word.key in {"maximum", "limit"} and near and not word.denies:
            return "max"
    return ""


def _bindings(claim: Clause, source: Clause) -> Iterator[tuple[str, float]]:
    """Yield quantities that the source gives for something else in the same clause: "€12, a reduced one €8"."""
    if len(source.quantities) <= 1:
        return
    mine = _keys(claim)
    for said in claim.quantities:
        own = {part for token, part in source.placed if token.key == said.key}
        if not own or not _dimension(said.key):
            continue
        if _is_of_another(said.key, claim, source):
            yield f"number: {said.raw} belongs to something else in the source", 1.5
            continue
        for token in claim.weighty:
            parts = {part for other, part in source.placed if other.key == token.key}
            if token.key == said.key or not parts or parts & own:
                continue
            if all(_is_taken(token.key, part, said.key, mine, source) for part in parts):
                yield f"number: {said.raw} belongs to something else in the source", 1.5
                break


def _is_of_another(key: str, claim: Clause, source: Clause) -> bool:
    """Tell whether a quantity stands in a part with a subject of its own that the claim does not name."""
    first = next(token for token, _ in source.placed if token.key == key)
    if first.raw.lower().startswith(("per ", "a ", "each ")) or not _has_own_subject(key, source) or 0 in {part for token, part in source.placed if token.key == key}:
        return False
    before = list(takewhile(lambda token: token.key != key, _inside(key, source)))
    named = [token for token in before if token.kind == "word"]
    return bool(named) and not any(token.key in claim.said for token in named)


def _is_taken(key: str, part: int, said: str, mine: set[str], source: Clause) -> bool:
    """Tell whether a part of the source gives another quantity of this kind for a word."""
    inside = [token for token, other in source.placed if other == part]
    place = next(place for place, token in enumerate(inside) if token.key == key)
    for rival, token in enumerate(inside):
        if token.kind != "quantity" or token.key in mine or _dimension(token.key) != _dimension(said):
            continue
        if rival < place:
            if _goes_on(said, source) and not (_has_pronoun(source) and token_is_last(key, inside)):
                return True
        elif _has_own_subject(said, source) and _is_subject(key, source):
            return True
    return False


def _has_own_subject(key: str, source: Clause) -> bool:
    """Tell whether a word with content stands before a quantity in its part."""
    inside = _inside(key, source)
    opening = next((token for token in inside if token.raw.lower() not in {",", "and", "or", "a", "an", "the"}), None)
    return opening is not None and opening.kind == "word" and opening.raw.lower() not in _OPENERS


_OPENERS: Final = frozenset("for on with in at from until to by within".split())


def _inside(key: str, source: Clause) -> list[Token]:
    """Return all tokens of the part with a key."""
    part = next(part for token, part in source.placed if token.key == key)
    return [token for token, other in zip(source.tokens, source.parts, strict=True) if other == part]


def _goes_on(key: str, source: Clause) -> bool:
    """Tell whether words follow a quantity in its part, such as "30 days on Plus"."""
    inside = _inside(key, source)
    place = next(place for place, token in enumerate(inside) if token.key == key)
    return any(token.kind == "word" for token in inside[place + 1 :])


def _has_pronoun(source: Clause) -> bool:
    return bool(source.raws & {"one", "ones"})


def token_is_last(key: str, inside: Sequence[Token]) -> bool:
    """Tell whether a key is the last word of its part."""
    return [token.key for token in inside if token.kind == "word"][-1:] == [key]


def _is_subject(key: str, source: Clause) -> bool:
    """Tell whether a word stands before the verb of its clause."""
    for token in source.tokens:
        if token.raw.lower() in VERBS or token.kind == "modal":
            return False
        if token.key == key:
            return True
    return False


def _words(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    held = found.clause.keys
    near = frozenset().union(*(clause.keys for clause in found.facts)) | found.borrowed
    for token in claim.content:
        keys = {token.key} if token.name else {token.key, stem(token.raw.lower())}
        if keys & held:
            continue
        if token.name or token.is_party:
            if not keys & near or _has_rival(token, claim, found.clause):
                yield _word_reason(token, held), 1.5
            continue
        if keys & near or token.key in FAINT_WORDS or _is_measure(token, claim):
            continue
        yield _word_reason(token, held), 1.0


def _is_measure(token: Token, claim: Clause) -> bool:
    """Tell whether a word only leads to a quantity: "costs $5", "250 MB large"."""
    kinds = {_dimension(one.key) for one in claim.quantities}
    if token.key == "cost":
        return "money" in kinds
    return bool(kinds) and token.raw.lower() in {"large", "long", "high", "old", "big", "period"}


def _word_reason(token: Token, held: frozenset[str]) -> str:
    if token.name:
        return f"name: {token.raw}"
    word = token.raw.lower()
    for group in OPPOSITES:
        if word in group or concept(word)[0] in group:
            for other in sorted(group):
                if concept(other)[0] in held and concept(other) != concept(word):
                    return f"opposite: the source does not say “{word}” but “{other}”"
    return f"words: the source does not say “{word}”"


def _has_rival(token: Token, claim: Clause, source: Clause) -> bool:
    """Tell whether the source's clause has another name or party in this place."""
    mine = {one.key for one in claim.content}
    return any(
        (one.name or one.is_party) and one.key not in mine and one.is_party == token.is_party
        for one in source.content
    )


def _denial(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    if "otherwise" in found.clause.raws and any(limit.kind == "if" for limit in claim.limits):
        if claim.denials == found.clause.denials:
            yield "condition: the source says it of the other case", 1.0
        return
    touched = found.clause.touched(claim.said)
    if claim.denials not in {found.clause.denials, found.clause.denials_in(touched)}:
        yield "negation: differs from the source", 1.0


def _limits(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    mine = {limit.kind for limit in claim.limits}
    theirs = {limit.kind for limit in found.clause.limits}
    for limit in found.clause.limits:
        if limit.kind == "only":
            if "only" not in mine and not limit.guards:
                yield "condition: “only” is left out", 1.0
        elif _is_left_out(limit, claim, found):
            yield f"condition: “{limit.kind} …” is left out", 1.0
    for kind in sorted(mine - theirs):
        if kind in {"only", "even"}:
            if not (kind == "only" and ("1 times" in found.clause.said or _is_bound(found.clause))):
                yield f"condition: the source does not say “{kind}”", 1.0
    for limit in claim.limits:
        yield from _turned(limit, found.clause)


def _turned(limit: Limit, source: Clause) -> Iterator[tuple[str, float]]:
    """Yield a reason if the source has the same condition with another or the opposite connection."""
    near = [other for other in source.limits if limit.governed & other.governed]
    if any(limit.actor and other.actor and limit.actor != other.actor for other in near):
        yield f"role: “{limit.actor}” in the condition", 1.0
    kinds = {other.kind for other in near}
    if not limit.governed and limit.kind in _NEAR_KINDS:
        if limit.kind not in {other.kind for other in source.limits}:
            yield f"condition: the source does not say “{limit.kind}”", 1.0
        return
    if not kinds:
        kinds = {other.kind for other in source.limits}
        if limit.kind in _NEAR_KINDS and not kinds & _NEAR_KINDS[limit.kind] and not source.raws & _TIME_WORDS:
            yield f"condition: the source does not say “{limit.kind}”", 1.0
        return
    contrary = [kind for kind in sorted(kinds) if frozenset((limit.kind, kind)) in _CONTRARY]
    if contrary and limit.kind not in kinds:
        yield f"condition: “{limit.kind}” instead of “{contrary[0]}”", 1.0


_NEAR_KINDS: Final = {
    "before": frozenset({"before", "until", "while"}),
    "after": frozenset({"after", "if", "within"}),
    "until": frozenset({"until", "before", "while"}),
}
"""Connections that a rewording may use for another."""

_TIME_WORDS: Final = frozenset("ahead later earlier from once following afterwards by".split())


def _is_bound(clause: Clause) -> bool:
    return bool(clause.keys_of("modal") & {"need", "must"})


def _is_left_out(limit: Limit, claim: Clause, found: Evidence) -> bool:
    """Tell whether a claim drops a condition that belongs to what it says.

    A limit of time or place binds only the part of the clause that it stands in.
    """
    if limit.kind not in _KEPT or not limit.governed or limit.parallel:
        return False
    said = found.said
    kept = sum(_is_said(key, said) for key in limit.governed) / len(limit.governed)
    if kept >= _SHARE_OF_LIMIT:
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


def _speaks_of_another_part(limit: Limit, claim: Clause, source: Clause) -> bool:
    """Tell whether the claim takes its quantity from another part than the limit's, which has its own."""
    mine = {part for token, part in source.placed if token.kind == "quantity" and token.key in claim.said}
    here = any(token.kind == "quantity" and part == limit.part for token, part in source.placed)
    return bool(mine) and here and limit.part not in mine


def _is_said(key: str, said: frozenset[str]) -> bool:
    return key in said or (key.isdigit() and any(one.partition(" ")[0] == key for one in said))


_STRONG: Final = frozenset("if unless only even".split())
"""Classes of limits that bind the whole clause."""


def _denied_modal(clause: Clause) -> bool:
    """Tell whether a denial follows a modal verb: "must not", "cannot"."""
    pairs = zip(clause.tokens, clause.tokens[1:], strict=False)
    return any(first.kind == "modal" and second.denies for first, second in pairs) or any(
        token.kind == "modal" and token.denies for token in clause.tokens
    )


def _modals(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    mine, theirs = claim.keys_of("modal"), found.clause.keys_of("modal")
    if _denied_modal(claim) and _denied_modal(found.clause):
        if "need" in mine and "need" not in theirs and theirs & {"can", "must"}:
            yield "duty: “need not” instead of “must not”", 1.0
        if mine & {"must", "can"} and theirs == {"need"} and "need" not in mine:
            yield "duty: “must not” instead of “need not”", 1.0
        return
    if mine == {"can"} and theirs and "can" not in theirs:
        yield "duty: “can” instead of “must”", 1.0
    if mine & {"must", "need"} and theirs == {"can"} and not found.clause.has("marker", "only"):
        yield "duty: “must” instead of “can”", 1.0


def _amounts(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    mine, theirs = claim.keys_of("quantifier"), found.clause.keys_of("quantifier")
    for kind in sorted(mine - theirs):
        if kind == "all" and theirs & {"each", "always"}:
            continue
        if kind in {"all", "always", "both"}:
            yield f"quantity: the source does not say “{kind}”", 1.0
        elif kind in WEAK_QUANTIFIERS:
            yield f"quantity: the source does not say “{kind}”", 1.0
    for kind in sorted((theirs & WEAK_QUANTIFIERS) - mine):
        yield f"quantity: “{kind}” is left out", 1.0


def _narrowing(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    """Yield words of the source that narrow a noun and that the claim leaves out."""
    tokens = found.clause.tokens
    for token, following in zip(tokens, tokens[1:], strict=False):
        if token.kind != "word" or following.kind != "word" or following.key not in claim.keys:
            continue
        if sum(one.key == following.key for one in tokens) > 1:
            continue
        narrow = token.raw.lower() in RESTRICTIVE or token.key in RESTRICTIVE
        narrow = narrow or (following.is_party and not token.is_party and not following.name)
        if narrow and token.key not in claim.keys:
            yield f"condition: “{token.raw.lower()}” is left out", 1.0
    raws = {token.raw.lower() for token in tokens}
    mine = {token.raw.lower() for token in claim.tokens}
    mine_per, theirs_per = _per(claim), _per(found.clause)
    if mine_per and theirs_per and not mine_per & theirs_per:
        yield f"unit: per “{min(mine_per)}” instead of per “{min(theirs_per)}”", 1.0
    for name in _places_left_out(claim, found):
        yield f"condition: “{name}” is left out", 1.0
    if "off" in raws and "on" in mine and "off" not in mine:
        yield "opposite: “on” instead of “off”", 1.0
    yield from _exceptions(claim, found)
    left = found.clause.weakening - claim.weakening
    for verb in sorted(left):
        yield f"words: “{verb}” is left out", 0.5


def _per(clause: Clause) -> set[str]:
    """Return the words directly after "per"."""
    pairs = zip(clause.tokens, clause.tokens[1:], strict=False)
    return {second.key for first, second in pairs if first.raw.lower() == "per" and second.kind == "word"}


def _places_left_out(claim: Clause, found: Evidence) -> Iterator[str]:
    """Yield the plans and products that bind a part of the source, as in "on Premium", and are left out."""
    tokens = [token for token in found.clause.tokens if token.raw.lower() not in {"the", "a"}]
    for token, following in zip(tokens, tokens[1:], strict=False):
        if token.raw.lower() not in {"on", "with", "for"} or not following.name or following.key in found.said:
            continue
        part = found.clause.part_of(following)
        here = {one.key for one, place in found.clause.placed if place == part and one.key != following.key}
        there = {one.key for one, place in found.clause.placed if place != part}
        if (here - there) & claim.said and not any(one.name for one in claim.content):
            yield following.raw


def _exceptions(claim: Clause, found: Evidence) -> Iterator[tuple[str, float]]:
    """Yield the clause with "but" after this one, if it takes something back and the claim is silent on it."""
    place = found.sentence.index(found.clause) + 1 if found.clause in found.sentence else len(found.sentence)
    for later in found.sentence[place : place + 1]:
        second = later.tokens[1] if len(later.tokens) > 1 else later.tokens[0]
        takes_back = second.raw.lower() in {"not", "must", "only", "never", "no"}
        guarded = later.has("marker", "only") and later.opener == "and"
        if ((later.opener == "but" and takes_back) or guarded) and later.said and len(later.said & found.said) < len(later.said) / 2:
            yield "exception: “but …” is left out", 1.0


def _bounds(claim: Clause, source: Clause) -> Iterator[tuple[str, float]]:
    """Yield bounds such as "above $20" that the claim leaves out or turns around."""
    for token, part in source.placed:
        if token.kind != "quantity" or token.comparison not in {"over", "under", "min", "from"} or token.key in claim.said:
            continue
        if token.comparison == "from" and _dimension(token.key) not in {"", "money", "nth"}:
            continue
        others = {other.key for other, place in source.placed if place == part and other != token}
        if others & claim.said:
            yield f"limit: “{token.raw}” is left out", 1.0
    stray = (claim.raws - source.raws) & {"<over>", "<under>", "<min>", "<max>"}
    if stray and not claim.quantities:
        yield "limit: compared otherwise than in the source", 1.0
    if "<max>" in claim.raws and "<min>" in source.raws and "<min>" not in claim.raws:
        yield "limit: “or less” instead of “or more”", 1.0
