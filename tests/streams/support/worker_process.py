"""A worker as users run it, with small real handlers. Arguments: kind, bootstrap servers, database URL."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine

from detectors.sentiment import LexiconSentiment
from schemas import Ticket
from streams.consume import Computed, Pipeline, PipelineOptions
from streams.kafka.app import Membership, build_app
from streams.kafka.brokers import Broker
from streams.kafka.worker import run_worker
from streams.process import logs
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler

TOLERANCE = timedelta(minutes=5)


class Stumbling(SentimentHandler):
    """Scores like the real handler, but raises if a subject says so: a bug in our own code."""

    def compute(self, work: Sequence[tuple[int, Sequence[Ticket]]]) -> Computed[Any, Any]:
        if any(ticket.subject == "raise in run" for _, tickets in work for ticket in tickets):
            raise RuntimeError("a bug")
        return super().compute(work)

    def write(self, session: Any, effects: Any, extra: Any) -> None:
        if any(ticket.subject == "raise in write" for ticket, _ in effects):
            raise ZeroDivisionError
        super().write(session, effects, extra)


def handler_of(kind: str, metrics: Metrics) -> Any:
    # Each kind imports a handler with libraries that the other kinds need not wait for.
    if kind == "usage":
        from streams.usage.handler import UsageHandler

        return UsageHandler(metrics=metrics, tolerance=TOLERANCE)
    if kind == "churn":
        from streams.churn import ChurnHandler

        return ChurnHandler(metrics=metrics)
    return Stumbling(LexiconSentiment(), metrics=metrics, max_tokens=4096, tolerance=TOLERANCE)


def main(kind: str, bootstrap_servers: str, database_url: str) -> None:
    logs.configure("INFO")
    metrics, broker = Metrics(), Broker(bootstrap_servers)
    engine = create_engine(database_url, pool_pre_ping=True)
    options = PipelineOptions(max_records=200, max_wait_seconds=0.02)
    pipeline = Pipeline(handler_of(kind, metrics), engine, metrics=metrics, options=options)
    membership = Membership(kind, session_timeout_seconds=6.0, shutdown_seconds=20)
    run_worker(build_app([pipeline], broker, membership), "INFO")


if __name__ == "__main__":
    main(*sys.argv[1:])
