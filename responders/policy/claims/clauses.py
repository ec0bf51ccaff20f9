"""Cutting the tokens of a sentence into clauses, and what each clause says, denies, limits and allows."""

from collections.abc import Iterator, Sequence
from typing import Final

from responders.policy.claims.phrases import VERBS
from responders.policy.claims.reading import concept, read_tokens
from responders.policy.claims.records import Limit, ReadClause, Token
from responders.words import stem

_SUBJECTS: Final = frozenset("it you we they he she i".split())
_HARD_STOPS: Final = frozenset(";:()?!.…")
_RELATIVES: Final = frozenset("which who whose where".split())
_LEADING: Final = frozenset("in on at for of to from during with by after before".split())
_FRONTED: Final = frozenset(
    """for on with in at if when after before from until unless within during without as by once between
    while although""".split()
)
_TIMED: Final = frozenset("before after until within while between with without except minus".split())
_NEAR: Final = 4
"""Tokens in which the verb of a new clause must follow."""


def clauses_of(sentence: str) -> tuple[ReadClause, ...]:
    """Return the clauses of one sentence, in order; a sentence without words has none.

    >>> [sorted(clause.keys) for clause in clauses_of("Guests can comment, but they cannot edit.")]
    [['comment', 'guest'], ['change', 'edit']]
    """
    groups = _cut(read_tokens(sentence))
    return tuple(clause_from(group) for group in groups if any(token.kind != "stop" for token in group))


def whole_sentence(clauses: Sequence[ReadClause]) -> ReadClause:
    """Return the clauses of a sentence as one clause."""
    return clause_from([token for clause in clauses for token in clause.tokens])


def _cut(tokens: Sequence[Token]) -> list[list[Token]]:
    """Cut at stops, before "but", "because", ", not" and before "and" with a verb or a subject after it."""
    groups: list[list[Token]] = [[]]
    for place, token in enumerate(tokens):
        if token.raw in _HARD_STOPS:
            groups.append([])
            continue
        if groups[-1] and _begins_clause(tokens, place, groups[-1]):
            groups.append([])
        groups[-1].append(token)
    return [group for group in groups if group]


def _begins_clause(tokens: Sequence[Token], place: int, group: Sequence[Token]) -> bool:
    raw = tokens[place].raw.lower()
    previous = tokens[place - 1].raw
    following = tokens[place + 1].raw.lower() if place + 1 < len(tokens) else ""
    if raw in {"but", "because"}:
        return True
    if raw in {"not", "so", "then", "otherwise"} | _RELATIVES:
        return previous == "," and (raw != "not" or following not in VERBS)
    if previous == "," and following in _RELATIVES and raw in _LEADING:
        return True
    if not any(token.raw.lower() in VERBS or _is_participle(token.raw) for token in group):
        return False
    if raw in {"and", "or"}:
        starts = following in VERBS | _SUBJECTS | {"not"} or _is_participle(following)
        return starts or _verb_follows(tokens, place, 5 if previous == "," else 3)
    return raw == "," and not _is_fronted(group) and _splices(tokens, place)


def _is_participle(raw: str) -> bool:
    return len(raw) > 4 and raw.endswith("ed")


def _is_fronted(group: Sequence[Token]) -> bool:
    first = next((token.raw.lower() for token in group if token.kind != "stop" and token.raw != "and"), "")
    return first in _FRONTED and not any(token.raw == "," for token in group)


def _splices(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a clause with a verb or a closing denial follows a comma: ", voice control does not"."""
    if tokens[place + 1].raw.lower() in _FRONTED | {"not"} if place + 1 < len(tokens) else True:
        return False
    return _verb_follows(tokens, place, _NEAR)


def _verb_follows(tokens: Sequence[Token], place: int, within: int) -> bool:
    for token in tokens[place + 2 : place + 1 + within]:
        if token.kind == "stop" or token.raw.lower() in {"that", "which", "who", "to", "if", "when"}:
            return False
        if token.raw.lower() in VERBS and token.kind != "quantity":
            return True
    return False


def clause_from(group: Sequence[Token]) -> ReadClause:
    """Return a clause of these tokens."""
    tokens = tuple(group)
    parts = tuple(_parts(tokens))
    return ReadClause(
        tokens=tokens,
        parts=parts,
        limits=tuple(_limits(tokens, parts)),
        keys=frozenset(_keys(tokens)),
        opener=tokens[0].raw.lower() if tokens else "",
    )


def _keys(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the concept and the stem of every word, so that a name is also found as a word."""
    for token in tokens:
        if token.kind == "word":
            yield token.key
            word = token.raw.lower()
            yield stem(word)
            yield concept(word)[0]


def _parts(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the number of each token's part; a fronted phrase belongs to the part after it."""
    part = 0
    fronted = bool(tokens) and tokens[0].raw.lower() in _FRONTED
    for place, token in enumerate(tokens):
        raw = token.raw.lower()
        if raw == "," and fronted:
            fronted = False
        elif place and raw in {",", "and", "or", "but"} and tokens[place - 1].raw != ",":
            part += 1
        yield part


def _limits(tokens: Sequence[Token], parts: Sequence[int]) -> Iterator[Limit]:
    """Yield each condition or limit with the concepts and quantities that it governs."""
    for place, token in enumerate(tokens):
        if token.kind == "marker":
            governed = frozenset(_governed(tokens[place + 1 :], token.key))
            coming = {later.key for later in tokens[place + 1 : place + 4] if later.kind == "marker"}
            after = _until_stop(tokens[place + 1 :])
            yield Limit(
                token.key,
                _distinct(governed, tokens, place),
                parts[place],
                guards=bool(coming - {"even"}),
                actor=next((_PERSONS[raw] for raw in after if raw in _PERSONS), ""),
                parallel=after[:1] == ["that"],
                place=place,
            )


_PERSONS: Final = {"we": "we", "us": "we", "ours": "we", "you": "you", "yours": "you"}


def _until_stop(tokens: Sequence[Token]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if token.kind == "stop":
            break
        found.append(token.raw.lower())
    return found


def _distinct(governed: frozenset[str], tokens: Sequence[Token], place: int) -> frozenset[str]:
    """Return the governed concepts that are not also said before the marker; all of them if none is left."""
    outside = {token.key for token in tokens[:place] if token.kind in {"word", "quantity"}}
    return (governed - outside) or governed


_BREAKS: Final = frozenset("from on at for to in by".split())


def _governed(tokens: Sequence[Token], kind: str) -> Iterator[str]:
    found = False
    for place, later in enumerate(tokens):
        raw = later.raw.lower()
        if later.kind in {"stop", "marker"}:
            return
        ends = raw in VERBS | _BREAKS | {"and", "or"} or later.kind == "modal"
        if kind in _TIMED and ends and found:
            return
        if later.kind in {"word", "quantity"}:
            found = True
            yield later.key
            if later.kind == "quantity" and kind in _TIMED and place <= 1:
                return
