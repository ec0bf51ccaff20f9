"""What several solved tickets say alike; a sentence of one customer's ticket alone is private."""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import Material
from responders.words import content_stems, overlap, sentences, words

MIN_SENTENCE_OVERLAP: Final = 0.6


def consensus(materials: Sequence[Material]) -> Material | None:
    """Return the best solved ticket's reply, cut down to sentences that another account's reply carries too.

    `materials` are solved tickets, best first. A sentence stays when some other account's reply has a
    sentence that resembles it and contains every meaningful word and number of it, so nothing peculiar to
    one customer survives. None when nothing is shared.

    >>> def solved(ticket, account, body):
    ...     return Material(
    ...         source_id=ticket, source_kind="solved_ticket", title="t", body=body, account_id=account
    ...     )
    >>> one = solved("a", "1", "Clear the cache. Your key is k9.")
    >>> consensus([one, solved("b", "2", "Clear the cache.")]).body
    'Clear the cache.'
    """
    for material in materials:
        others = [other for other in materials if other.account_id != material.account_id]
        shared = [text for text in sentences(material.body) if any(_carries(other, text) for other in others)]
        if shared:
            return material.model_copy(
                update={"body": "\n\n".join(shared), "title": "Solved tickets", "heading": ""}
            )
    return None


def _carries(other: Material, text: str) -> bool:
    wanted, everything = content_stems(text), set(words(text))
    if not wanted:
        return False
    return any(
        overlap(wanted, content_stems(candidate)) >= MIN_SENTENCE_OVERLAP
        and everything <= set(words(other.body))
        and set(wanted) <= set(content_stems(candidate))
        for candidate in sentences(other.body)
    )
