"""Run one consumer group's process on Faust, and answer health checks."""

import gc
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import faust

from streams.kafka.app import GroupApp
from streams.process.health import Checks, Probe, Why, beats


def worker_checks(app: GroupApp, probes: Sequence[Probe], *, stall_seconds: float) -> Checks:
    """Return the health checks of a worker: alive while its pipelines turn, ready while nothing is away."""

    def last_beat() -> float:
        return min(pipeline.beat for pipeline in app.pipelines)

    return Checks(beats(last_beat, stall_seconds=stall_seconds), lambda: _unready(app), probes)


def _unready(app: GroupApp) -> Why:
    """Return why a live worker should get no traffic, if there is a reason."""
    waiting = next((p.waiting_for for p in app.pipelines if p.waiting_for), None)
    reasons = {
        "stopping": app.should_stop,
        f"waiting for the {waiting}": waiting is not None,
        "no partitions assigned yet": not app.assigned(),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


GC_THRESHOLDS = (50_000, 50, 100)
"""Python looks for cycles after every 700 new objects: a chunk of records is thousands, without any cycle."""


def run_worker(app: GroupApp, log_level: str) -> None:
    """Serve until SIGTERM or SIGINT; returns after a clean stop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    options = {"override_logging": False, "redirect_stdouts": False, "quiet": True}
    worker: Any = faust.Worker(app, loglevel=log_level, **options)
    # Faust's spinner ends by writing terminal codes, also into a log file.
    worker.spinner = None
    with suppress(SystemExit):
        worker.execute_from_commandline()
