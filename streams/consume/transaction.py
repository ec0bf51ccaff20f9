"""The SQL half of the pipeline: claim partitions, load their state, write batches. Runs in the SQL thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from responders.store import progress
from streams.consume.errors import Fenced
from streams.consume.fates import FateWriter, Written
from streams.consume.records import Computed, Handler, Item, Lane, LaneWork, Result
from streams.process.clock import CLOCK, utc_now
from streams.process.errors import sqlstate_of

RESTORE_IDLE_SECONDS: Final = 30.0
"""How long a restore may stand still between two statements. It holds no lock that another worker waits for,
so it may take longer than a claim or a write, which the engine's own limit ends."""

ROW_CHANGED: Final = "40001"
"""What PostgreSQL answers to a lock on a row that somebody changed since the snapshot."""


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """A partition just claimed, whose state is not loaded yet; `paused`: it waits there for a person."""

    lane: Lane
    paused: bool


class Transactions(Generic[Item, Result]):
    """Each method is one transaction, committed or rolled back as a whole."""

    def __init__(self, engine: Engine, writer: FateWriter[Item, Result], *, owner: str) -> None:
        self._engine = engine
        self._writer = writer
        self._owner = owner

    def claim(self, wanted: Mapping[int, int], generation: int) -> list[ClaimedLane]:
        """Raise the epoch of partitions, each given with the offset at which it begins; load nothing.

        The transaction is short, as others who claim wait for its locks. After its commit no older owner
        can write: what it does not hold under a lock by now is refused by the epoch. So the state that
        `restore` reads later is the one of the offset returned here.
        """
        with Session(self._engine) as session, session.begin():
            CLOCK.follow(progress.database_now(session))
            # In one order everywhere, so that two workers who claim the same never wait for each other.
            return [self._claim_one(session, item, generation) for item in sorted(wanted.items())]

    def _claim_one(self, session: Session, wanted: tuple[int, int], generation: int) -> ClaimedLane:
        partition, first_offset = wanted
        claimed = progress.claim(
            session, self._place(partition), first_offset=first_offset, owner=self._owner, now=utc_now()
        )
        lane = Lane(partition, generation, claimed.epoch, claimed.next_offset)
        return ClaimedLane(lane, claimed.paused)

    def restore(self, lane: Lane) -> None:
        """Load the state of a partition just claimed, as of one moment; raises Fenced where that is too late.

        Reading takes long and locks nothing that others wait for. A newer owner may claim and write
        meanwhile: then the snapshot still is of one moment, and nothing that the handler set aside is
        committed, as the epoch is held against the row at the end, under a lock of that moment.
        """
        with Session(self._engine) as session, session.begin():
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            progress.allow_idle(session, RESTORE_IDLE_SECONDS)
            self.handler.restore(session, lane.partition)
            if not self._still_owns(session, lane):
                raise Fenced(f"partition {lane.partition} of {self.handler.topic} has another owner")

    def _still_owns(self, session: Session, lane: Lane) -> bool:
        try:
            return progress.owns(session, self._place(lane.partition), epoch=lane.epoch)
        except OperationalError as error:
            if sqlstate_of(error) != ROW_CHANGED:
                raise
            return False

    def _place(self, partition: int) -> progress.Place:
        return progress.Place(self.handler.group, self.handler.topic, partition)

    @property
    def handler(self) -> Handler[Item, Result]:
        """Return the handler whose partitions these are."""
        return self._writer.handler

    def write(self, works: Sequence[LaneWork[Item, Result]], computed: Computed[Result]) -> Written:
        """Commit a batch: every record of it has its fate afterwards. Raises Fenced."""
        with Session(self._engine) as session, session.begin():
            return self._writer.write(session, works, computed, now=utc_now())

    def pausing(self, lane: Lane, reason: str) -> Callable[[], None]:
        """Return the transaction that pauses a partition, if it is still ours."""

        def pause() -> None:
            place = self._place(lane.partition)
            with Session(self._engine) as session, session.begin():
                progress.pause(session, place, epoch=lane.epoch, reason=reason, now=utc_now())

        return pause

    def look(self) -> tuple[datetime, dict[int, str]]:
        """Return the database's time, and why each paused partition of the topic is paused."""
        with Session(self._engine) as session, session.begin():
            paused = progress.paused_places(session, self.handler.group, self.handler.topic)
            return progress.database_now(session), paused

    def next_offsets(self) -> dict[int, int]:
        """Return the next offset without a fate of each partition of the topic that was ever claimed."""
        with Session(self._engine) as session, session.begin():
            return progress.next_offsets(session, self.handler.group, self.handler.topic)

    def idle(self, turn: Callable[[Session], None]) -> None:
        """Commit what a handler does of itself while no records come."""
        with Session(self._engine) as session, session.begin():
            turn(session)
