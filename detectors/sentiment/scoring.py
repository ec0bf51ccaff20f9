"""What scorers share that read windows of tokens in padded batches."""

from collections.abc import Sequence

from detectors.sentiment.batching import padded_batches
from detectors.sentiment.scores import Prepared, SentimentScore, SentimentScorer


def padded_tokens(items: Sequence[Prepared]) -> list[int]:
    """Return the padded tokens of each item: longest window times windows; 0 for an abstention."""
    return [len(item.windows) * max(map(len, item.windows), default=0) for item in items]


def score_in_batches(
    scorer: SentimentScorer, texts: Sequence[str], *, max_tokens: int
) -> list[SentimentScore]:
    """Prepare, batch within `max_tokens` padded tokens and run; one score per text, in order.

    A single item longer than `max_tokens` runs alone.
    """
    items = scorer.prepare_all(texts)
    scores: dict[int, SentimentScore] = {}
    for rows in padded_batches(scorer.lengths(items), max_tokens):
        scores.update(zip(rows, scorer.run([items[row] for row in rows]), strict=True))
    return [scores[row] for row in range(len(items))]
