"""Words of a claim that its source does not have: which are harmless, and how much the others weigh."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import dropwhile, takewhile
from typing import Final

from responders.policy.claims.phrases import CONDITIONS, VERBS
from responders.policy.claims.reading import concept
from responders.policy.claims.records import ClaimEvidence, ReadClause, Token
from responders.policy.claims.wordlists import ADDABLE, FAINT, OPPOSITES, RISKY
from responders.words import stem

_FAINT_CONCEPTS: Final = frozenset(concept(word)[0] for word in FAINT)
_RISKY_CONCEPTS: Final = frozenset(concept(word)[0] for word in RISKY)
_ADDABLE_STEMS: Final = frozenset(stem(word) for word in ADDABLE)

_NEARBY: Final = 0.45
"""Weight of a word that only another clause of the passage has. Tuned."""

_GENERAL: Final = 0.1
"""Weight of a general word: too little to count, but enough that a nearer clause decides. By hand."""

_DETERMINERS: Final = frozenset("the a an your our his her its their my this that these those".split())
_MONEY: Final = frozenset({"$", "€", "£", "¥", "chf", "money"})
_PARTICLES: Final = frozenset("off out up on in down over back".split())
_ORDER: Final = frozenset("first second last next previous same".split())
"""Words that tell one of several apart; they are never borrowed from another clause."""

_MEASURES: Final = frozenset("large long high old big period young".split())


def word_reasons(claim: ReadClause, found: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Yield the words of a claim that the evidence does not have, each with its weight."""
    held = found.clause.keys
    subject = _subject(claim)
    narrowing = _narrowing_case(claim, found.clause)
    refers_back = not any(one in _missing(claim, found.clause) for one in _subject(found.clause))
    for token in claim.content:
        keys = {token.key} if token.name else {token.key, stem(token.raw.lower())}
        if keys & held:
            continue
        if keys & found.borrowed and not refers_back and token in subject:
            yield _word_reason(token, held), 1.0
        elif weight := _weight_of_missing(token, claim, found, narrows=token in narrowing):
            yield _word_reason(token, held), weight


def _weight_of_missing(token: Token, claim: ReadClause, found: ClaimEvidence, *, narrows: bool) -> float:
    """Return how much a word weighs that the clause of the source does not have; 0 for none."""
    held = found.clause.keys
    keys = {token.key} if token.name else {token.key, stem(token.raw.lower())}
    near = frozenset().union(*(clause.keys for clause in found.facts)) | found.borrowed
    if keys & found.topic and not keys & near and _is_more_than_a_topic(token, claim, found):
        return 1.0
    is_near = bool(keys & (near | found.topic))
    if token.name or token.is_party:
        return 0.0 if is_near and not _has_rival(token, claim, found.clause) else 1.5
    turned = _opposite(token.raw.lower(), held | found.topic)
    if narrows and token.key not in _RISKY_CONCEPTS and not turned:
        return _GENERAL
    if is_near or _is_harmless(token, claim, held):
        return 0.0
    around = found.context.union(*(clause.keys for clause in found.sentence))
    return 1.0 if turned else _weight_of(token, claim, found, nearby=bool(keys & around))


def _is_more_than_a_topic(token: Token, claim: ReadClause, found: ClaimEvidence) -> bool:
    """Tell whether a word that only a heading has says what happens, or something else than the source."""
    if _takes_the_place(token, claim, found.clause):
        return True
    if _opposite(token.raw.lower(), found.clause.keys | found.topic):
        return True
    return token.key in _RISKY_CONCEPTS and not _ends_a_noun(token, claim, found.topic)


def _ends_a_noun(token: Token, claim: ReadClause, topic: frozenset[str]) -> bool:
    """Tell whether a word is the thing that a heading names, as "a label export" below "Export labels"."""
    place = next(place for place, one in enumerate(claim.tokens) if one is token)
    following = claim.tokens[place + 1 : place + 2]
    if any(one.kind == "word" and one.raw.lower() not in VERBS for one in following):
        return False
    before = dropwhile(lambda one: one.key in topic, claim.tokens[:place][::-1])
    return next(before, token).raw.lower() in _DETERMINERS


def _narrowing_case(claim: ReadClause, source: ReadClause) -> list[Token]:
    """Return the words of a case in front that the source, true in every case, does not make."""
    is_bound = any(limit.kind in CONDITIONS for limit in source.limits)
    if not claim.tokens or claim.tokens[0].key != "if" or is_bound:
        return []
    case = [*takewhile(lambda token: token.kind != "stop", claim.tokens)]
    is_plain = not any(token.denies for token in case) and not _missing(claim, source)
    return case if is_plain else []


def is_general(token: Token) -> bool:
    """Tell whether a word says nothing of its own, such as "possible" and "thing"."""
    return stem(token.raw.lower()) in _ADDABLE_STEMS or token.key in _FAINT_CONCEPTS


def _weight_of(token: Token, claim: ReadClause, found: ClaimEvidence, *, nearby: bool) -> float:
    word = token.raw.lower()
    if stem(word) in _ADDABLE_STEMS and not _opposite(word, found.clause.keys):
        return 1.0 if _stands_for(token, claim, found.clause) else _GENERAL
    if (
        word in _ORDER
        or (token.key in _RISKY_CONCEPTS and not (nearby and _is_noun(token, claim)))
        or _opposite(word, found.clause.keys)
        or _takes_the_place(token, claim, found.clause)
    ):
        return 1.0
    if nearby:
        return 1.0 if _narrows(token, claim, found) else _NEARBY
    return 1.0


def _is_noun(token: Token, clause: ReadClause) -> bool:
    """Tell whether an article stands before a word."""
    place = next(place for place, one in enumerate(clause.tokens) if one is token)
    return place > 0 and clause.tokens[place - 1].raw.lower() in _DETERMINERS


def _narrows(token: Token, claim: ReadClause, found: ClaimEvidence) -> bool:
    """Tell whether a word stands directly before a word that the source has: "premium domain"."""
    place = next(place for place, one in enumerate(claim.tokens) if one is token) + 1
    following = claim.tokens[place] if place < len(claim.tokens) else None
    if following is None or following.raw.lower() in _PARTICLES:
        return False
    return following.kind == "word" and following.key in found.clause.keys | found.borrowed


def _is_harmless(token: Token, claim: ReadClause, held: frozenset[str]) -> bool:
    """Tell whether a word adds nothing: it names what the rest says, or only leads to a quantity."""
    if _opposite(token.raw.lower(), held):
        return False
    return token.key in _FAINT_CONCEPTS or _is_measure(token, claim)


def _takes_the_place(token: Token, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether the source has another word, which the claim lacks, in the place of a word.

    The place is beside the same word, as in "at the office", or before the verb.
    """
    missing = _missing(claim, source)
    before, after = _neighbours(token, claim)
    places = [_neighbours(one, source) for one in missing]
    if any((before and before == one) or (after and after == other) for one, other in places):
        return True
    return token in _subject(claim) and any(one in missing for one in _subject(source))


def _stands_for(token: Token, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether the source has another word, which the claim lacks, between the same two words."""
    mine = _neighbours(token, claim)
    missing = _missing(claim, source)
    return all(mine) and any(_neighbours(one, source) == mine for one in missing)


def _missing(claim: ReadClause, source: ReadClause) -> list[Token]:
    """Return the words of the source that the claim lacks, or has less often."""
    mine = Counter(token.key for token in claim.content)
    theirs = Counter(token.key for token in source.content)
    return [token for token in source.content if mine[token.key] < theirs[token.key]]


def _subject(clause: ReadClause) -> list[Token]:
    """Return the words before the first verb, without those of a condition in front."""
    found: list[Token] = []
    for token in clause.tokens:
        if token.kind == "modal" or token.raw.lower() in VERBS:
            break
        if token.raw == ",":
            found.clear()
        elif token.kind == "word":
            found.append(token)
    else:
        return []
    return found


def _neighbours(token: Token, clause: ReadClause) -> tuple[str, str]:
    """Return the keys of the words before and after a token, articles left out; "" beside a stop."""
    place = next(place for place, one in enumerate(clause.tokens) if one is token)
    return _first(clause.tokens[:place][::-1]), _first(clause.tokens[place + 1 :])


def _first(tokens: Sequence[Token]) -> str:
    for one in tokens:
        if one.raw.lower() not in _DETERMINERS:
            return "" if one.kind == "stop" else one.key
    return ""


def _is_measure(token: Token, claim: ReadClause) -> bool:
    """Tell whether a word only leads to a quantity: "costs $5", "250 MB large"."""
    units = {one.key.partition(" ")[2] for one in claim.quantities}
    if token.key == "cost":
        return bool(units & _MONEY)
    return bool(units) and token.raw.lower() in _MEASURES


def _opposite(word: str, held: frozenset[str]) -> str:
    """Return the word of the source that is the opposite of a word, or ""."""
    key = concept(word)
    for group in OPPOSITES:
        if word in group or key[0] in group:
            for other in sorted(group):
                if concept(other)[0] in held and concept(other) != key:
                    return other
    return ""


def _word_reason(token: Token, held: frozenset[str]) -> str:
    if token.name:
        return f"name: {token.raw}"
    word = token.raw.lower()
    if other := _opposite(word, held):
        return f"opposite: the source does not say “{word}” but “{other}”"
    kind = "role" if token.is_party else "action" if token.key in _RISKY_CONCEPTS else "words"
    return f"{kind}: the source does not say “{word}”"


def _has_rival(token: Token, claim: ReadClause, source: ReadClause) -> bool:
    """Tell whether the source's clause has another name or party in this place."""
    mine = {one.key for one in claim.content}
    return any(
        one.key not in mine and ((one.name and token.name) or (one.is_party and token.is_party))
        for one in source.content
    )
