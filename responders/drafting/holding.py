"""Drafts without an answer: the holding reply before a person takes over, thanks, and a question for news."""

from typing import Final

from responders.generation.brief import Brief, Composed, Fact, ReplyPart
from responders.generation.framing import SIGN_OFF, closing_signature, greeting
from responders.generation.holding import beside_reply, follow_up_reply, holding_reply, thanks_reply
from schemas.tickets import Draft, SituationFact

BESIDE_PLACE: Final = SIGN_OFF - 1
"""The paragraph of the sentence about the person who reads the message too: before the sign-off."""

OWNER_ROUTES: Final = frozenset({"leaving", "sales", "churn_alert"})
"""Routes that the account's owner takes, if the owner is known."""

HANDED_FACTS: Final = ("plan", "seats", "renewal_date", "owner")
"""Facts of the account that the person who takes over sees."""


def held_reply(brief: Brief, route: str, owner: str | None) -> Composed:
    """Return the reply to a message that a person must answer; `owner` has the account, or is not known."""
    if route == "follow_up":
        return _whole(brief, follow_up_reply(language=brief.language, variant=brief.variant))
    taken = owner if route in OWNER_ROUTES else None
    return _whole(brief, holding_reply(route, language=brief.language, owner=taken, variant=brief.variant))


def with_colleague(composed: Composed, brief: Brief) -> Composed:
    """Return an answer that also says who else reads the message, if a person must."""
    if brief.beside is None:
        return composed
    own = [part for part in composed.parts if part.paragraph < BESIDE_PLACE]
    said = beside_reply(brief.beside, language=brief.language, paragraph=BESIDE_PLACE)
    return composed.model_copy(update={"parts": (*own, said, *composed.parts[len(own) :])})


def thanks_for(brief: Brief) -> Composed:
    """Return the answer to thanks: two warm sentences, without a claim."""
    return _whole(brief, thanks_reply(language=brief.language, variant=brief.variant))


def _whole(brief: Brief, parts: tuple[ReplyPart, ...]) -> Composed:
    return Composed(parts=(*greeting(brief), *parts, *closing_signature(brief)))


def handed_over(draft: Draft, route: str, facts: tuple[Fact, ...], body: str) -> Draft:
    """Return the abstention of a message that a person must answer, with the text that holds the customer.

    The facts of the account go to the person who takes over, not into the reply.
    """
    handed = [fact for fact in facts if fact.name in HANDED_FACTS]
    told = "; ".join(f"{fact.name.replace('_', ' ')} {fact.value}" for fact in handed)
    return draft.model_copy(
        update={
            "state": "abstained",
            "abstained": f"needs_a_person: {route}",
            "body": body,
            "missing": f"About the account: {told}."[:1_000] if told else None,
            "facts": tuple(_handed(fact) for fact in handed),
        }
    )


def _handed(fact: Fact) -> SituationFact:
    return SituationFact(
        name=fact.name,
        value=fact.value,
        origin=fact.source_id.partition(":")[0],
        observed_at=fact.observed_at,
    )
