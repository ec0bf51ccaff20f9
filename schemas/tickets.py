"""Tickets, and the sentiment, draft and decision that follow from them."""

from typing import Any, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from schemas.base import Body, EventTime, Id, Instant, Name, Paragraph, Record, Share, ShortText, Url

Channel = Literal["email", "web", "chat", "forum"]
TicketEventKind = Literal["customer_message", "human_reply", "merged", "closed"]
MESSAGES: Final = frozenset({"customer_message", "human_reply"})
"""The kinds of ticket events that have words; the other kinds change a ticket's state and need no body."""

Mood = Literal["negative", "neutral", "positive"]
SourceKind = Literal["article", "macro", "solved_ticket", "account_fact"]
DraftKind = Literal["reply", "outreach"]
DraftState = Literal["ready", "abstained", "stale", "sent", "edited", "dismissed"]
Action = Literal["sent", "edited", "dismissed"]


def _no_body() -> Any:
    return None


class Ticket(Record):
    """One event of one ticket on `support.tickets`; `event_id` is the key of deduplication.

    A `customer_message` is scored and answered; the other kinds only make a waiting draft
    stale. A `merged` or `closed` event needs no body. A `forum` post is public: it is scored
    like a ticket, but no account fact enters its draft.
    """

    event_id: Id
    ticket_id: Id
    account_id: Id
    kind: TicketEventKind = "customer_message"
    channel: Channel = "web"
    subject: ShortText = ""
    # A default made by a function keeps "" in `content_hash`, like older builds, which required a body.
    body: Body = Field(
        default_factory=_no_body, validate_default=True, json_schema_extra={"type": ["string", "null"]}
    )
    requester_name: ShortText | None = None
    requester_email: ShortText | None = None
    occurred_at: EventTime

    @field_validator("body", mode="before")
    @classmethod
    def _body_of_a_message(cls, body: Any, info: ValidationInfo) -> Any:
        if body is not None:
            return body
        if info.data.get("kind") in MESSAGES:
            raise PydanticCustomError("missing", "Field required")
        return ""


class MoodEvidence(Record):
    """A sentence behind a mood: read alone, it has the mood with the probability `weight`."""

    text: ShortText
    weight: Share


class Sentiment(Record):
    """How one customer message sounds; a signal for churn.

    `probabilities` are (negative, neutral, positive), calibrated, and sum to 1; `score` is
    P(positive) - P(negative) in [-1, 1]. `label` is None when the model abstained; an abstention other than
    `uncertain` has no probabilities and no score. `threat` (to leave) and `sarcasm` are probabilities, or
    None when the model has no such output. `frustration_words` has the words that show a reason, by reason;
    `asks` names what it asks for that points to leaving (`closing`, `export_all`, `fewer_seats`);
    `evidence` has the sentences that carry the most probable mood, the weightiest first.
    """

    kind: Literal["sentiment"] = "sentiment"
    event_id: Id
    ticket_id: Id
    account_id: Id
    label: Mood | None
    probabilities: tuple[Share, Share, Share] | None
    score: float | None = Field(ge=-1.0, le=1.0)
    abstained: Name | None = None
    language: ShortText = "und"
    language_confidence: Share = 0.0
    frustration: Share = 0.0
    frustration_reasons: tuple[ShortText, ...] = ()
    frustration_words: dict[Name, ShortText] = Field(default_factory=dict)
    evidence: tuple[MoodEvidence, ...] = ()
    threat: Share | None = None
    sarcasm: Share | None = None
    asks: tuple[Name, ...] = ()
    model: Name
    occurred_at: EventTime
    scored_at: Instant


class HeardRoute(Record):
    """The reason why a person must answer a message, as a model hears it, such as `billing_dispute`.

    `chance` is the probability that there is any such reason. It is `likely` if that is high enough for a
    route whatever the knowledge says, and `possible` if it is enough for a message without an answer.
    """

    reason: Name
    chance: Share
    strength: Literal["likely", "possible", "unlikely"]


class MessageOrders(Record):
    """What a model hears in a message: the sentences of an order to the writer of the reply, often none.

    `doubtful` tells that nothing in the message sounds like an order: then phrases alone do not count.
    """

    sentences: tuple[str, ...] = ()
    doubtful: bool = False


class Citation(Record):
    """The source of a claim: a span of one source that can be quoted."""

    source_id: Id
    source_kind: SourceKind
    title: Name
    quote: Paragraph
    url: Url | None = None
    updated_at: Instant | None = None
    public: bool = False


class Claim(Record):
    """One sentence of a draft that can be checked, with the sources that support it."""

    text: Paragraph
    source_ids: tuple[Id, ...]
    supported: bool


class SituationFact(Record):
    """A checked fact about the account that the draft used, with origin and time."""

    name: Name
    value: ShortText
    origin: Name
    observed_at: Instant | None = None


class Draft(Record):
    """A reply (to a ticket) or an outreach (to an anomaly without a ticket) that waits for a person.

    `state` is `abstained` if no draft could be grounded: then `body` is empty, `abstained`
    gives the reason and `missing` names the missing facts. `based_on` is the id of the answered message
    or anomaly. `confidence` is the probability that the best source answers. `nearest` has the ids of the
    passages that came nearest to an answer, best first, whether or not they may be quoted. `again` says what
    changed since an earlier draft for the same message; None for the first one. `confidence_offset` is the
    log-odds that decisions on earlier drafts added to `confidence`.
    """

    draft_id: Id
    kind: DraftKind = "reply"
    ticket_id: Id | None
    account_id: Id
    based_on: Id
    channel: Channel
    state: DraftState
    language: ShortText = "en"
    subject: ShortText = ""
    body: Paragraph = ""
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    facts: tuple[SituationFact, ...] = ()
    mood: Mood | None = None
    confidence: Share = 0.0
    abstained: ShortText | None = None
    missing: ShortText | None = None
    question: ShortText | None = None
    warnings: tuple[ShortText, ...] = ()
    nearest: tuple[Id, ...] = Field(default=(), max_length=20)
    again: ShortText | None = None
    confidence_offset: float = 0.0
    model: Name
    created_at: Instant


class Decision(Record):
    """The decision of a person on a draft; `similarity` compares the final text with the draft.

    `changed_facts` has the numbers, links and codes that only one of both texts has.
    """

    decision_id: Id
    draft_id: Id
    action: Action
    decided_by: Name
    reason: ShortText | None = None
    final_text: Paragraph | None = None
    similarity: Share | None = None
    changed_facts: tuple[ShortText, ...] = ()
    decided_at: Instant
