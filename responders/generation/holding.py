"""Holding replies: what to say when a person takes over, after thanks, and when a customer asks for news.

Every phrase is careful: it promises no time, no money and no outcome, and it admits nothing. Written by hand.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from responders.generation.brief import ReplyPart
from responders.generation.courtesy_phrases import FOLLOW_UP, THANKS
from responders.generation.holding_phrases import BESIDE, ENGLISH, GERMAN, LANGUAGES, SPANISH, WHO

_PHRASES: Final[Mapping[str, Mapping[str, Sequence[Sequence[str]]]]] = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
}
OTHER: Final = "other"
"""The phrases of a route that has none of its own."""


def holding_reply(
    route: str, *, language: str = "en", owner: str | None = None, variant: int = 0
) -> tuple[ReplyPart, ...]:
    """Return two to four sentences for a message that a person must answer; without greeting and sign-off.

    `route` is a reason of `Understanding.route`; an unknown one gets general words. `language` is a code of
    ISO 639-1; English stands in for others than German and Spanish. `owner` is the name of who takes it, or
    None for a description such as "our billing team". `variant` picks among equal phrases.

    >>> [part.text for part in holding_reply("refund", owner="Ada Byron")][-1]
    'Ada Byron will look at it and come back to you here.'
    """
    spoken = language if language in LANGUAGES else "en"
    variants = _PHRASES[spoken].get(route) or _PHRASES[spoken][OTHER]
    who = owner or WHO[spoken].get(route) or WHO[spoken][OTHER]
    return _parts([text.replace("{who}", who) for text in variants[variant % len(variants)]])


def beside_reply(route: str, *, language: str = "en", paragraph: int = 0) -> ReplyPart:
    """Return the sentence after an answer that says who reads the message too, at its place in the reply.

    >>> beside_reply("refund").text
    'I have also passed your message to our billing team, who will come back to you here.'
    """
    spoken = language if language in LANGUAGES else "en"
    who = WHO[spoken].get(route) or WHO[spoken][OTHER]
    said = _capital(BESIDE[spoken].replace("{who}", who))
    return ReplyPart(kind="closing", text=said, paragraph=paragraph)


def thanks_reply(*, language: str = "en", variant: int = 0) -> tuple[ReplyPart, ...]:
    """Return two warm sentences for thanks.

    >>> len(thanks_reply())
    2
    """
    variants = THANKS[language if language in LANGUAGES else "en"]
    return _parts(variants[variant % len(variants)])


def follow_up_reply(*, language: str = "en", variant: int = 0) -> tuple[ReplyPart, ...]:
    """Return two sentences for a customer who asks for news; the state of the earlier ticket may follow."""
    variants = FOLLOW_UP[language if language in LANGUAGES else "en"]
    return _parts(variants[variant % len(variants)])


def _parts(texts: Sequence[str]) -> tuple[ReplyPart, ...]:
    """Return the sentences as one paragraph; the first acknowledges, the others close."""
    return tuple(
        ReplyPart(kind="acknowledgement" if place == 0 else "closing", text=_capital(text), paragraph=1)
        for place, text in enumerate(texts)
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
