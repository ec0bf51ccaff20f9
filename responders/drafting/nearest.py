"""The passages that help a person who writes a reply without a draft, and what a reply may take from them."""

from collections.abc import Mapping, Sequence
from typing import Final

from responders.chunks.chunk import KnowledgeChunk
from responders.generation.passages import plain
from responders.generation.slots import fill
from responders.markup.converting import as_markdown
from responders.markup.tags import untagged
from responders.privacy.pseudonyms import has_placeholder
from responders.retrieval.ranking import Passage

NEAREST: Final = 6
"""Passages that a draft keeps for a person. Chosen by hand: a right passage is among the first five."""


def nearest_of(*found: Sequence[Passage]) -> tuple[str, ...]:
    """Return the ids of the nearest passages, best first, at most NEAREST and each id once.

    `found` has the passages of each ask, best first; the asks take turns, so that each keeps its best ones.
    """
    longest = max(map(len, found), default=0)
    turns = [passages[place] for place in range(longest) for passages in found if place < len(passages)]
    return tuple(dict.fromkeys(passage.chunk.chunk_id for passage in turns))[:NEAREST]


def kept_inside(chunk: KnowledgeChunk, *, account_id: str, public: bool) -> str | None:
    """Return why a passage must not be inserted into a reply to this account; None if it may be.

    `public` tells that everybody can read the reply, as in a forum.
    """
    if chunk.source_kind == "article":
        return None if chunk.public else "Internal: for your eyes only."
    if chunk.source_kind == "macro":
        return None
    if public or chunk.account_id != account_id:
        return "A reply to another customer: read it, and answer in your own words."
    return "It contains personal values: read it only." if has_placeholder(chunk.body) else None


def insertion(chunk: KnowledgeChunk, values: Mapping[str, str]) -> str:
    r"""Return a passage as plain text for a reply: without marks, known slots filled, with its public link.

    An unknown slot stays, so that the person sees what to fill in.

    >>> from datetime import UTC, datetime
    >>> told = {"chunk_id": "macro:m#0", "source_id": "macro:m", "source_kind": "macro", "title": "Seats"}
    >>> chunk = KnowledgeChunk(**told, body="You have **{seats}** seats.", updated_at=datetime.now(UTC))
    >>> insertion(chunk, {"seats": "81"})
    'You have 81 seats.'
    """
    lines = as_markdown(untagged(fill(chunk.body, dict(values)))).split("\n")
    text = "\n".join(plain(line) for line in lines).strip()
    return f"{text}\n\nRead more: {chunk.url}" if chunk.public and chunk.url else text
