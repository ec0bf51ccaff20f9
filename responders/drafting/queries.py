"""The vectors of the queries of many drafts, from one call."""

from collections.abc import Sequence

from responders.retrieval.embedding import Embedder, EmbeddingArray


def query_vectors(queries: Sequence[str | None], embedder: Embedder) -> list[EmbeddingArray | None]:
    """Return the unit vector of each query, in order, from one call; None for None.

    >>> query_vectors([None], embedder=None)
    [None]
    """
    asked = [query for query in queries if query is not None]
    rows = iter(embedder.embed(asked)) if asked else iter(())
    return [None if query is None else next(rows) for query in queries]
