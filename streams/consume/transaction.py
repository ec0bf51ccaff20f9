"""The SQL half of the pipeline: claim partitions, write batches, pause. Runs in the SQL thread."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic

from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import progress
from streams.clock import CLOCK, utc_now
from streams.consume.fates import FateWriter, Written
from streams.consume.lanes import Lanes
from streams.consume.records import Handler, Item, Lane, LaneWork, Ran, Result, Slice


class Transactions(Generic[Item, Result]):
    """Each method is one transaction, committed or rolled back as a whole."""

    def __init__(
        self, engine: Engine, writer: FateWriter[Item, Result], lanes: Lanes[Item, Result], *, owner: str
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._lanes = lanes
        self._owner = owner

    def claim(self, batch: Sequence[Slice], generation: int) -> None:
        """Raise the epoch of each partition that is new to us in this generation, and load its state."""
        wanted = self._lanes.missing(batch, generation)
        if not wanted:
            return
        with Session(self._engine) as session, session.begin():
            CLOCK.follow(progress.database_now(session))
            opened = [self._claim_one(session, item, generation) for item in wanted.items()]
        for lane, paused in opened:
            self._lanes.open(lane, paused=paused)

    def _claim_one(self, session: Session, wanted: tuple[int, int], generation: int) -> tuple[Lane, bool]:
        partition, first_offset = wanted
        place = progress.Place(self.handler.group, self.handler.topic, partition)
        claimed = progress.claim(session, place, first_offset=first_offset, owner=self._owner, now=utc_now())
        self.handler.restore(session, partition)
        return Lane(partition, generation, claimed.epoch, claimed.next_offset), claimed.paused

    @property
    def handler(self) -> Handler[Item, Result]:
        """Return the handler whose partitions these are."""
        return self._writer.handler

    def write(self, works: Sequence[LaneWork[Item, Result]], ran: Ran[Result]) -> Written:
        """Commit a batch: every record of it has its fate afterwards. Raises Fenced."""
        with Session(self._engine) as session, session.begin():
            return self._writer.write(session, works, ran, now=utc_now())

    def pausing(self, lane: Lane, reason: str) -> Callable[[], None]:
        """Return the transaction that pauses a partition, if it is still ours."""

        def pause() -> None:
            place = progress.Place(self.handler.group, self.handler.topic, lane.partition)
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
