"""Drafts without an answer: the holding reply before a person takes over, thanks, and a question for news."""

from typing import Final

from responders.drafting.assembly import check_reply, reply_text
from responders.drafting.message import ReadTicket, greeting_name
from responders.generation.brief import Brief, Composed, Fact, ReplyPart
from responders.generation.composer import closing_signature, greeting
from responders.generation.holding import follow_up_reply, holding_reply, thanks_reply
from schemas.tickets import Draft, SituationFact

OWNER_ROUTES: Final = frozenset({"leaving", "sales", "churn_alert"})
"""Routes that the account's owner takes, if the owner is known."""

HANDED_FACTS: Final = ("plan", "seats", "renewal_date", "owner")
"""Facts of the account that the person who takes over sees."""


def held_draft(draft: Draft, read: ReadTicket, route: str, facts: tuple[Fact, ...], signature: str) -> Draft:
    """Return the abstention of a message that a person must answer, with a holding reply.

    The facts of the account go to the person who takes over, not into the reply.
    """
    owner = next((fact.value for fact in facts if fact.name == "owner"), None)
    taken = owner if route in OWNER_ROUTES else None
    parts = (
        follow_up_reply(language=draft.language, variant=_variant(draft))
        if route == "follow_up"
        else holding_reply(route, language=draft.language, owner=taken, variant=_variant(draft))
    )
    handed = [fact for fact in facts if fact.name in HANDED_FACTS]
    told = "; ".join(f"{fact.name.replace('_', ' ')} {fact.value}" for fact in handed)
    return draft.model_copy(
        update={
            "state": "abstained",
            "abstained": f"needs_a_person: {route}",
            "body": _text(draft, read, parts, signature),
            "missing": f"About the account: {told}."[:1_000] if told else None,
            "facts": tuple(_handed(fact) for fact in handed),
        }
    )


def thanks_draft(draft: Draft, read: ReadTicket, signature: str) -> Draft:
    """Return the answer to thanks: two warm sentences, without a claim."""
    parts = thanks_reply(language=draft.language, variant=_variant(draft))
    return draft.model_copy(
        update={"state": "ready", "body": _text(draft, read, parts, signature), "confidence": 1.0}
    )


def _variant(draft: Draft) -> int:
    return int(draft.draft_id[:4], 16)


def _text(draft: Draft, read: ReadTicket, parts: tuple[ReplyPart, ...], signature: str) -> str:
    brief = Brief(
        public=read.public,
        channel=draft.channel,
        language=draft.language,
        greeting_name=None if read.public else greeting_name(read.ticket.requester_name),
        signature=signature,
    )
    composed = Composed(parts=(*greeting(brief), *parts, *closing_signature(brief)))
    return reply_text(check_reply(composed, brief, allowed_hosts=frozenset()).parts)


def _handed(fact: Fact) -> SituationFact:
    return SituationFact(
        name=fact.name,
        value=fact.value,
        origin=fact.source_id.partition(":")[0],
        observed_at=fact.observed_at,
    )
