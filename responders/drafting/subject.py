"""The subject of a draft: the customer's words without personal values, secrets, tags and foreign links."""

from responders.markup.tags import untagged
from responders.policy.links import bad_links
from responders.privacy.pseudonyms import Pseudonyms, without_placeholders
from schemas.tickets import Draft

MAX_SUBJECT_CHARS = 1_000
"""Characters of a subject; the limit of `schemas.base.Line`."""

NEUTRAL_REPLY = "Re: your message"
NEUTRAL_OUTREACH = "How can we help?"


def reply_subject(subject: str, pseudonyms: Pseudonyms) -> str:
    """Return the subject of a reply on one line, without personal values, secrets and tags.

    >>> reply_subject("Card 4242 4242 4242 4242 of ada@example.com is <b>refused</b>", Pseudonyms())
    'Re: Card … of … is refused'
    >>> reply_subject("ada@example.com", Pseudonyms())
    'Re: your message'
    """
    masked = pseudonyms.mask(" ".join(untagged(subject).split()))
    said = without_placeholders(masked)
    if not any(char.isalnum() for char in said):
        return NEUTRAL_REPLY
    return f"Re: {said}"[:MAX_SUBJECT_CHARS]


def with_checked_subject(draft: Draft, allowed_hosts: frozenset[str]) -> Draft:
    """Return the draft without tags in its subject; a subject with a link to another host becomes neutral.

    A warning names the links.
    """
    draft = draft.model_copy(update={"subject": untagged(draft.subject)})
    links = bad_links(draft.subject, allowed_hosts=allowed_hosts)
    if not links:
        return draft
    neutral = NEUTRAL_REPLY if draft.kind == "reply" else NEUTRAL_OUTREACH
    warning = f"Left out of the subject, link: {', '.join(links)}"[:1_000]
    return draft.model_copy(update={"subject": neutral, "warnings": (*draft.warnings, warning)})
