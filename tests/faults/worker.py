"""A worker, relay or desk as users run it, with one fault or one switched-off rule.

    python -m tests.faults.worker KIND [--failpoint NAME[:N]] [--mutation NAME] [-- ARGUMENT ...]

KIND is a consumer group, or a command such as `relay`. Everything else comes from the environment
(`RAPPORT_...`), and the process runs the entry point of the command line. Only the sentiment model is
smaller: loading the real model takes ten seconds, and no row checks its scores.
"""

import argparse
import logging
import sys
from typing import Any

from tests.faults import failpoints, mutations

GROUPS = ("sentiment", "usage", "churn", "drafting")
LEXICON_MAX_TOKENS = 4_096


def take_the_small_model() -> None:
    """Replace the builder of the sentiment group by a builder with the lexicon model."""
    from streams.cli.composition import groups

    def lexicon_sentiment(parts: Any) -> list[Any]:
        from detectors.sentiment import LexiconSentiment
        from streams.sentiment import SentimentHandler

        model = LexiconSentiment()
        limits = {"max_tokens": LEXICON_MAX_TOKENS, "tolerance": parts.settings.future_tolerance}
        return [SentimentHandler(model, metrics=parts.metrics, **limits)]

    assert "sentiment" in groups._BUILDERS
    groups._BUILDERS["sentiment"] = lexicon_sentiment


def tell_generations() -> None:
    """Log a line for each generation of the group that this process joins; the service itself logs none."""
    logger = logging.getLogger("aiokafka.consumer.group_coordinator")
    plain = logging.StreamHandler(sys.stderr)
    plain.addFilter(lambda record: record.getMessage().startswith("Joined group"))
    logger.addHandler(plain)
    logger.setLevel(logging.INFO)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser("python -m tests.faults.worker")
    parser.add_argument("kind")
    parser.add_argument("--failpoint")
    parser.add_argument("--mutation")
    parser.add_argument("rest", nargs="*")
    chosen = parser.parse_args(arguments)
    if chosen.kind == "sentiment":
        take_the_small_model()
    tell_generations()
    if chosen.failpoint:
        failpoints.install(chosen.failpoint)
    if chosen.mutation:
        mutations.install(chosen.mutation)
    command = ["worker", chosen.kind] if chosen.kind in GROUPS else [chosen.kind]
    from streams.cli import main as command_line

    sys.argv = ["rapport", *command, *chosen.rest]
    command_line()


if __name__ == "__main__":
    main(sys.argv[1:])
