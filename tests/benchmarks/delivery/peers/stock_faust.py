"""The jobs on Faust as its guide teaches it: a codec, an agent, `async for`; acknowledged by Faust itself."""

import logging
from collections.abc import Callable
from typing import Any

import faust
import psycopg
from faust.serializers import codecs

from tests.benchmarks.delivery.effects import STATEMENTS, parameters, plain_url
from tests.benchmarks.delivery.job import (
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


class Decoding(codecs.Codec):  # type: ignore[misc]
    """A codec around one of msgspec's decoders."""

    def __init__(self, decode: Callable[[bytes], Any]) -> None:
        super().__init__()
        self._decode = decode

    def _loads(self, s: bytes) -> Any:
        return self._decode(s)


class Effects:
    """One transaction per batch, on a connection that opens with the first batch."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._connection: Any = None
        self._scores = Scores()
        self._progress = Progress(spec)

    async def apply(self, events: list[Any]) -> None:
        """Apply the effects of some events."""
        if self._connection is None:
            url = plain_url(self._spec.database)
            self._connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        rows = parameters(events, self._scores.of(events))
        await self._connection.execute(STATEMENTS[self._spec.idiom], rows)
        self._progress.all(events)


def build_app(spec: Spec) -> Any:
    """Return the app without its agent; all other settings are Faust's defaults."""
    return faust.App(
        spec.group,
        broker=f"kafka://{spec.bootstrap}",
        datadir=f"{spec.folder}/faust",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=COMMIT_SECONDS,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=3.0,
        consumer_group_instance_id=f"{spec.group}-0",
    )


def topic_of(app: Any, spec: Spec) -> Any:
    """Return the topic with values decoded by Faust."""
    decode = usage_decoder() if spec.job == "usage" else decode_support
    codecs.register("validated", Decoding(decode))
    return app.topic(spec.topic, key_serializer="raw", value_serializer="validated")


def serve(app: Any) -> None:
    """Run the worker until killed."""
    logging.basicConfig(level="WARNING")
    options = {"override_logging": False, "redirect_stdouts": False, "quiet": True}
    faust.Worker(app, loglevel="WARNING", **options).execute_from_commandline()


def main(spec: Spec) -> None:
    """Run the spec's job."""
    app = build_app(spec)
    topic = topic_of(app, spec)
    if spec.job == "usage":
        observe, done = Detectors().observe, Progress(spec).one

        @app.agent(topic)  # type: ignore[untyped-decorator]
        async def watch(stream: Any) -> None:
            async for event in stream:
                observe(event)
                done(event)

    else:
        effects = Effects(spec)

        @app.agent(topic)  # type: ignore[untyped-decorator]
        async def book(stream: Any) -> None:
            async for event in stream:
                await effects.apply([event])

    serve(app)


if __name__ == "__main__":
    main(load_spec())
