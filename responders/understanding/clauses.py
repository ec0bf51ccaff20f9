"""One sentence into its clauses: questions, indirect questions, requests, wishes, problems and statements."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from responders.understanding import heads
from responders.understanding import statements as said
from responders.understanding.splitting import is_asked, listed, split

ClauseRole = Literal[
    "question", "dependent", "request", "wish", "problem", "status", "courtesy", "statement", "preamble"
]
"""A `dependent` question such as "Why?" needs the sentence before. `status` asks for news. A `courtesy` names
nothing. A `preamble` stands before a question in the same sentence."""

_CONDITION: Final = re.compile(r"\b(?:if|unless|in case|wenn|falls)\b.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence and its role.

    `adds` tells that it begins another concern, `asks` that a question such as "Why?" belongs to it. `item`
    is the number of its list item or 0.
    """

    text: str
    role: ClauseRole
    adds: bool = False
    item: int = 0
    asks: bool = False


def clauses(sentence: str, *, item: int = 0) -> list[Clause]:
    """Return the clauses of one sentence in order; `item` is the number of its list item or 0.

    >>> [(part.role, part.text) for part in clauses("How much is it, and can I pay by card?")]
    [('question', 'How much is it'), ('question', 'can I pay by card?')]
    >>> clauses("I'd like to know when she arrives.")[0].text
    'when she arrives.'
    """
    plain = sentence.replace("’", "'")
    asked_for = listed(plain)
    if asked_for:
        return [Clause(part, "question", item=item) for part in asked_for]
    found = [replace(clause, item=item) for clause in _joined(_clauses(plain))]
    adds = heads.ADDS.match(plain) is not None
    return [replace(found[0], adds=adds), *found[1:]] if found else []


def _clauses(sentence: str) -> Iterator[Clause]:
    asked = is_asked(sentence)
    parts = split(sentence)
    asking = False
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        clause = _clause(part, asked=asked and is_last, joined=asking or (asked and place > 0))
        if asked and not is_last:
            clause = _before_question(clause, first=place == 0)
        asking = asking or clause.role == "question" or heads.TRIGGER.search(part) is not None
        yield clause


def _before_question(clause: Clause, *, first: bool) -> Clause:
    """Return a clause that stands before the last question of a sentence: a question too, or its preamble."""
    if clause.role not in {"statement", "wish", "problem"}:
        return clause
    body = _without_lead(clause.text)
    asks = heads.STARTS_BARELY.match(body) and not heads.SUBORDINATE.match(body)
    if asks:
        return replace(clause, role="question")
    return clause if clause.role == "problem" and first else replace(clause, role="preamble")


def _joined(found: Iterator[Clause]) -> Iterator[Clause]:
    """Yield the clauses; a condition before a question becomes a part of it."""
    waiting = ""
    for clause in found:
        if clause.role == "preamble" and heads.SUBORDINATE.match(clause.text):
            waiting = f"{waiting}{clause.text}, "
            continue
        yield replace(clause, text=f"{waiting}{clause.text}") if waiting else clause
        waiting = ""
    if waiting:
        yield Clause(waiting.removesuffix(", "), "statement")


def _clause(part: str, *, asked: bool, joined: bool) -> Clause:
    role = _empty_role(part, asked=asked)
    if role is not None:
        return Clause(part, role)
    indirect = _indirect(part, asked=asked)
    if indirect:
        return Clause(indirect, "question")
    body = _without_lead(part)
    if asked or heads.STARTS.match(body) or (joined and heads.STARTS_BARELY.match(body)):
        return _question(part, body, sure=asked or joined)
    return Clause(part, _role(part))


def _empty_role(part: str, *, asked: bool) -> ClauseRole | None:
    """Return the role of a clause that names nothing by itself, or None."""
    if said.EMPTY_QUESTION.match(part) or said.COURTESY.match(part):
        return "courtesy"
    if said.STATUS.search(part):
        return "status"
    return "dependent" if asked and said.DEPENDENT.match(part) else None


def _question(part: str, body: str, *, sure: bool) -> Clause:
    if not sure and said.DEPENDENT.match(part):
        return Clause(part, "dependent")
    if not sure and heads.UNINVERTED.match(body) and not heads.W_INVERTED.match(body):
        return Clause(body, _role(body))
    return Clause(body, "request" if said.REQUEST.match(body) else "question")


def _without_lead(part: str) -> str:
    lead = heads.LEAD.match(part)
    return part[lead.end() if lead else 0 :].strip() or part


def _indirect(part: str, *, asked: bool) -> str:
    """Return the indirect question of a clause, or ""."""
    found = heads.TRIGGER.search(part)
    if found and (asked or not heads.KNOWN.search(part[: found.end()])):
        text = part[found.end() :].strip()
        return "" if said.OFFER.match(text) else text
    if heads.NOUN_TRIGGER.search(part):
        return part
    how = part.lower().find("how to ")
    return part[how:].strip() if how >= 0 and not heads.KNOWN.search(part[:how]) else ""


def _role(body: str) -> ClauseRole:
    if said.REQUEST.search(body) or said.IMPERATIVE.match(body):
        return "request"
    told = body if heads.SUBORDINATE.match(body) else _CONDITION.sub("", body)
    if said.PROBLEM.search(told) and not said.CONFESSES_NO_FAULT.search(told):
        return "problem"
    return "wish" if said.WISH.search(body) else "statement"
