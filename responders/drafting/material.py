"""The passage that a draft is written from."""

from responders.generation.brief import Material
from responders.markup.converting import as_markdown
from responders.retrieval.ranking import Passage


def material_of(passage: Passage) -> Material:
    """Return a passage as material for a generator; HTML that an older build indexed becomes Markdown."""
    chunk = passage.chunk
    return Material(
        source_id=chunk.chunk_id,
        source_kind=chunk.source_kind,
        title=chunk.title,
        heading=as_markdown(chunk.heading),
        body=as_markdown(chunk.body)[:20_000],
        url=chunk.url,
        public=chunk.public,
        account_id=chunk.account_id,
        updated_at=chunk.updated_at,
    )


def is_internal(passage: Passage) -> bool:
    """Tell whether a passage is from an article that is not public."""
    return passage.chunk.source_kind == "article" and not passage.chunk.public


def may_be_used(passage: Passage, *, public: bool) -> bool:
    """Tell whether a reply may be written from a passage: never from an internal article.

    A public reply is written from public articles alone.
    """
    chunk = passage.chunk
    return chunk.public or (not public and chunk.source_kind != "article")
