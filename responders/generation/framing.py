"""The greeting and the sign-off of a reply."""

from typing import Final

from responders.generation.brief import DEFAULT_SIGNATURE, Brief, ReplyPart
from responders.generation.phrases import phrases_of

SIGN_OFF: Final = 2_000_000
"""The paragraph of the sign-off: after all others."""


def greeting(brief: Brief) -> list[ReplyPart]:
    """Return the greeting, with a name if it is known and the reply is private; none in a chat."""
    if brief.channel == "chat" and not brief.outreach:
        return []
    phrases = phrases_of(brief.language)
    named = brief.greeting_name is not None and not brief.public
    text = phrases.greeting_named.replace("{name}", brief.greeting_name or "") if named else phrases.greeting
    return [ReplyPart(kind="greeting", text=text, paragraph=0)]


def closing_signature(brief: Brief) -> list[ReplyPart]:
    """Return the sign-off of a private reply; none in a chat or a forum."""
    if brief.public or (brief.channel == "chat" and not brief.outreach):
        return []
    phrases = phrases_of(brief.language)
    signature = phrases.team if brief.signature == DEFAULT_SIGNATURE else brief.signature
    text = phrases.sign_off.replace("{signature}", signature)
    return [ReplyPart(kind="closing", text=text, paragraph=SIGN_OFF)]
