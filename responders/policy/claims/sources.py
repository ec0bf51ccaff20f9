"""A source read once: its sentences cut into clauses, and what each clause may refer back to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from responders.policy.claims.clauses import clause_from, clauses_of, whole_sentence
from responders.policy.claims.phrases import CONDITIONS, VERBS
from responders.policy.claims.records import ReadClause
from responders.words import sentences, stem

_EXAMPLE: Final = re.compile(r",? (?:for example|such as|for instance|e\.g\.)[^.;:]*")
"""An example in a source; it narrows nothing, so that a claim may leave it out."""

_BORROWED: Final = 7
"""Words at the beginning of earlier clauses that a clause may refer to, as in "it is free". By hand."""

_FACT_TOKENS: Final = 8
"""A source of one sentence with at most this many tokens is a fact, such as "plan Team". By hand."""


_OPENING: Final = 4
"""Tokens in which a clause names its subject. By hand."""

_LINKS: Final = frozenset("and or but so then because which who where , otherwise also still".split())
_RELATIVES: Final = frozenset("which who whose where".split())
_PRONOUNS: Final = frozenset("it they them this these those its their one ones both that that's".split())


@dataclass(frozen=True, eq=False)
class SourceClause:
    """A clause of a source, the clauses of its sentence, and the concepts that it may refer back to.

    `halves` are the two sentences of a joined clause, of which the second goes on about the first. `previous`
    are the clauses of the sentence before.
    """

    clause: ReadClause
    sentence: tuple[ReadClause, ...]
    borrowed: frozenset[str]
    previous: tuple[ReadClause, ...] = ()
    halves: tuple[ReadClause, ...] = ()


@dataclass(frozen=True, eq=False)
class SourceText:
    """A source: its clauses in order, all its words, whether it is a fact, and its sentences.

    `wholes` are the sentences as one clause each with the number of clauses, `sentences` their plain text.
    `topic` has the words of its headings: the lines with "#" before everything else.
    """

    places: tuple[SourceClause, ...]
    wholes: tuple[tuple[ReadClause, int], ...]
    words: frozenset[str]
    is_fact: bool
    sentences: frozenset[str]
    topic: frozenset[str] = frozenset()


@lru_cache(maxsize=4_000)
def read_source(text: str) -> SourceText:
    """Return the clauses of a source; each row of a table is read with the words of its header.

    A condition in a heading stands before each sentence below it.
    """
    headings, text = _headings(text)
    case = "".join(f"{heading} , " for heading in headings if _makes_a_condition(heading))
    found = [(one, clauses_of(one if one in case else case + one)) for one in _rows(sentences(text))]
    titles = {
        place for place, (line, clauses) in enumerate(pair for pair in found if pair[1]) if _is_title(line)
    }
    told = [clauses for _, clauses in found if clauses]
    tokens = sum(len(clause.tokens) for clauses in told for clause in clauses)
    lines = [" ".join(line.split()).rstrip(".").casefold() for line in sentences(text)]
    return SourceText(
        sentences=frozenset(lines),
        places=tuple(_places(told, titles)),
        wholes=tuple((whole_sentence(clauses), len(clauses)) for clauses in told),
        words=frozenset(key for clauses in told for clause in clauses for key in clause.keys),
        is_fact=len(told) == 1 and tokens <= _FACT_TOKENS,
        topic=_topic(headings),
    )


def _headings(text: str) -> tuple[list[str], str]:
    """Return the headings at the beginning of a source, and the rest."""
    lines = text.splitlines()
    end = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("# ") for line in lines[:end]], "\n".join(lines[end:])


def _topic(headings: Sequence[str]) -> frozenset[str]:
    """Return the words of headings; a later one is narrower, so that its names stand for those before it.

    A heading that denies or makes a condition names no topic: what is below is only true together with it.
    """
    words: set[str] = set()
    names: set[str] = set()
    read = [clauses_of(heading) for heading in headings]
    for clauses in (one for one in read if not any(map(_is_bound, one))):
        tokens = [token for clause in clauses for token in clause.content]
        told = {token for token in tokens if token.name or token.is_party or token.key in names}
        names = {token.key for token in told} or names
        others = [token for token in tokens if token not in told]
        words |= {key for token in others for key in (token.key, stem(token.raw.lower()))}
    return frozenset(words | names)


def _is_bound(clause: ReadClause) -> bool:
    return bool(clause.denials) or any(limit.kind in CONDITIONS for limit in clause.limits)


def _makes_a_condition(heading: str) -> bool:
    read = clauses_of(heading)
    return any(map(_is_bound, read)) and not any(clause.denials for clause in read)


def _places(told: Sequence[tuple[ReadClause, ...]], titles: set[int]) -> Iterator[SourceClause]:
    before: frozenset[str] = frozenset()
    for number, told_clauses in enumerate(told):
        sentence = _with_shared_exception(told_clauses)
        titled = number - 1 in titles
        if number and _goes_on(sentence[0]):
            yield _together(told[number - 1], sentence)
        for place, clause in enumerate(sentence):
            borrowed = before if titled or (place == 0 and refers(clause)) else frozenset[str]()
            borrowed |= _earlier(sentence[:place], clause)
            yield SourceClause(clause, sentence, borrowed, previous=told[number - 1] if number else ())
        before = _beginning(sentence[0])


def _with_shared_exception(sentence: tuple[ReadClause, ...]) -> tuple[ReadClause, ...]:
    """Return the clauses of a sentence, each with the "unless" that ends it after a comma."""
    tokens = sentence[-1].tokens
    starts = [place for place, token in enumerate(tokens) if token.raw.lower() == "unless"]
    if len(sentence) == 1 or not starts or starts[0] == 0 or tokens[starts[0] - 1].raw != ",":
        return sentence
    shared = tokens[starts[0] - 1 :]
    return (*(clause_from([*clause.tokens, *shared]) for clause in sentence[:-1]), sentence[-1])


def _goes_on(clause: ReadClause) -> bool:
    """Tell whether a clause needs the sentence before it to say when or of what it is true."""
    opening = [token.raw.lower() for token in clause.tokens[:2]]
    return bool(opening) and (opening[0] == "then" or (opening[0] in _TIMES and opening[1:] in _POINTS))


def _together(first: tuple[ReadClause, ...], second: tuple[ReadClause, ...]) -> SourceClause:
    """Return two sentences as one clause."""
    tokens = [token for clause in (*first, second[0]) for token in clause.tokens]
    joined = clause_from(tokens)
    return SourceClause(joined, (joined, *second[1:]), frozenset(), halves=(whole_sentence(first), second[0]))


_TIMES: Final = frozenset("until after before from".split())
_POINTS: Final = (["then"], ["that"], ["this"])


def _earlier(clauses: Sequence[ReadClause], clause: ReadClause) -> frozenset[str]:
    """Return what a clause may take from the clauses before it in its sentence.

    A clause with "which" or a denial takes all, one that begins with a verb or a pronoun the subject, one of
    at most two words all, others nothing.
    """
    elliptic = len(clause.content) <= _ELLIPTIC or (clause.denials and refers(clause))
    if elliptic or {token.raw.lower() for token in clause.tokens[:3]} & _RELATIVES:
        taken = _beginning
    elif refers(clause):
        taken = _subject
    else:
        return frozenset()
    return frozenset(key for one in clauses for key in taken(one))


_ELLIPTIC: Final = 2
"""A clause with at most this many words takes the rest from the clauses before it. By hand."""


def _subject(clause: ReadClause) -> frozenset[str]:
    found: set[str] = set()
    for token in clause.tokens:
        if token.kind == "modal" or token.raw.lower() in VERBS:
            break
        if token.kind == "word":
            found.add(token.key)
    return frozenset(found) or _beginning(clause)


def _is_title(line: str) -> bool:
    return not line.rstrip(")”\"'").endswith((".", "!", "?", ";")) and "|" not in line and " , " not in line


def refers(clause: ReadClause) -> bool:
    """Tell whether a clause has no subject of its own: it begins with a verb or has a pronoun."""
    opening = [token.raw.lower() for token in clause.tokens[:_OPENING]]
    if set(opening[:3]) & _RELATIVES:
        return True
    first = next((raw for raw in opening if raw not in _LINKS), "")
    return (
        first in VERBS | _PRONOUNS | {"not", "never", "no"}
        or first.endswith("ed")
        or bool(clause.raws & _PRONOUNS)
    )


def _beginning(clause: ReadClause) -> frozenset[str]:
    return frozenset(token.key for token in clause.content[:_BORROWED])


def _rows(lines: Sequence[str]) -> Iterator[str]:
    """Yield the sentences; a row of a table follows its header's cells, so that a price has its unit."""
    header = ""
    for line in lines:
        if not line.startswith("|"):
            header = ""
            yield _EXAMPLE.sub("", line)
        elif set(line) <= set("|-: "):
            continue
        elif not header:
            header = line.strip("| ").replace("|", ",")
        else:
            yield f"{header} , {line.strip('| ').replace('|', ',')}"
