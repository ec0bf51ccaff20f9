"""The common part of several solved tickets. A sentence of only one customer's ticket is private."""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import Material
from responders.words import content_stems, overlap, sentences, words

MIN_SENTENCE_OVERLAP: Final = 0.6
"""Jaccard overlap of stems from which two sentences say the same. Chosen by hand."""


def consensus(materials: Sequence[Material]) -> Material | None:
    """Return the best solved ticket's reply, cut down to the sentences that another account's reply has too.

    `materials` are solved tickets, best first. A sentence stays if a reply to another account has a similar
    sentence with every meaningful word and number of it, so nothing peculiar to one customer remains.
    Returns None if no sentence is shared.

    >>> def solved(ticket, account, body):
    ...     return Material(
    ...         source_id=ticket, source_kind="solved_ticket", title="t", body=body, account_id=account
    ...     )
    >>> best = solved("a", "1", "Clear the cache. Your key is k9.")
    >>> consensus([best, solved("b", "2", "Clear the cache.")]).body
    'Clear the cache.'
    """
    for material in materials:
        others = [other for other in materials if other.account_id != material.account_id]
        shared = [text for text in sentences(material.body) if any(_has(other, text) for other in others)]
        if shared:
            return material.model_copy(
                update={"body": "\n\n".join(shared), "title": "Solved tickets", "heading": ""}
            )
    return None


def _has(other: Material, text: str) -> bool:
    wanted, everything = content_stems(text), set(words(text))
    if not wanted:
        return False
    return any(
        overlap(wanted, content_stems(candidate)) >= MIN_SENTENCE_OVERLAP
        and everything <= set(words(other.body))
        and set(wanted) <= set(content_stems(candidate))
        for candidate in sentences(other.body)
    )
