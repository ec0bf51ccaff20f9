"""The queries of many drafts, read by the encoder in two calls."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from responders.retrieval.embedding import Embedder
from responders.retrieval.query import Query, focused, query_of


def queries_of(asked: Sequence[Sequence[str]], embedder: Embedder) -> list[tuple[Query, ...]]:
    """Return the queries of each draft, in order.

    Each draft asks with a message and then the asks in it, which each become a query; a message without asks
    is one query, and a draft may ask nothing.

    >>> queries_of([[]], embedder=None)
    [()]
    """
    messages = [texts[0] for texts in asked if texts]
    focuses = [focus for texts in asked for focus in texts[1:]]
    read = iter(list(zip(messages, embedder.read(messages), strict=True)) if messages else [])
    vectors = embedder.embed(focuses) if focuses else np.zeros((0, 384), dtype=np.float32)
    ends = np.cumsum([0, *(len(texts[1:]) for texts in asked)])
    found: list[tuple[Query, ...]] = []
    for texts, (start, end) in zip(asked, pairwise(ends), strict=True):
        whole = query_of(*next(read)) if texts else None
        own = zip(texts[1:], vectors[start:end], strict=True)
        within = tuple(focused(whole, focus, vector) for focus, vector in own) if whole else ()
        found.append(within or ((whole,) if whole else ()))
    return found
