"""What the operator knows: accounts, articles, macros, solved tickets."""

from schemas.base import Id, Instant, Line, Name, Paragraph, Record, Url


class Account(Record):
    """A paying customer; every commercial field may be unknown."""

    account_id: Id
    name: Name
    plan: Line | None = None
    seats: int | None = None
    annual_revenue: float | None = None
    renewal_on: Instant | None = None
    region: Line | None = None
    owner: Line | None = None


class KnowledgeArticle(Record):
    """One help article; `body` is Markdown with `## ` headings. Only `public` ones may be linked."""

    article_id: Id
    title: Name
    body: Paragraph
    url: Url | None = None
    tags: tuple[Name, ...] = ()
    public: bool = True
    updated_at: Instant


class Macro(Record):
    """A reply template of the support team; `{slot}` names are filled from checked facts only.

    `question` says, in a customer's words, what the macro answers.
    """

    macro_id: Id
    title: Name
    question: Line
    body: Paragraph
    tags: tuple[Name, ...] = ()
    updated_at: Instant


class SolvedTicket(Record):
    """A ticket of the past with the reply that solved it."""

    ticket_id: Id
    account_id: Id
    question: Paragraph
    answer: Paragraph
    tags: tuple[Name, ...] = ()
    solved_at: Instant
