"""The jobs on Bytewax: its Kafka source, its error stream for poison, recovery once a second.

Offsets are in its recovery store, not on the broker; an epoch of a second closes after its writes.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import psycopg
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from tests.benchmarks.delivery.effects import STATEMENTS, parameters, plain_url
from tests.benchmarks.delivery.job import (
    COMMIT_SECONDS,
    Detectors,
    Scores,
    Spec,
    decode_support,
    load_spec,
    usage_decoder,
)
from tests.benchmarks.delivery.progress import Progress


class EffectPartition(StatelessSinkPartition):  # type: ignore[misc]
    """Write each batch of the dataflow in one transaction."""

    def __init__(self, spec: Spec) -> None:
        self._statement = STATEMENTS[spec.idiom]
        self._connection = psycopg.connect(plain_url(spec.database), autocommit=True)
        self._scores = Scores()
        self._progress = Progress(spec)

    def write_batch(self, items: list[Any]) -> None:
        """Apply the effects of some messages."""
        events = [item.value for item in items]
        self._connection.execute(self._statement, parameters(events, self._scores.of(events)))
        self._progress.all(events)


class EffectSink(DynamicSink):  # type: ignore[misc]
    """A sink without its own state: replayed records come again after a crash."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def build(self, step_id: str, worker_index: int, worker_count: int) -> EffectPartition:
        """Open the one partition of the one worker."""
        return EffectPartition(self._spec)


class Nowhere(DynamicSink):  # type: ignore[misc]
    """An output that drops everything: Bytewax demands an output, and the usage job has none."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Any:
        """Open a partition that drops its items."""
        return _Dropping()


class _Dropping(StatelessSinkPartition):  # type: ignore[misc]
    def write_batch(self, items: list[Any]) -> None:
        """Drop the items."""


class Decoding:
    """The decoder of `deserialize_value`, which sends records that raise to the error stream."""

    def __call__(self, value: bytes, ctx: Any) -> Any:
        """Return the decoded value."""
        return decode_support(value)


def usage_flow(spec: Spec, source: KafkaSource) -> Dataflow:
    """Return the usage job: decode and detect by batches, as the guide advises for speed."""
    decode, observe, done = usage_decoder(), Detectors().observe, Progress(spec).all

    def watch(messages: list[Any]) -> Sequence[Any]:
        events = [decode(message.value) for message in messages]
        for event in events:
            observe(event)
        done(events)
        return ()

    flow = Dataflow("usage")
    watched = op.flat_map_batch("watch", op.input("in", flow, source), watch)
    op.output("out", watched, Nowhere())
    return flow


def effect_flow(spec: Spec, source: KafkaSource) -> Dataflow:
    """Return the effect job: decoded values to the sink, errors to the dead letter topic."""
    flow = Dataflow("effect")
    decoded = kop.deserialize_value("decode", op.input("in", flow, source), Decoding())
    op.output("effects", decoded.oks, EffectSink(spec))
    letters = op.map("letter", decoded.errs, lambda error: KafkaSinkMessage(error.msg.key, error.msg.value))
    kop.output("letters", letters, brokers=[spec.bootstrap], topic=spec.dead_letters)
    return flow


def main(spec: Spec) -> None:
    """Run the spec's job until killed; a restart resumes from the recovery store."""
    store = Path(spec.folder) / "bytewax"
    if not store.exists():
        store.mkdir()
        init_db_dir(store, 1)
    source = KafkaSource([spec.bootstrap], [spec.topic])
    flow = usage_flow(spec, source) if spec.job == "usage" else effect_flow(spec, source)
    cli_main(flow, epoch_interval=timedelta(seconds=COMMIT_SECONDS), recovery_config=RecoveryConfig(store))


if __name__ == "__main__":
    main(load_spec())
