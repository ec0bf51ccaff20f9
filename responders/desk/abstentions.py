"""Why a ticket has no draft, what to do next, who should take it and what to ask: in sentences. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST_ASKS: Final = 3
"""Questions of the customer that are quoted; the page shows the whole message beside them."""

MOST_ASK_CHARS: Final = 160
"""Characters of a quoted question."""


@dataclass(frozen=True, slots=True)
class NoDraft:
    """The words for a ticket without an answer: why there is none, what to do next, who should take it.

    `question` is the question that the customer could be asked; None if asking does not help.
    """

    why: str
    next: str
    taker: str
    question: str | None = None


_ANYONE: Final = "Any support agent can take it."
_OWNER: Final = "The success manager of this account should take it."

_GENERAL: Final = NoDraft(
    why="Rapport wrote no draft for this message.",
    next="Read the message and answer in your own words; the passages below may help.",
    taker=_ANYONE,
)
_ROUTED: Final = NoDraft(
    why="This message needs a person, so no answer was drafted from the help articles.",
    next="Read it and answer personally.",
    taker=_ANYONE,
)
_WHERE: Final = "Could you tell me what you did, what you saw instead, and where?"

REASONS: Final[Mapping[str, NoDraft]] = {
    "no_source": NoDraft(
        why="Nobody has written down an answer to this yet, as far as the search can tell.",
        next="Look at the nearest passages, or search in other words. If you know the answer, send it and"
        " add it to the help articles.",
        taker="A support agent who knows this part of the product should take it.",
        question="Could you tell me what you want to achieve, and what you have tried so far?",
    ),
    "held_out": NoDraft(
        why="This ticket is one of those that show no draft, so that the use of drafts can be measured.",
        next="Answer it in your own words, as you would without Rapport.",
        taker=_ANYONE,
    ),
    "nothing_supported": NoDraft(
        why="A passage was found, but no sentence of it passed the checks for a reply.",
        next="Read the passage, and answer in your own words if it fits.",
        taker=_ANYONE,
    ),
    "unsupported_language": NoDraft(
        why="The message is in a language in which Rapport does not write.",
        next="Answer in the customer's language, or ask whether English is fine.",
        taker="A colleague who reads this language should take it.",
    ),
    "nothing_to_answer": NoDraft(
        why="The message asks nothing that a help article could answer.",
        next="Read it: if the customer needs no reply, close the ticket; otherwise ask what is meant.",
        taker=_ANYONE,
        question=_WHERE,
    ),
    "nothing_to_answer: unclear": NoDraft(
        why="The message says that something is wrong, but not what.",
        next="Ask the customer for the details.",
        taker=_ANYONE,
        question=_WHERE,
    ),
    "nothing_to_answer: automatic mail": NoDraft(
        why="This looks like automatic mail: no person waits for a reply.",
        next="Close the ticket without a reply, unless a person wrote it after all.",
        taker=_ANYONE,
    ),
}
"""The words of each reason. A reason with an unknown detail has the words of the part before its colon."""

ROUTES: Final[Mapping[str, NoDraft]] = {
    "self_harm": NoDraft(
        why="The customer may be thinking of harming themselves.",
        next="Answer at once, kindly and personally, and follow your company's rule for emergencies.",
        taker="A team lead should take it now.",
    ),
    "violence": NoDraft(
        why="The message threatens somebody.",
        next="Do not argue. Keep the message, and tell the person who is responsible for safety.",
        taker="A team lead should take it now.",
    ),
    "safety": NoDraft(
        why="Somebody is or may be hurt.",
        next="Answer at once and personally, and follow your company's rule for accidents and emergencies.",
        taker="A team lead should take it now.",
        question="Is anybody hurt, and is the danger over?",
    ),
    "security_report": NoDraft(
        why="The customer reports a security problem.",
        next="Thank the customer, ask for no passwords, and pass the message on unchanged.",
        taker="The security team should take it.",
        question="When and where did you see it, and who else could have seen it?",
    ),
    "asks_for_secrets": NoDraft(
        why="The message asks for something that only your own people may know.",
        next="Tell nothing of it. If there is another question in the message, answer that one.",
        taker=_ANYONE,
    ),
    "authority": NoDraft(
        why="An authority asks for something.",
        next="Confirm only that the request has arrived; give no information about an account.",
        taker="The legal team should take it.",
    ),
    "press": NoDraft(
        why="A journalist may be asking.",
        next="Answer nothing about the matter itself; say that the press contact will write.",
        taker="The press contact should take it.",
    ),
    "legal_threat": NoDraft(
        why="The message is about a legal matter: a claim, a contract or somebody's rights.",
        next="Admit and promise nothing; confirm that the message has arrived and pass it on.",
        taker="The legal team should take it.",
    ),
    "personal_data": NoDraft(
        why="The customer asks for something about personal data.",
        next="Confirm that the request has arrived: it may have a legal deadline.",
        taker="The data protection team should take it.",
    ),
    "billing_dispute": NoDraft(
        why="The customer disputes a charge.",
        next="Compare the invoice with the account before you promise anything.",
        taker="The billing team should take it.",
        question="Which invoice or charge do you mean, and which amount did you expect?",
    ),
    "refund": NoDraft(
        why="The customer asks for money back.",
        next="Look at the payment and at your rules; promise nothing before that.",
        taker="The billing team should take it.",
        question="Which payment is it about, and what went wrong?",
    ),
    "leaving": NoDraft(
        why="The customer speaks of leaving.",
        next="Call or write personally; a standard text would make it worse.",
        taker=_OWNER,
    ),
    "churn_alert": NoDraft(
        why="This account has an open alert: it may be about to leave.",
        next="Read the alert on the account's page before you answer.",
        taker=_OWNER,
    ),
    "big_account": NoDraft(
        why="This is one of the biggest accounts, so a person answers it.",
        next="Look at the account's page before you answer.",
        taker=_OWNER,
    ),
    "sales": NoDraft(
        why="The customer asks for an offer.",
        next="Find out the number of people and the start date.",
        taker="The sales team should take it.",
        question="For how many people is it, and when would you like to start?",
    ),
    "wants_person": NoDraft(
        why="The customer asks to speak with a person.",
        next="Say who you are, and offer a time or a way to talk.",
        taker=_ANYONE,
    ),
    "account_action": NoDraft(
        why="The customer asks us to do something on the account, which no article can do.",
        next="Check that the writer may ask for it, do it, and confirm it.",
        taker="A support agent with access to the account's settings should take it.",
    ),
    "follow_up": NoDraft(
        why="The customer asks for news about something that is already known.",
        next="Read the earlier messages, find out where it stands, and say so.",
        taker="The colleague who answered last should take it.",
    ),
    "outage": NoDraft(
        why="The customer reports an outage.",
        next="Look at the open incidents and check whether the service works; tell those who run it.",
        taker="A support agent who can reach the people who run the service should take it.",
        question="Since when do you see it, and does it concern everybody in your team?",
    ),
    "complaint": NoDraft(
        why="The customer complains.",
        next="Say what you have understood, and what happens next; do not send steps from an article.",
        taker="An experienced support agent should take it.",
    ),
}
"""The words of each reason for which a person must answer (`needs_a_person: <route>`)."""


def no_draft(
    reason: str, *, asks: Sequence[str] = (), question: str | None = None, owner: str | None = None
) -> NoDraft:
    """Return the words for the reason of an abstention; an unknown reason has general words.

    `asks` are the customer's questions, which stay open; `question` is the drafter's own question, which
    goes first; `owner` is the account's success manager.

    >>> no_draft("needs_a_person: leaving", owner="Maya Rao").taker
    'Maya Rao, who owns this account, should take it.'
    >>> no_draft("no_source", asks=["Can we run it ourselves?"]).why
    'Nobody has written down an answer to “Can we run it ourselves?” yet, as far as the search can tell.'
    """
    known = _known(reason)
    taker = f"{owner}, who owns this account, should take it." if owner and known.taker == _OWNER else None
    why = known.why.replace(" to this ", f" to {_quoted(asks)} ") if asks else known.why
    return NoDraft(why, known.next, taker or known.taker, question or known.question)


def _known(reason: str) -> NoDraft:
    code, _, detail = (part.strip() for part in reason.partition(":"))
    if code == "needs_a_person":
        return ROUTES.get(detail, _ROUTED)
    return REASONS.get(f"{code}: {detail}") or REASONS.get(code, _GENERAL)


def _quoted(asks: Sequence[str]) -> str:
    """Return the first questions in quotation marks, as a part of a sentence."""
    shown = [f"“{_shortened(ask)}”" for ask in asks[:MOST_ASKS]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _shortened(ask: str) -> str:
    text = " ".join(ask.split())
    return text if len(text) <= MOST_ASK_CHARS else f"{text[:MOST_ASK_CHARS].rsplit(' ', 1)[0]} …"
