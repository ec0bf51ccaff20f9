"""Help for a person who writes without a draft: why there is none, the nearest passages, and a search."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session
from starlette.exceptions import HTTPException

from responders.chunks.chunk import KnowledgeChunk
from responders.desk.abstentions import NoDraft, no_draft
from responders.drafting.facts import facts_of
from responders.drafting.incident_texts import holding_text
from responders.drafting.names import greeting_name, parts_of_name
from responders.drafting.nearest import NEAREST, insertion, kept_inside
from responders.drafting.said import HELPED_CHARS, said_in
from responders.drafting.situation import Situation
from responders.privacy.pseudonyms import Pseudonyms
from responders.store.candidates import passages_by_words, passages_with
from responders.store.desk.alerts import open_incidents
from responders.store.desk.tickets import TicketView
from responders.understanding.understand import understand
from schemas.churn import Incident
from schemas.reading.headers import without_reply_marks
from schemas.tickets import Ticket

QUERY_LENGTH: Final = 300
"""Most characters of a search."""

Explains = Callable[[Incident, Ticket], bool]
"""Tells whether an incident explains a message."""

QUESTION: Final = "question"
INCIDENT: Final = "incident"
"""The values of the buttons that insert the proposed question and the incident's holding reply; every other
button has the id of a passage."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A passage on the page; `inserted` is its text for the reply, `inside` says why it has none."""

    chunk: KnowledgeChunk
    inserted: str | None
    inside: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The open incident that explains a ticket, and the holding reply to this customer."""

    incident: Incident
    text: str


@dataclass(frozen=True, slots=True)
class Help:
    """What the page offers a person: the words about the missing draft (None if there is one), and passages.

    `query` is the person's search, "" if the passages are those nearest to the customer's message.
    `incident` is the open incident that explains the message, if there is one.
    """

    no_draft: NoDraft | None
    passages: tuple[Offered, ...]
    query: str
    incident: Explained | None


def help_for(
    session: Session, ticket: TicketView, query: str, *, explains: Explains, now: datetime
) -> Help | None:
    """Return the help for a ticket; None if nobody waits. With a ready draft it offers only the search."""
    if not ticket.waits:
        return None
    drafted = ticket.standing == "ready"
    if query:
        found = passages_by_words(session, _mask(ticket, query))
    else:
        found = [] if drafted else _nearest(session, ticket)
    values = _values(ticket, now)
    passages = tuple(_offered(chunk, ticket, values) for chunk in found)
    explained = _explained(session, ticket, explains, now)
    return Help(None if drafted else _words(ticket), passages, query, explained)


def text_to_insert(
    session: Session, ticket: TicketView, wanted: str, *, explains: Explains, now: datetime
) -> str:
    """Return the text that a button of the page inserts: a passage by its id, or the proposed question.

    Raises HTTPException 404 for an unknown passage, and for one that must not be inserted.
    """
    if wanted == QUESTION:
        words = _words(ticket)
        text = words.question if words else None
    elif wanted == INCIDENT:
        explained = _explained(session, ticket, explains, now)
        text = explained.text if explained else None
    else:
        found = passages_with(session, [wanted])
        text = _offered(found[0], ticket, _values(ticket, now)).inserted if found else None
    if text is None:
        raise HTTPException(404)
    return text


def _words(ticket: TicketView) -> NoDraft | None:
    """Return the words about the missing draft; None while a draft is on its way or after a dismissal."""
    draft = ticket.draft.draft if ticket.draft and ticket.standing == "abstained" else None
    if draft is None or draft.abstained is None:
        return None
    message = _newest_message(ticket)
    asked = (
        understand(said_in(message, most=HELPED_CHARS), subject=without_reply_marks(message.subject)).asks
        if message
        else ()
    )
    owner = ticket.account.owner if ticket.account else None
    return no_draft(draft.abstained, asks=[ask.text for ask in asked], question=draft.question, owner=owner)


def _explained(session: Session, ticket: TicketView, explains: Explains, now: datetime) -> Explained | None:
    """Return the newest open incident that explains the customer's message, or None."""
    message = _newest_message(ticket)
    if message is None or message.channel == "forum":
        return None
    incident = next((found for found in open_incidents(session) if explains(found, message)), None)
    if incident is None:
        return None
    name = greeting_name(message.requester_name)
    return Explained(incident, holding_text(incident, now=now, name=name))


def _nearest(session: Session, ticket: TicketView) -> list[KnowledgeChunk]:
    """Return the passages that the drafter found nearest, or those that share words with the message."""
    draft = ticket.draft.draft if ticket.draft and not ticket.outdated else None
    known = passages_with(session, draft.nearest) if draft else []
    message = _newest_message(ticket)
    if known or message is None:
        return known
    asked = f"{without_reply_marks(message.subject)}\n{said_in(message, most=HELPED_CHARS)}"[:HELPED_CHARS]
    return passages_by_words(session, _mask(ticket, asked), limit=NEAREST)


def _newest_message(ticket: TicketView) -> Ticket | None:
    messages = [event for event in ticket.events if event.kind == "customer_message"]
    return messages[-1] if messages else None


def _mask(ticket: TicketView, text: str) -> str:
    """Return a text without the personal values that rules find; it is searched for by its words alone."""
    names = {event.requester_name for event in ticket.events if event.requester_name}
    return Pseudonyms([part for name in sorted(names) for part in parts_of_name(name)]).mask(text)


def _values(ticket: TicketView, now: datetime) -> dict[str, str]:
    """Return the values of a macro's slots: the customer's name and the account's fields; none in public."""
    newest = ticket.events[-1]
    if newest.channel == "forum":
        return {}
    known = facts_of(Situation(account=ticket.account), names={}, now=now)
    message = _newest_message(ticket)
    name = greeting_name(message.requester_name) if message else None
    named = dict.fromkeys(("requester_name", "customer_name", "first_name"), name) if name else {}
    return {**{fact.name: fact.value for fact in known}, **named}


def _offered(chunk: KnowledgeChunk, ticket: TicketView, values: Mapping[str, str]) -> Offered:
    newest = ticket.events[-1]
    inside = kept_inside(chunk, account_id=newest.account_id, public=newest.channel == "forum")
    return Offered(chunk, None if inside else insertion(chunk, values), inside)
