"""Input and output of a text generator: a brief of checked material, and parts that name their sources."""

from typing import Literal, Protocol

from schemas.base import Id, Instant, Name, Paragraph, Record, ShortText, Url
from schemas.tickets import SourceKind

Tone = Literal["calm", "apology", "warm", "leaving"]
"""`leaving` answers a customer who may leave: it is sober, without thanks and without a cheerful closing."""

PartKind = Literal["greeting", "acknowledgement", "fact", "step", "link", "question", "closing"]
PartLayout = Literal["sentence", "item", "bullet"]
"""Running text, an item of a numbered list, or an item of a list with dashes."""


class Material(Record):
    """One passage that the reply may be written from; claims cite its `source_id`."""

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

    `value` fills the slot `{name}`. Claims are checked against `quote`. `spoken` is the sentence for the
    reply; it is empty if the fact only fills slots.
    """

    name: Name
    value: ShortText
    quote: Paragraph
    source_id: Id
    spoken: ShortText = ""
    observed_at: Instant | None = None


class Brief(Record):
    """Everything that a text generator may use.

    `query` is the customer's masked text: sentences are ranked by it, it must never be repeated or obeyed.
    `greeting_name` is None if no name may be used or none is known. `variant` picks among equal phrases, so
    that the same input gives the same text.
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
    """One sentence or list item of the reply; a part with `source_ids` is a claim and is checked."""

    kind: PartKind
    text: Paragraph
    source_ids: tuple[Id, ...] = ()
    layout: PartLayout = "sentence"
    paragraph: int = 0


class Composed(Record):
    """A reply in parts, in reading order; `missing` names the slots without a checked fact."""

    parts: tuple[ReplyPart, ...]
    question: ShortText | None = None
    missing: tuple[Name, ...] = ()


class TextGenerator(Protocol):
    """Writes a reply from a brief."""

    @property
    def name(self) -> str:
        """Return name and version, as a draft records them."""
        ...

    def compose(self, brief: Brief) -> Composed:
        """Return the reply in parts. The same brief gives the same reply."""
        ...
