"""The jobs on Faust in its own batching idiom: `stream.take`."""

from typing import Any

from tests.benchmarks.delivery.job import (
    BATCH_RECORDS,
    BATCH_SECONDS,
    FETCH_RECORDS,
    Detectors,
    Spec,
    load_spec,
)
from tests.benchmarks.delivery.peers.stock_faust import Effects, build_app, serve, topic_of
from tests.benchmarks.delivery.progress import Progress


def main(spec: Spec) -> None:
    """Run the spec's job."""
    app = build_app(spec)
    topic = topic_of(app, spec)
    if spec.job == "usage":
        observe, done = Detectors().observe, Progress(spec).all

        @app.agent(topic)  # type: ignore[untyped-decorator]
        async def watch(stream: Any) -> None:
            async for events in stream.take(FETCH_RECORDS, within=BATCH_SECONDS):
                for event in events:
                    observe(event)
                done(events)

    else:
        effects = Effects(spec)

        @app.agent(topic)  # type: ignore[untyped-decorator]
        async def book(stream: Any) -> None:
            async for events in stream.take(BATCH_RECORDS, within=BATCH_SECONDS):
                await effects.apply(events)

    serve(app)


if __name__ == "__main__":
    main(load_spec())
