"""The jobs on our own pipeline: the real transport, app, pipeline and usage handler; two small handlers.

`spec.job` usage: the usage handler of the product without its states and anomalies, so that only the offsets
are written; with the argument `--states` the whole handler as shipped.
"""

import hashlib
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Engine
from sqlmodel import Session
from typing_extensions import override

from streams.consume import Computed, Handler, InvalidRecord, Pipeline, PipelineOptions
from streams.consume.decode import check_key
from streams.kafka.app import Membership, build_app
from streams.kafka.brokers import Broker
from streams.kafka.records import RawRecord
from streams.kafka.worker import run_worker
from streams.process import logs
from streams.process.database import engine_of
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from streams.usage.handler import UsageChanges, UsageHandler, handle
from tests.benchmarks.delivery.effects import STATEMENTS, parameters
from tests.benchmarks.delivery.job import (
    BATCH_RECORDS,
    BATCH_SECONDS,
    COMMIT_SECONDS,
    SESSION_SECONDS,
    UNDECODABLE,
    Scores,
    Spec,
    SupportEvent,
    decode_support,
    load_spec,
)
from tests.benchmarks.delivery.progress import Progress

USAGE_RECORDS = 10_000


class Observing(UsageHandler):
    """The usage handler; it writes only the offsets."""

    def __init__(self, spec: Spec, metrics: Metrics) -> None:
        super().__init__(metrics=metrics, tolerance=timedelta(minutes=5))
        self.topic, self.group = spec.topic, spec.group
        self._progress = Progress(spec)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Any]]]) -> Computed[None, UsageChanges]:
        """Observe all events; keep no state to be saved."""
        outcomes = []
        for number, events in work:
            partition = self._partitions[number]
            fates, _ = handle(partition, events, self._policy)
            partition.changed.clear()
            outcomes.append(fates)
            self._progress.all(events)
        return Computed(outcomes)

    @override
    def write(self, session: Session, effects: Sequence[Any], extra: UsageChanges | None) -> None:
        """Write nothing."""


class Saving(UsageHandler):
    """The usage handler as shipped: states and anomalies are saved with the offsets."""

    def __init__(self, spec: Spec, metrics: Metrics) -> None:
        super().__init__(metrics=metrics, tolerance=timedelta(minutes=5))
        self.topic, self.group = spec.topic, spec.group
        self._progress = Progress(spec)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Any]]]) -> Computed[None, UsageChanges]:
        """Observe all events; pack the states."""
        computed = super().compute(work)
        for _, events in work:
            self._progress.all(events)
        return computed


class Booking(Handler[SupportEvent, float, None]):
    """The effect job: the pipeline recognises duplicates, so the effect itself is the plain idiom."""

    def __init__(self, spec: Spec) -> None:
        self.topic, self.group = spec.topic, spec.group
        self._encode = msgspec.msgpack.Encoder().encode
        self._scores = Scores()
        self._progress = Progress(spec)

    @override
    def decode(self, record: RawRecord) -> SupportEvent:
        """Return the event; raise InvalidRecord."""
        try:
            event = decode_support(record.value or b"")
        except UNDECODABLE:
            raise InvalidRecord("broken_json", "the value is no support event") from None
        check_key(record, event.account_id)
        return event

    @override
    def identity(self, item: SupportEvent) -> tuple[str, bytes]:
        """Return the id and the hash of the content, for the dedupe row."""
        return item.event_id, hashlib.blake2b(self._encode(item), digest_size=16).digest()

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[SupportEvent]]]) -> Computed[float, None]:
        """Score every event."""
        return Computed([list(self._scores.of(events)) for _, events in work])

    @override
    def write(self, session: Session, effects: Sequence[tuple[SupportEvent, float]], extra: None) -> None:
        """Book the effects of the new events."""
        if effects:
            rows = parameters([event for event, _ in effects], [score for _, score in effects])
            session.connection().exec_driver_sql(STATEMENTS["plain"], rows)

    @override
    def committed(self, effects: Sequence[tuple[SupportEvent, float]], extra: None) -> None:
        """Note the committed events."""
        self._progress.all([event for event, _ in effects])


def pipeline_of(spec: Spec, engine: Engine, *, states: bool) -> Pipeline:
    """Return the job's pipeline."""
    metrics = Metrics()
    handler: Any
    if spec.job == "effect":
        handler, options = (
            Booking(spec),
            PipelineOptions(max_records=BATCH_RECORDS, max_wait_seconds=BATCH_SECONDS),
        )
    elif states:
        records, seconds = shipped()
        handler, options = (
            Saving(spec, metrics),
            PipelineOptions(max_records=records, max_wait_seconds=seconds),
        )
    else:
        handler = Observing(spec, metrics)
        options = PipelineOptions(max_records=USAGE_RECORDS, max_wait_seconds=BATCH_SECONDS)
    return Pipeline(handler, engine, metrics=metrics, options=options)


def shipped() -> tuple[int, float]:
    """Return how often the usage group saves its states by default: records, seconds."""
    fields = Settings.model_fields
    return int(fields["usage_snapshot_records"].default), float(fields["usage_snapshot_seconds"].default)


def main(spec: Spec, *, states: bool) -> None:
    """Run the spec's job until killed."""
    logs.configure("WARNING")
    membership = Membership(
        spec.group, instance_id=f"{spec.group}-0", session_timeout_seconds=SESSION_SECONDS
    )
    pipeline = pipeline_of(spec, engine_of(spec.database), states=states)
    app = build_app([pipeline], Broker(spec.bootstrap), membership)
    app.conf.broker_commit_interval = COMMIT_SECONDS
    run_worker(app, "WARNING")


if __name__ == "__main__":
    main(load_spec(), states="--states" in sys.argv)
