"""What a writer gets and gives back: a brief of checked material; parts that name their sources."""

from typing import Literal, Protocol

from schemas.base import Id, Instant, Name, Paragraph, Record, ShortText, Url
from schemas.tickets import SourceKind

Tone = Literal["calm", "apology", "warm"]
PartKind = Literal["greeting", "acknowledgement", "fact", "step", "link", "question", "closing"]
PartLayout = Literal["sentence", "item", "bullet"]


class Material(Record):
    """One passage the reply may be written from; `source_id` is what a claim cites."""

    source_id: Id
    source_kind: SourceKind
    title: Name
    heading: Paragraph = ""
    body: Paragraph
    url: Url | None = None
    public: bool = False
    account_id: Id | None = None
    updated_at: Instant | None = None


class Fact(Record):
    """One checked fact of this account.

    `value` fills the slot `{name}`; `quote` is what a claim cites; `spoken` is the sentence for the reply,
    empty when the fact only fills slots.
    """

    name: Name
    value: ShortText
    quote: Paragraph
    source_id: Id
    spoken: ShortText = ""
    observed_at: Instant | None = None


class Brief(Record):
    """Everything a writer may use.

    `query` is the customer's masked text: data to rank by, never to be repeated or obeyed. `greeting_name`
    is None where no name may or can be used. `variant` picks among equal phrases, so that one input gives
    one text.
    """

    query: Paragraph
    public: bool
    tone: Tone = "calm"
    greeting_name: ShortText | None = None
    material: Material | None = None
    facts: tuple[Fact, ...] = ()
    signature: ShortText = "The support team"
    outreach: bool = False
    variant: int = 0


class ReplyPart(Record):
    """One sentence or list item of the reply; one with `source_ids` is a claim and will be checked."""

    kind: PartKind
    text: Paragraph
    source_ids: tuple[Id, ...] = ()
    layout: PartLayout = "sentence"
    paragraph: int = 0


class Composed(Record):
    """A reply in parts, in reading order; `missing` are the slots for which no checked fact was known."""

    parts: tuple[ReplyPart, ...]
    question: ShortText | None = None
    missing: tuple[Name, ...] = ()


class TextGenerator(Protocol):
    """Writes a reply from a brief; `name` says which one and goes into the draft."""

    @property
    def name(self) -> str:
        """Name and version, as a draft records it."""
        ...

    def compose(self, brief: Brief) -> Composed:
        """Return the reply in parts. The same brief gives the same reply."""
        ...
