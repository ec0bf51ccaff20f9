"""The passage that a draft is written from."""

from functools import lru_cache

from responders.generation.brief import Material
from responders.markup.converting import as_markdown
from responders.policy.injections import orders_in
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
        nearness=passage.sentences,
    )


def is_internal(passage: Passage) -> bool:
    """Tell whether a passage is from an article that is not public."""
    return passage.chunk.source_kind == "article" and not passage.chunk.public


def warnings_of_orders(title: str, body: str) -> list[str]:
    """Return a warning for each way in which a source gives orders to a text generator; mostly none."""
    return [
        f"The source “{title[:100]}” {order}: nothing of it was used or followed." for order in _orders(body)
    ]


@lru_cache(maxsize=5_000)
def _orders(body: str) -> tuple[str, ...]:
    """Return the orders of a source; the sources of a knowledge base come again and again."""
    return orders_in(body)


def may_be_used(passage: Passage, *, public: bool) -> bool:
    """Tell whether a reply may be written from a passage: never from an internal article.

    A public reply is written from public articles alone. A passage that gives orders to a text generator is
    never used: somebody has changed it for a purpose.
    """
    chunk = passage.chunk
    if _orders(chunk.body):
        return False
    return chunk.public or (not public and chunk.source_kind != "article")
