"""Build the recording of a company's history: its moods by the model of production."""

from collections.abc import Callable, Sequence
from typing import Final

from schemas.tickets import Sentiment, Ticket
from streams.cli.composition.models import load_sentiment, token_limit
from streams.process.settings import Settings

SCORED_AT_ONCE: Final = 256
"""Messages that are scored between two reports of progress, as many as a batch of the group."""


def moods_of(
    tickets: Sequence[Ticket], settings: Settings, progress: Callable[[int], None]
) -> list[Sentiment]:
    """Return the mood of each message, in order; `progress` gets the number of messages just scored.

    The corrections that people made on a desk are not known here. Raises as `load_sentiment` does.
    """
    from streams.sentiment import handle

    if not tickets:
        return []
    model, limit = load_sentiment(settings), token_limit(settings)
    found: list[Sentiment] = []
    for start in range(0, len(tickets), SCORED_AT_ONCE):
        some = tickets[start : start + SCORED_AT_ONCE]
        scored = handle(some, model, max_tokens=limit, now=some[-1].occurred_at)
        found += [mood for mood in scored if mood is not None]
        progress(len(some))
    return found
