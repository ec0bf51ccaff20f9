"""Input and output of a text generator: a brief of checked material, and parts that name their sources."""

from typing import Final, Literal, Protocol

from responders.chunks.chunk import source_of_chunk
from responders.understanding.records import AskForm
from schemas.base import Id, Instant, Name, Paragraph, Record, Share, ShortText, Url
from schemas.tickets import Channel, SourceKind

Tone = Literal["calm", "apology", "warm", "leaving"]
"""`leaving` answers a customer who may leave: it is sober, without thanks and without a cheerful closing."""

PartKind = Literal[
    "greeting", "acknowledgement", "verdict", "fact", "step", "open", "link", "question", "closing"
]
"""`verdict` is a "Yes." or "No." before the sentence that shows it; `open` names an ask that stays open."""

PartLayout = Literal["sentence", "item", "bullet"]
"""Running text, an item of a numbered list, or an item of a list with dashes."""


DEFAULT_SIGNATURE: Final = "The support team"
"""Signs a reply if the operator has set no signature; a reply in another language says it in its language."""


class Material(Record):
    """One passage that the reply may be written from; claims cite its `source_id`.

    `score` is the score by which the search ordered the passages of one ask; higher is better. `rows` are the
    names of the rows of its table that the search found by themselves, best first. `nearness` has for each of
    the first sentences of the body how near it is to the ask, in [-1, 1]; empty if that is not known.
    """

    source_id: Id
    source_kind: SourceKind
    title: Name
    heading: Paragraph = ""
    body: Paragraph
    url: Url | None = None
    public: bool = False
    account_id: Id | None = None
    updated_at: Instant | None = None
    score: float = 0.0
    rows: tuple[Paragraph, ...] = ()
    nearness: tuple[float, ...] = ()

    @property
    def source(self) -> str:
        """Return the id of the article, macro or solved ticket that this passage is a section of."""
        return source_of_chunk(self.source_id)

    @property
    def nearest(self) -> float:
        """Return how near the nearest of the first sentences is to the ask; -1 if that is not known."""
        return max(self.nearness, default=-1.0)


class Unit(Record):
    """One sentence or list item of a passage, as plain text; `block` numbers paragraphs and lists.

    `is_row` tells that it is a row of a table, `is_own` that it is the row for the account's own plan, and
    `is_named` that the customer's words name the header of a cell.
    """

    text: str
    layout: PartLayout
    block: int
    is_row: bool = False
    is_own: bool = False
    is_named: bool = False


class Fact(Record):
    """One checked fact of this account.

    `value` fills the slot `{name}`. Claims are checked against `quote`. `spoken` is the sentence for the
    reply; it is empty if the fact only fills slots.
    """

    name: Name
    value: ShortText
    quote: Paragraph
    source_id: Id
    spoken: ShortText = ""
    observed_at: Instant | None = None

    @property
    def unspoken(self) -> "Fact":
        """Return the fact without its sentence: it only fills slots."""
        return self.model_copy(update={"spoken": ""}) if self.spoken else self


class AskBrief(Record):
    """One ask of the message, and the passages that may answer it.

    `text` is the ask in the customer's masked words, `context` the masked words that explain it; neither is
    ever obeyed. `needs_action` tells that a person must do something, which no answer replaces.
    `is_sayable` tells that the reply may say its words again: not if the message gives orders to a machine.
    `passages` are best first, all may be quoted; without a passage the ask stays open and the
    reply says so. `linked` are sections of other articles that the passages refer to. `probability` is that
    of an answer by the first passage.
    """

    text: Paragraph
    context: Paragraph = ""
    form: AskForm = "other"
    needs_action: bool = False
    is_sayable: bool = True
    passages: tuple[Material, ...] = ()
    linked: tuple[Material, ...] = ()
    probability: Share = 0.0


class Brief(Record):
    """Everything that a text generator may use.

    `asks` are in the order of the message; the reply answers each, in order, and names those that stay open.
    `greeting_name` is None if no name may be used or none is known. `language` is the language of the reply,
    as a code of ISO 639-1. `plans` are the names of the operator's plans. A `chat` reply is short, without
    greeting and signature. `variant` picks among equal phrases, so that the same input gives the same text.
    `beside` is the reason why a person must read the message too, such as "refund", or None. `account_id` and
    `ticket_id` tell for whom the reply is, for budgets and shares; no text names them.
    """

    asks: tuple[AskBrief, ...] = ()
    public: bool
    tone: Tone = "calm"
    language: ShortText = "en"
    channel: Channel = "email"
    greeting_name: ShortText | None = None
    facts: tuple[Fact, ...] = ()
    plans: tuple[Name, ...] = ()
    signature: ShortText = DEFAULT_SIGNATURE
    outreach: bool = False
    variant: int = 0
    beside: Name | None = None
    account_id: Id | None = None
    ticket_id: Id | None = None

    @property
    def own_plan(self) -> str | None:
        """Return the plan of the account; None if it is not known or the reply is public."""
        facts = () if self.public else self.facts
        return next((fact.value for fact in facts if fact.name == "plan"), None)

    @property
    def passages(self) -> dict[str, Material]:
        """Return the passages of all asks by their id, in order, then those that they refer to."""
        given = [passage for ask in self.asks for passage in ask.passages]
        linked = [passage for ask in self.asks for passage in ask.linked]
        return {passage.source_id: passage for passage in given} | {
            passage.source_id: passage for passage in linked if passage not in given
        }


class ReplyPart(Record):
    """One sentence or list item of the reply; a part with `source_ids` is a claim and is checked.

    `ask` is the place of the ask that it answers, from 0; None for a part that belongs to the whole reply.
    """

    kind: PartKind
    text: Paragraph
    source_ids: tuple[Id, ...] = ()
    layout: PartLayout = "sentence"
    paragraph: int = 0
    ask: int | None = None


class Composed(Record):
    """A reply in parts, in reading order; `missing` names the slots without a checked fact.

    `model` says who wrote it and how, if that is not the generator's own name.
    """

    parts: tuple[ReplyPart, ...]
    question: ShortText | None = None
    missing: tuple[Name, ...] = ()
    model: Name | None = None


class TextGenerator(Protocol):
    """Writes a reply from a brief."""

    @property
    def name(self) -> str:
        """Return name and version, as a draft records them."""
        ...

    def compose(self, brief: Brief) -> Composed:
        """Return the reply in parts. The same brief gives the same reply."""
        ...
