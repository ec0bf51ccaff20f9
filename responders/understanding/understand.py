"""From the newest words of a message to its kind, asks and route."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from responders.policy.routes import reasons_for_a_person
from responders.understanding.asks import asks_of, clauses_of
from responders.understanding.clauses import Clause
from responders.understanding.kinds import is_automatic, is_complaint, is_outage, kind_of
from responders.understanding.records import Ask, MessageKind, Understanding
from responders.understanding.segments import segments
from responders.understanding.statements import CONFESSES_NO_FAULT
from schemas.tickets import HeardRoute

ACTION: Final = "account_action"
"""The route of a message that only asks us to do something on the account."""

SURE: Final = 0.95
"""From this probability a reason that the model hears is beyond doubt without a phrase. Chosen by hand, with
the routed tickets of three made-up companies in view."""

DENIED: Final = 0.1
"""Below this probability a phrase of money or of leaving is no reason: the model heard none. By hand: of the
left-out messages with such a phrase, 35 of 38 below it needed no person, and 17 of 63 above it."""

_DENIABLE: Final = frozenset({"billing_dispute", "refund", "leaving"})
"""Reasons of money or of leaving. Who asks for a person in so many words gets one."""

PLAIN_WORDS: Final = 8
"""Words of a message at most in which a phrase counts whatever the model hears: little else is said. Chosen
by hand."""

_KIND_OF_ROUTE: Final[dict[str, MessageKind]] = {
    "self_harm": "self_harm",
    "violence": "complaint",
    "safety": "complaint",
    "security_report": "security",
    "authority": "legal",
    "press": "legal",
    "legal_threat": "legal",
    "personal_data": "personal_data",
    "billing_dispute": "billing_dispute",
    "refund": "refund",
    "leaving": "leaving",
    "sales": "question",
    "wants_person": "question",
}
_TELLS: Final = frozenset(("question", "problem"))
"""The kinds whose statements of problems and wishes are asks."""


def understand(
    text: str,
    *,
    subject: str = "",
    heard: HeardRoute | None = None,
    answers: bool = False,
    opens: bool = True,
) -> Understanding:
    """Return what a message is and wants. Pure and deterministic.

    `text` is what `schemas.reading` returns as the newest words, `subject` is without reply marks; both are
    already masked. `heard` is the reason for a person that the route model hears in the message, or None.
    `answers` tells that our last message asked the customer something, `opens` that this is the first message
    of its ticket: the subject of a later one was asked before.

    >>> found = understand("I'd like to export all labels. How do I do that, and is it free?")
    >>> found.kind, [ask.text for ask in found.asks]
    ('question', ['How do I do that', 'is it free?'])
    """
    if is_automatic(text, subject):
        return Understanding(kind="automatic")
    found = clauses_of(segments(text)) or (_of_subject(subject) if opens else [])
    said = f"{subject}\n{text}" if opens else text
    route, is_sure = _route(said, heard)
    kind = _kind(text, found, route, answers=answers)
    told = kind in _TELLS and route is None
    asks = () if kind == "thanks" else asks_of(found, subject=subject, told=told)
    if told and not asks:
        asks = _only_ask(found, subject if opens else "")
    if told and _only_actions(asks, named=kind == "problem"):
        return Understanding(kind="question", asks=asks, route=ACTION)
    return Understanding(kind=kind, asks=asks, route=route, is_sure=is_sure)


def _route(said: str, heard: HeardRoute | None) -> tuple[str | None, bool]:
    """Return the reason why a person must answer, or None, and whether that is beyond doubt.

    It is the reason of a phrase, or a likely one that the model hears.
    """
    by_phrase = _reason_by_phrase(said, heard)
    if heard is None:
        return by_phrase, True
    if by_phrase is not None:
        return by_phrase, heard.strength != "unlikely"
    return (heard.reason, heard.chance >= SURE) if heard.strength == "likely" else (None, True)


def _reason_by_phrase(said: str, heard: HeardRoute | None) -> str | None:
    """Return the first reason that a phrase shows; none of money or leaving that the model denies."""
    denied = heard is not None and heard.chance < DENIED and len(said.split()) > PLAIN_WORDS
    kept = (reason for reason in reasons_for_a_person(said) if not (denied and reason in _DENIABLE))
    return next(kept, None)


def _of_subject(subject: str) -> list[Clause]:
    """Return the clauses of a subject if it asks something, else []."""
    found = clauses_of(segments(subject))
    return found if asks_of(found, subject="", told=False) else []


def _kind(text: str, found: Sequence[Clause], route: str | None, *, answers: bool) -> MessageKind:
    if route is not None:
        by_person = route == "wants_person" and is_complaint(text)
        return "complaint" if by_person else _KIND_OF_ROUTE[route]
    kind = kind_of(text, found, answers=answers)
    return "outage" if kind not in {"thanks", "follow_up"} and is_outage(text, found) else kind


def _only_ask(found: Sequence[Clause], subject: str) -> tuple[Ask, ...]:
    """Return the ask of a message in which none was found: its subject if it asks, else its first words."""
    asked = _of_subject(subject)
    if asked:
        return asks_of(asked, subject="", told=False)
    told = [clause for clause in found if clause.role not in {"courtesy", "status"}]
    faults = [clause for clause in told if not CONFESSES_NO_FAULT.search(clause.text)]
    stated = (faults or told or clauses_of(segments(subject)))[:1]
    return asks_of([replace(clause, role="problem") for clause in stated], subject=subject, told=True)


def _only_actions(asks: Sequence[Ask], *, named: bool) -> bool:
    """Tell whether all asks are actions; `named` wants each to name its thing, unlike "please correct it"."""
    return bool(asks) and all(ask.needs_action and not (named and _NAMELESS.search(ask.text)) for ask in asks)


_NAMELESS: Final = re.compile(r"^(?:\W*\w+){1,4}\s(?:it|this|that|them)\b", re.IGNORECASE)
