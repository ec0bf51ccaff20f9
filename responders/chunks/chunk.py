"""A chunk of knowledge, and the ids of sources and chunks."""

import hashlib
from typing import Final

from schemas.base import Id, Instant, Name, Paragraph, Record, Url
from schemas.knowledge import KnowledgeArticle, Macro, SolvedTicket
from schemas.tickets import SourceKind

KnowledgeSource = KnowledgeArticle | Macro | SolvedTicket

MAX_SOURCE_ID_CHARS: Final = 180
"""A longer id is hashed, so that the id of a chunk fits into the 200 characters of `schemas.base.Id`."""


class KnowledgeChunk(Record):
    """A piece of a source that is found and cited: an article's section, a macro, or a solved ticket's reply.

    `heading` is the section's heading, or the question of the macro or solved ticket. `account_id` is the
    account of a solved ticket; its words must not reach another account unless several accounts share them.
    `position` counts the chunks of a source from 0.
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
    """Return the id under which a source is stored and cited; it differs between kinds; a long id is hashed.

    >>> source_id_of(Macro(macro_id="m1", title="t", question="q", body="b", updated_at="2026-01-01T00:00Z"))
    'macro:m1'
    """
    kind, own_id = kind_and_id(source)
    return source_id_for(kind, own_id)


def kind_and_id(source: KnowledgeSource) -> tuple[SourceKind, str]:
    """Return the kind of a source and its id in the operator's own system."""
    if isinstance(source, KnowledgeArticle):
        return "article", source.article_id
    if isinstance(source, Macro):
        return "macro", source.macro_id
    return "solved_ticket", source.ticket_id


def source_id_for(kind: SourceKind, own_id: str) -> str:
    """Return the id under which a source is stored and cited, from its kind and its own id."""
    if len(own_id) + len(kind) >= MAX_SOURCE_ID_CHARS:
        own_id = hashlib.sha256(own_id.encode()).hexdigest()
    return f"{kind}:{own_id}"


def source_of_chunk(chunk_id: str) -> str:
    """Return the id of the source that a chunk belongs to.

    >>> source_of_chunk("article:exports#2")
    'article:exports'
    """
    return chunk_id.rpartition("#")[0] or chunk_id
