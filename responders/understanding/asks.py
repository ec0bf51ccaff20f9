"""From the clauses of a message to its asks: grouped, with context, in reading order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from responders.understanding import statements as said
from responders.understanding.clauses import Clause, ClauseRole, clauses
from responders.understanding.forms import form_of
from responders.understanding.heads import AND
from responders.understanding.records import MAX_ASKS, Ask
from responders.understanding.segments import ReadSentence
from responders.words import content_stems

MAX_CONTEXT_CHARS: Final = 300
"""Characters of the sentence before an ask that are kept as its context."""

FEW_STEMS: Final = 2
"""An ask with fewer stems of its own takes the sentence before it as context."""

MAX_EMPTY_WORDS: Final = 6
"""A question of so few words without a word of content belongs to the question before it."""

_ASKS: Final[frozenset[ClauseRole]] = frozenset(("question", "request"))
_TOLD: Final[frozenset[ClauseRole]] = frozenset(("problem", "wish"))
_PROBLEM: Final[frozenset[ClauseRole]] = frozenset(("problem",))
_STATED: Final[frozenset[ClauseRole]] = frozenset(("statement",))
_DEPENDENT: Final[frozenset[ClauseRole]] = frozenset(("dependent",))
_REFERS: Final = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|there|one|ones|he|she|him|her|both|same|here|then"
    r"|das|es|dies\w*|davon|dafür|dort|eso|esto|ese|esta|lo|allí)\b",
    re.IGNORECASE,
)
_GOOD: Final = re.compile(
    r"\b(?:thanks?|works?|great|perfect|danke|gracias|good|fine|helped)\b", re.IGNORECASE
)
"""Words of a statement that tells no concern of its own."""


def clauses_of(segments: Sequence[ReadSentence]) -> list[Clause]:
    """Return the clauses of all sentences, in order; dependent questions joined to what they ask about."""
    found: list[Clause] = []
    for place, segment in enumerate(segments):
        before_list = segment.text.endswith(":") and any(
            later.item for later in segments[place + 1 : place + 2]
        )
        for clause in clauses(segment.text, item=segment.item):
            _add(found, replace(clause, role="courtesy") if before_list else clause)
    return found


def _add(found: list[Clause], clause: Clause) -> None:
    if found and clause.role == "question" and found[-1].role == "question" and _says_nothing(clause):
        found[-1] = replace(found[-1], text=f"{found[-1].text} {clause.text}")
    elif clause.role != "dependent":
        found.append(clause)
    elif not found or found[-1].role == "courtesy":
        found.append(replace(clause, role="dependent" if found else "question"))
    else:
        _join(found, clause)


def _says_nothing(clause: Clause) -> bool:
    return len(clause.text.split()) <= MAX_EMPTY_WORDS and not content_stems(clause.text)


def _join(found: list[Clause], clause: Clause) -> None:
    """Join a dependent question to the last ask or statement, if that stands directly before it."""
    last = len(found) - 1
    places = [place for place, other in enumerate(found) if other.role in _ASKS | _TOLD]
    place = last if found[last].role == "preamble" or not places else places[-1]
    if place < last:
        found.append(clause)
        return
    about = found[place]
    found[place] = replace(about, text=f"{about.text} {clause.text}", role=_asked(about.role), asks=True)


def _asked(role: ClauseRole) -> ClauseRole:
    return "wish" if role in {"statement", "preamble"} else role


def asks_of(found: Sequence[Clause], *, subject: str, told: bool) -> tuple[Ask, ...]:
    """Return the asks among the clauses of a message, in reading order, at most MAX_ASKS.

    `subject` is the context of an ask that refers to nothing before it. `told` tells whether statements of
    problems and wishes count; questions and requests always do. A statement counts if no question or request
    of its group is about it.
    """
    chosen: list[int] = []
    for group in _groups(found):
        if told and not chosen and found[group[0]].adds:
            before = _of_roles(found, range(group[0]), _STATED)
            chosen += [place for place in before if not _GOOD.search(found[place].text)][:1]
        chosen += _of_group(found, group, told=told, after_problem=_is_problem(found, chosen))
    asks = [_ask(found, place, subject) for place in chosen]
    return tuple({ask.text.lower(): ask for ask in asks if ask.text}.values())[:MAX_ASKS]


def _of_group(found: Sequence[Clause], group: list[int], *, told: bool, after_problem: bool) -> list[int]:
    """Return the places of the asks of a group of clauses: questions and requests, else what is told."""
    asked = [place for place in group if found[place].role in _ASKS or found[place].asks]
    if asked:
        return asked
    stated = _of_roles(found, group, _PROBLEM) or _of_roles(found, group, _TOLD)
    listed = [place for place in group if found[place].item] or (group[:1] if after_problem else [])
    if told and (stated or _of_roles(found, listed, _STATED)):
        return (stated or _of_roles(found, listed, _STATED))[:1]
    return _of_roles(found, group, _DEPENDENT)


def _of_roles(found: Sequence[Clause], places: Iterable[int], roles: frozenset[ClauseRole]) -> list[int]:
    return [place for place in places if found[place].role in roles]


def _is_problem(found: Sequence[Clause], chosen: Sequence[int]) -> bool:
    return bool(chosen) and found[chosen[-1]].role == "problem"


def _groups(found: Sequence[Clause]) -> Iterator[list[int]]:
    """Yield the places of the clauses of each concern: an item of a list, or what follows "also"."""
    group: list[int] = []
    for place, clause in enumerate(found):
        if group and (clause.item != found[place - 1].item or clause.adds or _is_and(clause)):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _is_and(clause: Clause) -> bool:
    """Tell whether a sentence tells another problem: "And the search finds nothing"."""
    return clause.role == "problem" and AND.match(clause.text) is not None


def _ask(found: Sequence[Clause], place: int, subject: str) -> Ask:
    clause = found[place]
    text = clause.text.strip(" ,;:-–")
    action = clause.role == "request" and said.NEEDS_ACTION.search(text) is not None
    return Ask(
        text=text,
        form=form_of(text, clause.role),
        context=_context(found, place, subject),
        needs_action=action,
    )


def _context(found: Sequence[Clause], place: int, subject: str) -> str:
    text = found[place].text
    if not _REFERS.search(text) and len(content_stems(text)) >= FEW_STEMS:
        return ""
    before = [clause.text for clause in found[:place] if clause.role not in {"courtesy", "status"}]
    return (before[-1] if before else subject)[-MAX_CONTEXT_CHARS:]
