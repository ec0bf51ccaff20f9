"""Rules of the service, switched off one at a time; each mutation must make a scenario of the suite fail."""

from collections.abc import Callable
from typing import Any

from tests.faults.failpoints import patched


def install(name: str) -> None:
    """Switch one rule off in this process."""
    MUTATIONS[name]()


def _ack_before_commit() -> None:
    """Acknowledge a chunk before its SQL transaction is committed."""
    from streams.consume.pipeline import Pipeline

    def wrap(finish: Any) -> Any:
        async def acknowledged_first(self: Any, batch: Any, *rest: Any) -> None:
            for chunk in batch:
                if chunk.acknowledge is not None:
                    chunk.acknowledge()
            await finish(self, batch, *rest)

        return acknowledged_first

    patched(Pipeline, "_finish", wrap)


def _ignore_epoch() -> None:
    """Let a worker write with any epoch; only the position must match."""
    from dataclasses import replace

    from sqlalchemy import select
    from sqlmodel import col

    from responders.store import progress
    from schemas.tables import PartitionProgress as Row
    from streams.consume import fates

    def wrap(advance: Any) -> Any:
        def with_the_newest_epoch(session: Any, place: Any, step: Any, **settings: Any) -> Any:
            newest = select(col(Row.epoch)).where(
                col(Row.consumer_group) == place.group,
                col(Row.topic) == place.topic,
                col(Row.partition) == place.partition,
            )
            step = replace(step, epoch=session.execute(newest).scalar_one())
            return advance(session, place, step, **settings)

        return with_the_newest_epoch

    assert vars(fates)["progress"] is progress, "fates are written by another module: mend tests/faults"
    patched(progress, "advance", wrap)


def _faust_commit_rule() -> None:
    """Use Faust's own delivery, acknowledgement and commit rule."""
    from faust.transport.consumer import Consumer as Stock

    from streams.kafka.transport import Consumer

    for name in ("ack", "_new_offset", "_filter_tps_with_pending_acks", "_drain_messages"):
        assert name in vars(Consumer), f"the transport has no {name} of its own any more: mend tests/faults"
        setattr(Consumer, name, getattr(Stock, name))


def _no_dedupe_row() -> None:
    """Treat every arrival of an event as its first."""
    from streams.consume.fates import FateWriter

    def wrap(_: Any) -> Any:
        def all_first(self: Any, session: Any, candidates: Any, now: Any) -> Any:
            return [(item, result) for _, item, result in candidates], []

        return all_first

    patched(FateWriter, "_first_sightings", wrap)


def _trust_the_groups_offset() -> None:
    """Trust the group's offset: read no record before it again."""
    from streams.consume.holes import EmptyRanges
    from streams.consume.steps import Steps

    async def look_at_nothing(_: Any) -> None:
        """Leave the ends of partitions alone."""

    patched(EmptyRanges, "is_hole", lambda _: lambda *_: False)
    patched(Steps, "look_at_resting_partitions", lambda _: look_at_nothing)


MUTATIONS: dict[str, Callable[[], None]] = {
    "ack-before-commit": _ack_before_commit,
    "ignore-epoch": _ignore_epoch,
    "faust-commit-rule": _faust_commit_rule,
    "no-dedupe-row": _no_dedupe_row,
    "trust-the-groups-offset": _trust_the_groups_offset,
}
