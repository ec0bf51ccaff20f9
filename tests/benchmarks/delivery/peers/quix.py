"""The jobs on Quix Streams: `update` for the detector, a custom `BatchingSink` for the effects.

Undecodable values: `on_consumer_error` returns True, which logs and skips the record.
"""

import logging
from typing import Any

import psycopg
from quixstreams import Application
from quixstreams.models import Deserializer
from quixstreams.sinks import BatchingSink, SinkBatch

from tests.benchmarks.delivery.effects import STATEMENTS, parameters, plain_url
from tests.benchmarks.delivery.job import (
    BATCH_RECORDS,
    COMMIT_SECONDS,
    SESSION_SECONDS,
    Detectors,
    Scores,
    Spec,
    decode_support,
    load_spec,
    usage_decoder,
)
from tests.benchmarks.delivery.progress import Progress


class Decoding(Deserializer):  # type: ignore[misc]
    """A deserializer around one of msgspec's decoders."""

    def __init__(self, decode: Any) -> None:
        super().__init__()
        self._decode = decode

    def __call__(self, value: bytes, ctx: Any) -> Any:
        """Return the decoded value; an error goes to `on_consumer_error`."""
        return self._decode(value)


class EffectSink(BatchingSink):  # type: ignore[misc]
    """Write the records since the last checkpoint, before the checkpoint commits the offsets."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self._statement = STATEMENTS[spec.idiom]
        self._scores = Scores()
        self._progress = Progress(spec)
        self._url = plain_url(spec.database)

    def setup(self) -> None:
        """Connect; the base class calls this."""
        self._connection = psycopg.connect(self._url, autocommit=True)

    def write(self, batch: SinkBatch) -> None:
        """Apply the effects of one partition, in transactions of the same size as the other systems."""
        for items in batch.iter_chunks(BATCH_RECORDS):
            events = [item.value for item in items]
            rows = parameters(events, self._scores.of(events))
            self._connection.execute(self._statement, rows)
            self._progress.all(events)


def skip(error: Exception, message: Any, logger: logging.Logger) -> bool:
    """Log the error of an undecodable record, and go on."""
    logger.error("skipped a record: %s", type(error).__name__)
    return True


def main(spec: Spec) -> None:
    """Run the spec's job until killed."""
    usage = spec.job == "usage"
    app = Application(
        broker_address=spec.bootstrap,
        consumer_group=spec.group,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        processing_guarantee="at-least-once",
        auto_create_topics=False,
        use_changelog_topics=False,
        state_dir=f"{spec.folder}/quix",
        loglevel="WARNING",
        on_consumer_error=skip,
        consumer_extra_config={
            "group.instance.id": f"{spec.group}-0",
            "session.timeout.ms": int(SESSION_SECONDS * 1_000),
        },
    )
    decode = usage_decoder() if usage else decode_support
    frame = app.dataframe(
        app.topic(spec.topic, value_deserializer=Decoding(decode), key_deserializer="bytes")
    )
    if usage:
        observe, done = Detectors().observe, Progress(spec).one

        def watch(event: Any) -> None:
            observe(event)
            done(event)

        frame.update(watch)
    else:
        frame.sink(EffectSink(spec))
    app.run()


if __name__ == "__main__":
    main(load_spec())
