"""One sentence into its clauses: questions, indirect questions, requests, wishes, problems and statements.

A sentence with several questions or requests is split first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from responders.understanding import heads
from responders.understanding import statements as said

SHORT_REQUEST_WORDS: Final = 5
"""A second request with fewer words belongs to the first: "close our account and delete the workspace"."""

MAX_PARTS: Final = 12
"""Parts of one sentence at most."""

_COMMAS: Final = re.compile(r",? and (?=the |if |whether |how |what )|, ")
_BREAKS: Final = frozenset((":", ";", "+"))

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


def is_asked(sentence: str) -> bool:
    """Tell whether a sentence ends with a question mark."""
    return sentence.rstrip(" \"')”*").endswith("?")


def split(sentence: str) -> list[str]:
    """Return the parts of a sentence between which a new question or request begins.

    >>> split("How much is it, and can I pay by card?")
    ['How much is it', 'can I pay by card?']
    >>> split("We moved and all is well.")
    ['We moved and all is well.']
    """
    asked = is_asked(sentence)
    sentence = sentence.rstrip()
    starts, ends = [0], [0]
    for joint in heads.JOINT.finditer(sentence):
        left = sentence[starts[-1] : joint.start()]
        few = len(starts) > MAX_PARTS or (len(left.split()) < 2 and joint["mark"] != ":")
        if not few and _is_joint(left, sentence[joint.start("right") :], joint, asked=asked):
            ends.append(joint.start())
            starts.append(joint.start("right"))
    stops = [*ends[1:], len(sentence)]
    parts = [sentence[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]
    return [piece for part in parts for piece in _requests(part)]


def listed(sentence: str) -> list[str]:
    """Return the things that a sentence wants to know after "the following:", or [].

    >>> listed("I was asked to find out the following: the price, the size and whether it floats.")
    ['the price', 'the size', 'whether it floats.']
    """
    place = sentence.lower().find("following: ")
    if place < 0 or heads.NOUN_TRIGGER.search(sentence[: place + 30]) is None:
        return []
    return [part for part in _COMMAS.split(sentence[place + 11 :]) if part.strip()]


def _is_joint(left: str, right: str, joint: re.Match[str], *, asked: bool) -> bool:
    mark, conjunction = (joint["mark"] or "").strip(), joint["and"].strip().lower()
    if not mark and not conjunction:
        return heads.CHATTED.match(right) is not None and not _asks(left)
    if mark == "," and not conjunction and heads.RELATIVE.match(right):
        return False
    asking = asked or _asks(left) or mark in _BREAKS or "also" in conjunction
    if mark in _BREAKS and heads.W_START.match(right) and (asked or _asks(left)):
        return True
    if heads.IF.match(right):
        return bool(conjunction) and _asks(left) and not heads.INVERTED.search(right)
    if heads.INVERTED.match(right) or heads.W_INVERTED.match(right):
        return asking
    return bool(conjunction) and _asks(left) and "but" not in conjunction


def _asks(left: str) -> bool:
    """Tell whether the words before a joint ask or want something."""
    lead = heads.LEAD.match(left)
    start = lead.end() if lead else 0
    patterns = (heads.TRIGGER, heads.NOUN_TRIGGER, said.REQUEST)
    return heads.STARTS.match(left, start) is not None or any(found.search(left) for found in patterns)


def _requests(part: str) -> list[str]:
    """Return a request, and a second one after "and" if it is long enough."""
    if not said.REQUEST.search(part) and not said.IMPERATIVE.match(part):
        return [part]
    place = part.find(" and ")
    while place > 0:
        right = part[place + 5 :]
        if said.IMPERATIVE.match(right) and len(right.partition(",")[0].split()) >= SHORT_REQUEST_WORDS:
            return [part[:place], *_requests(right)]
        place = part.find(" and ", place + 5)
    return [part]
