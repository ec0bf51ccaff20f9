"""The message to an account in trouble that a success manager signs: to a person, in plain words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from responders.drafting.names import greeting_name
from responders.drafting.outreach import Occasion
from responders.drafting.situation import Situation
from responders.drafting.usage_words import day
from responders.generation.brief import Fact
from responders.markup.tags import untagged
from responders.policy.injections import gives_orders
from responders.policy.links import bad_links
from schemas.reading.headers import without_reply_marks
from schemas.tickets import Citation, Claim, Draft, SituationFact, Ticket

CALL: Final = "Would you have ten minutes for a call this week, so that I can hear what has changed for you?"
SEEN: Final = "Could you tell me what you see when it happens? Then I can look at it with our engineers."
BETTER: Final = (
    "Would you have ten minutes for a call this week, so that I can hear what we should do better?"
)
_STEPS: Final = {"error_surge": SEEN, "mood_slide": BETTER}
"""The one next step by the cause of the outreach; CALL for the others."""

LONGEST_SUBJECT: Final = 120
"""Characters of a subject that is quoted; a longer one is more than a subject."""


def written(
    draft: Draft, occasion: Occasion, situation: Situation, *, signature: str, page: str | None = None
) -> Draft:
    """Return the outreach draft with its text, claims, citations, facts and question.

    `draft` is the empty draft of the occasion, written now; `signature` signs if the account has no known
    owner. `page` is the address of a public article that helps with failures. Without a sentence to say, the
    draft is an abstention. Raises ValueError if the open ticket is another account's.
    """
    waiting = situation.open_ticket
    if waiting is not None and waiting.account_id != draft.account_id:
        raise ValueError("the open ticket is another account's")
    told = _each_once([fact for fact in occasion.facts if fact.spoken])
    if not told:
        return draft.model_copy(update={"state": "abstained", "abstained": "nothing_supported"})
    said = [*told, *([_ticket_fact(waiting, now=draft.created_at)] if waiting else [])]
    owner = (situation.account.owner if situation.account else None) or signature
    step = _STEPS.get(occasion.cause, CALL)
    paragraphs = (
        _greeting(situation.contact),
        " ".join(fact.spoken for fact in told),
        *(fact.spoken for fact in said[len(told) :]),
        f"{step} This page may help in the meantime: {page}" if page and step == SEEN else step,
        f"Best regards,\n{owner}",
    )
    return draft.model_copy(
        update={
            "state": "ready",
            "body": "\n\n".join(paragraphs),
            "claims": tuple(_claim(fact) for fact in said),
            "citations": tuple(_citation(fact) for fact in said),
            "facts": tuple(_situation_fact(fact) for fact in said),
            "question": step,
        }
    )


def _greeting(contact: str | None) -> str:
    name = greeting_name(contact)
    return f"Hello {name}," if name else "Hello,"


def _each_once(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts without repeated sentences; a later one says "also"."""
    distinct = list({fact.spoken: fact for fact in facts}.values())
    later = [
        fact.model_copy(update={"spoken": _also(fact.spoken), "quote": _also(fact.quote)})
        for fact in distinct[1:]
    ]
    return [*distinct[:1], *later]


def _also(text: str) -> str:
    return text.replace("I can see ", "I can also see ", 1)


def _ticket_fact(ticket: Ticket, *, now: datetime) -> Fact:
    subject = untagged(without_reply_marks(ticket.subject)).strip()
    unfit = (
        len(subject) > LONGEST_SUBJECT
        or gives_orders(subject)
        or bad_links(subject, allowed_hosts=frozenset())
    )
    named = f"Your ticket “{subject}”" if subject and not unfit else "Your ticket"
    written_on = "today" if ticket.occurred_at.date() == now.date() else f"on {day(ticket.occurred_at)}"
    said = (
        f"{named}, which you sent {written_on}, is still open with us; please tell me if both are connected."
    )
    return Fact(
        name="open_ticket",
        value=ticket.ticket_id,
        quote=said,
        source_id=f"ticket:{ticket.ticket_id}"[:200],
        spoken=said,
        observed_at=ticket.occurred_at,
    )


def _claim(fact: Fact) -> Claim:
    return Claim(text=fact.spoken, source_ids=(fact.source_id,), supported=fact.spoken in fact.quote)


def _citation(fact: Fact) -> Citation:
    return Citation(
        source_id=fact.source_id,
        source_kind="account_fact",
        title=fact.name.replace("_", " "),
        quote=fact.quote,
        updated_at=fact.observed_at,
    )


def _situation_fact(fact: Fact) -> SituationFact:
    origin = fact.source_id.partition(":")[0]
    return SituationFact(name=fact.name, value=fact.value, origin=origin, observed_at=fact.observed_at)
