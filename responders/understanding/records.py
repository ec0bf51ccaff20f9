"""What is understood of one message: its kind, its asks, and the reason why a person must answer."""

from typing import Final, Literal

from schemas.base import Name, Paragraph, Record

MessageKind = Literal[
    "question",
    "problem",
    "follow_up",
    "answer",
    "thanks",
    "complaint",
    "leaving",
    "outage",
    "billing_dispute",
    "security",
    "legal",
    "personal_data",
    "refund",
    "self_harm",
    "automatic",
]
AskForm = Literal[
    "yes_no",
    "how",
    "when",
    "amount",
    "where",
    "who",
    "which",
    "what",
    "why",
    "request",
    "problem",
    "other",
]
"""What the answer must have, such as a number for `amount`, a time for `when` and steps for `how`."""

MAX_ASKS: Final = 8
"""Asks of one message; later ones are left out, because no reply answers more at once."""


class Ask(Record):
    """One question, request or problem of a message.

    `text` holds the customer's own words, as given. `context` holds the sentence before, if `text` refers to
    it by a word such as "it" or "there"; else it is empty. `needs_action` tells that a person must do
    something, as in "please delete my project"; a question about how to do it needs no action.
    """

    text: Paragraph
    form: AskForm
    context: Paragraph = ""
    needs_action: bool = False

    @property
    def search_text(self) -> str:
        """Return what to search for: the ask after its context."""
        return f"{self.context} {self.text}".strip()


class Understanding(Record):
    """What a message is and wants.

    `asks` are in reading order, without repetitions, at most MAX_ASKS; thanks and automatic mail have none.
    `route` is the reason why a person must answer, such as "legal_threat", or None. `is_sure` tells that the
    reason is beyond doubt: phrases and the model agree, or one of them is sure alone.
    """

    kind: MessageKind
    asks: tuple[Ask, ...] = ()
    route: Name | None = None
    is_sure: bool = True
