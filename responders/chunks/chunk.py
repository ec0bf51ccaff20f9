"""The passage that can be found and cited, and the ids of sources and passages."""

import hashlib
from typing import Final

from schemas.base import Id, Instant, Name, Paragraph, Record, Url
from schemas.knowledge import KnowledgeArticle, Macro, SolvedTicket
from schemas.tickets import SourceKind

KnowledgeSource = KnowledgeArticle | Macro | SolvedTicket

MAX_SOURCE_ID_CHARS: Final = 180


class KnowledgeChunk(Record):
    """One passage that can be found and cited: an article's section, a macro, or a solved ticket's reply.

    `heading` is the section's heading, the macro's question or the solved ticket's question. `account_id` is
    whose solved ticket it was; nothing of it may reach another account unless several accounts share it.
    """

    chunk_id: Id
    source_id: Id
    source_kind: SourceKind
    title: Name
    heading: Paragraph = ""
    body: Paragraph
    url: Url | None = None
    tags: tuple[Name, ...] = ()
    public: bool = False
    position: int = 0
    account_id: Id | None = None
    updated_at: Instant


def source_id_of(source: KnowledgeSource) -> str:
    """Return the id under which a source is stored and cited, distinct across kinds; long ids are hashed.

    >>> source_id_of(Macro(macro_id="m1", title="t", question="q", body="b", updated_at="2026-01-01T00:00Z"))
    'macro:m1'
    """
    kind, own_id = kind_and_id(source)
    return source_id_for(kind, own_id)


def kind_and_id(source: KnowledgeSource) -> tuple[SourceKind, str]:
    """Return the kind of a source and the id that it has in the operator's own system."""
    if isinstance(source, KnowledgeArticle):
        return "article", source.article_id
    if isinstance(source, Macro):
        return "macro", source.macro_id
    return "solved_ticket", source.ticket_id


def source_id_for(kind: SourceKind, own_id: str) -> str:
    """Return the id under which a source of this kind and this own id is stored and cited."""
    if len(own_id) + len(kind) >= MAX_SOURCE_ID_CHARS:
        own_id = hashlib.sha256(own_id.encode()).hexdigest()
    return f"{kind}:{own_id}"


def source_of_chunk(chunk_id: str) -> str:
    """Return the id of the source of which a chunk is a part.

    >>> source_of_chunk("article:exports#2")
    'article:exports'
    """
    return chunk_id.rpartition("#")[0] or chunk_id
