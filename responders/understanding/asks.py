"""From the clauses of a message to its asks: grouped, with context, in reading order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from responders.understanding import statements as said
from responders.understanding.clauses import Clause, Role, clauses
from responders.understanding.forms import form_of
from responders.understanding.records import MAX_ASKS, Ask
from responders.understanding.segments import Segment
from responders.words import content_stems

MAX_CONTEXT_CHARS: Final = 300
"""Characters of the sentence before an ask that are kept as its context."""

FEW_STEMS: Final = 2
"""An ask with fewer stems of its own takes the sentence before it as context."""

MAX_EMPTY_WORDS: Final = 6
"""A question of so few words without a word of content belongs to the question before it."""

_ASKS: Final[frozenset[Role]] = frozenset(("question", "request"))
_TOLD: Final[frozenset[Role]] = frozenset(("problem", "wish"))
_REFERS: Final = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|there|one|ones|he|she|him|her|both|same|here|then"
    r"|das|es|dies\w*|davon|dafür|dort|eso|esto|ese|esta|lo|allí)\b",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    r"\b(?:questions?|know|confirm|ask|answer|following|things|points|issues?|problems?"
    r"|fragen)\b.{0,40}:?\W*$",
    re.IGNORECASE,
)


def clauses_of(segments: Sequence[Segment]) -> list[Clause]:
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


def _asked(role: Role) -> Role:
    return "wish" if role in {"statement", "preamble"} else role


def asks_of(found: Sequence[Clause], *, subject: str, told: bool) -> tuple[Ask, ...]:
    """Return the asks among the clauses of a message, in reading order, at most MAX_ASKS.

    `subject` is the context of an ask that refers to nothing before it. `told` tells whether statements of
    problems and wishes count; questions and requests always do. A statement counts if no question or request
    of its group is about it.
    """
    chosen: list[int] = []
    for group in _groups(found):
        asked = [place for place in group if found[place].role in _ASKS or found[place].asks]
        stated = [place for place in group if found[place].role in _TOLD]
        listed = [place for place in group if found[place].item and found[place].role == "statement"]
        before_problem = told and bool(chosen) and found[chosen[-1]].role == "problem"
        added = [place for place in group[:1] if before_problem and found[place].role == "statement"]
        problems = [place for place in stated if found[place].role == "problem"]
        dependent = [place for place in group if found[place].role == "dependent"]
        chosen += asked or (told and ((problems or stated)[:1] or (listed or added)[:1])) or dependent
    asks = [_ask(found, place, subject) for place in chosen]
    return tuple({ask.text.lower(): ask for ask in asks if ask.text}.values())[:MAX_ASKS]


def _groups(found: Sequence[Clause]) -> Iterator[list[int]]:
    """Yield the places of the clauses of each concern: an item of a list, or what follows "also"."""
    group: list[int] = []
    for place, clause in enumerate(found):
        before = found[place - 1] if place else clause
        starts_problem = clause.role == "problem" and clause.adds
        if group and (clause.item != before.item or clause.adds or starts_problem):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


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
